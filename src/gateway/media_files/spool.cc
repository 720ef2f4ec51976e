#include "gateway/media_files/spool.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace pigeond::gateway {
namespace {

constexpr std::uint64_t kLookAgain = 4u << 20;  // bytes

Error broken(const char* what) {
  const int number = errno;
  return fail(Cause::io, std::string(what) + ": " + std::strerror(number), number);
}

}  // namespace

Result<std::unique_ptr<Spool>> FileSpool::make(const std::string& folder) {
  const std::string where = folder.empty() ? "." : folder;
  net::UniqueFd fd(::open(where.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!fd) {  // some file systems have no files without a name
    std::string name = where + "/spool-XXXXXX";
    fd = net::UniqueFd(::mkostemp(name.data(), O_CLOEXEC));
    if (!fd) return broken("a file to spool into");
    ::unlink(name.c_str());
  }
  return std::unique_ptr<Spool>(new FileSpool(std::move(fd)));
}

Status FileSpool::look_at_space(std::uint64_t wanted) {
  if (wanted <= room_) return {};
  struct statvfs space = {};
  if (::fstatvfs(fd_.get(), &space) != 0) return broken("the space that is left");
  const std::uint64_t free = std::uint64_t{space.f_bavail} * space.f_frsize;
  if (free < kLeft + wanted) return fail(Cause::io, "the disk has no room for a file");
  room_ = std::max(wanted, kLookAgain);
  return {};
}

Status FileSpool::append(ByteView data) {
  PIGEOND_CHECK(look_at_space(data.size()));
  room_ -= data.size();
  while (!data.empty()) {
    const ssize_t count = ::write(fd_.get(), data.data(), data.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return broken("writing a spooled file");
    data = data.subspan(static_cast<std::size_t>(count));
    size_ += static_cast<std::size_t>(count);
  }
  return {};
}

Status FileSpool::clear() {
  if (::ftruncate(fd_.get(), 0) != 0 || ::lseek(fd_.get(), 0, SEEK_SET) != 0)
    return broken("emptying a spooled file");
  size_ = 0;
  return {};
}

Result<Bytes> FileSpool::read(std::uint64_t offset, std::size_t size) {
  Bytes out(size);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count =
        ::pread(fd_.get(), out.data() + done, size - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return broken("reading a spooled file");
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  out.resize(done);
  return out;
}

Status MemorySpool::append(ByteView data) {
  bytes_.insert(bytes_.end(), data.begin(), data.end());
  return {};
}

Status MemorySpool::clear() {
  bytes_.clear();
  return {};
}

Result<Bytes> MemorySpool::read(std::uint64_t offset, std::size_t size) {
  const auto rest =
      ByteView(bytes_).subspan(static_cast<std::size_t>(std::min<std::uint64_t>(offset, bytes_.size())));
  return to_bytes(rest.first(std::min(size, rest.size())));
}

}  // namespace pigeond::gateway
