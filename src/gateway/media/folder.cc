#include "gateway/media/folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "base/log.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace pigeond::gateway {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLookAgain = 4u << 20;  // bytes that are written between looks at the space
constexpr std::size_t kName = 16;               // bytes of a hash; twice as many digits
constexpr std::string_view kPart = "part-";

Error broken(const std::string& what) {
  const int number = errno;
  return fail(Cause::io, what + ": " + std::strerror(number), number);
}

std::string digits(ByteView secret, const std::string& of) {
  return hex_lower(ByteView(crypto::hmac_sha256(secret, as_bytes(of))).first(kName));
}

timespec time_of(Millis wall) {
  return {static_cast<time_t>(wall / kSecond), static_cast<long>(wall % kSecond) * 1000000};
}

// A name in a folder is on the disk once the folder is.
void sync_folder(const std::string& path) {
  const net::UniqueFd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder) ::fsync(folder.get());
}

struct Kept {
  std::string path;
  Millis used = 0;  // wall
  std::uint64_t size = 0;
};

std::vector<Kept> files_in(const std::string& folder) {
  std::vector<Kept> out;
  std::error_code ignored;
  for (fs::recursive_directory_iterator at(folder, ignored), end; !ignored && at != end;
       at.increment(ignored)) {
    struct stat about = {};
    if (::lstat(at->path().c_str(), &about) != 0 || !S_ISREG(about.st_mode)) continue;
    out.push_back({at->path().string(),
                   Millis{about.st_mtim.tv_sec} * kSecond + about.st_mtim.tv_nsec / 1000000,
                   static_cast<std::uint64_t>(about.st_size)});
  }
  return out;
}

}  // namespace

MediaFolder::MediaFolder(std::string path, Bytes secret, MediaLimits limits)
    : path_(std::move(path)), secret_(std::move(secret)), limits_(limits) {}

std::string MediaFolder::name_of(const std::string& session, const std::string& message) const {
  return digits(secret_, "file " + session + " " + message);
}

std::string MediaFolder::folder_of(const std::string& session) const {
  return path_ + "/" + digits(secret_, "session " + session);
}

std::optional<OpenedMedia> MediaFolder::open(const std::string& session, const std::string& name,
                                             Millis wall) const {
  const std::string path = folder_of(session) + "/" + name;
  auto fd = std::make_shared<const net::UniqueFd>(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  struct stat about = {};
  if (!*fd || ::fstat(fd->get(), &about) != 0 || !S_ISREG(about.st_mode)) return std::nullopt;
  const timespec used[2] = {time_of(wall), time_of(wall)};
  ::futimens(fd->get(), used);
  return OpenedMedia{std::move(fd), static_cast<std::uint64_t>(about.st_size)};
}

Result<std::unique_ptr<MediaFolder::Draft>> MediaFolder::draft() {
  if (::mkdir(path_.c_str(), 0700) != 0 && errno != EEXIST) return broken("the folder for media");
  std::string path = path_ + "/" + std::string(kPart) + "XXXXXX";
  net::UniqueFd fd(::mkostemp(path.data(), O_CLOEXEC));
  if (!fd) return broken("a file for media");
  return std::unique_ptr<Draft>(new Draft(std::move(path), std::move(fd)));
}

MediaFolder::Draft::~Draft() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

Status MediaFolder::Draft::append(ByteView data) {
  if (data.size() > room_) {
    struct statvfs space = {};
    if (::fstatvfs(fd_.get(), &space) != 0) return broken("the space that is left");
    const std::uint64_t free = std::uint64_t{space.f_bavail} * space.f_frsize;
    if (free < kLeft + data.size()) return fail(Cause::io, "the disk has no room for the file");
    room_ = std::max<std::uint64_t>(data.size(), kLookAgain);
  }
  room_ -= data.size();
  size_ += data.size();
  while (!data.empty()) {
    const ssize_t count = ::write(fd_.get(), data.data(), data.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return broken("writing a file of media");
    data = data.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Status MediaFolder::keep(std::unique_ptr<Draft> draft, const std::string& session, const std::string& name,
                         Millis wall) {
  const std::string folder = folder_of(session);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return broken("the session's folder for media");
  const timespec used[2] = {time_of(wall), time_of(wall)};
  ::futimens(draft->fd_.get(), used);
  if (::fsync(draft->fd_.get()) != 0) return broken("syncing a file of media");
  if (::rename(draft->path_.c_str(), (folder + "/" + name).c_str()) != 0)
    return broken("naming a file of media");
  draft->path_.clear();
  sync_folder(folder);
  all_ += draft->size_;
  if (limits_.bytes != 0 && all_ > limits_.bytes) tidy(wall);
  return {};
}

void MediaFolder::remove(const std::string& session) {
  std::error_code ignored;
  fs::remove_all(folder_of(session), ignored);
}

void MediaFolder::tidy(Millis wall) {
  const bool first = !std::exchange(begun_, true);
  auto files = files_in(path_);
  std::ranges::sort(files, {}, &Kept::used);
  all_ = 0;
  for (const auto& file : files) all_ += file.size;
  for (const auto& file : files) {
    const bool part = fs::path(file.path).filename().string().starts_with(kPart);
    const bool old = limits_.keep != 0 && file.used + limits_.keep <= wall;
    const bool much = limits_.bytes != 0 && all_ > limits_.bytes;
    if (part ? !first : !old && !much) continue;
    if (::unlink(file.path.c_str()) != 0) {
      log::warning("media_not_removed", {{"why", std::strerror(errno)}});
      continue;
    }
    all_ -= file.size;
  }
}

}  // namespace pigeond::gateway
