#include "app/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/text.h"
#include "net/posix.h"

namespace pigeond::app {
namespace {

constexpr std::size_t kMaxKey = 512;

Error file_error(const std::string& file, int code) {
  return fail(code == ENOENT ? Cause::not_found : Cause::io, file + ": " + std::strerror(code), code);
}

Status write_all(int fd, std::string_view text, const std::string& file) {
  if (::write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return file_error(file, errno);
  if (::fsync(fd) != 0) return file_error(file, errno);
  return {};
}

}  // namespace

std::string key_file_of(const std::string& store_path) {
  return (std::filesystem::path(store_path).parent_path() / "api.key").string();
}

Result<std::string> read_key_file(const std::string& file) {
  const net::UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return file_error(file, errno);
  char buffer[kMaxKey + 1];
  const auto size = ::read(fd.get(), buffer, sizeof buffer);
  if (size < 0) return file_error(file, errno);
  std::string key(trim({buffer, static_cast<std::size_t>(size)}));
  const bool printable = std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 127; });
  if (key.size() < 8 || key.size() > kMaxKey || !printable) {
    return fail(Cause::bad_input, file + ": does not hold a key of at least 8 printable characters");
  }
  return key;
}

Result<std::string> read_or_make_key_file(const std::string& file, Random& random, bool& made) {
  made = false;
  auto found = read_key_file(file);
  if (found || found.cause() != Cause::not_found) return found;
  // Written beside and then renamed: a crash leaves no half of a key.
  const std::string fresh = file + ".new";
  const std::string key = hex_lower(random.bytes(16));
  const net::UniqueFd fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (fd.get() < 0) return file_error(fresh, errno);
  PIGEOND_CHECK(write_all(fd.get(), key + "\n", fresh));
  if (::rename(fresh.c_str(), file.c_str()) != 0) return file_error(file, errno);
  made = true;
  return key;
}

}  // namespace pigeond::app
