#include "store/database/durable_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "store/database/trouble.h"

namespace pigeond::store {
namespace {

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags) : value_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

Status write_all(int descriptor, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(descriptor, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("write");
    data += written;
    size -= static_cast<std::size_t>(written);
  }
  return {};
}

}  // namespace

Status sync_file(const std::string& path) {
  const Descriptor file(path, O_RDONLY);
  if (file.get() < 0 || ::fsync(file.get()) != 0) return system_error("can't sync " + path);
  return {};
}

Status rename_durably(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) return system_error("can't rename " + from + " to " + to);
  auto folder = std::filesystem::path(to).parent_path().string();
  if (folder.empty()) folder = ".";
  return sync_file(folder);
}

Status copy_durably(const std::string& from, const std::string& to) {
  const Descriptor source(from, O_RDONLY);
  if (source.get() < 0) return system_error("can't open " + from);
  const Descriptor target(to, O_WRONLY | O_CREAT | O_TRUNC);
  if (target.get() < 0) return system_error("can't open " + to);
  std::array<char, 16384> buffer{};
  for (;;) {
    const ssize_t count = ::read(source.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("can't read " + from);
    if (count == 0) break;
    if (auto done = write_all(target.get(), buffer.data(), static_cast<std::size_t>(count)); !done)
      return fail(Cause::storage, to + ": " + done.error().detail, done.error().code);
  }
  if (::fsync(target.get()) != 0) return system_error("can't sync " + to);
  return {};
}

}  // namespace pigeond::store
