#include "sandbox/media/media_blob.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>

namespace pigeond::sandbox {
namespace {

constexpr std::size_t kOnHeap = 256 * 1024;  // bytes; longer ones go into a file
constexpr std::size_t kPiece = 256 * 1024;

Result<net::UniqueFd> nameless_file() {
  const char* folder = std::getenv("TMPDIR");
  std::string name = std::string(folder != nullptr && *folder != 0 ? folder : "/tmp") + "/sandbox-XXXXXX";
  net::UniqueFd fd(::mkostemp(name.data(), O_CLOEXEC));
  if (!fd) return net::errno_error(name, errno);
  ::unlink(name.c_str());
  return fd;
}

Status write_all(int fd, ByteView data) {
  while (!data.empty()) {
    const ssize_t written = ::write(fd, data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return net::errno_error("a media file", errno);
    data = data.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Status MediaBlob::append(ByteView data) {
  if (!fd_ && size_ + data.size() > kOnHeap) {
    PIGEOND_TRY(fd_, nameless_file());
    PIGEOND_CHECK(write_all(fd_.get(), heap_));
    heap_ = {};
  }
  if (fd_)
    PIGEOND_CHECK(write_all(fd_.get(), data));
  else
    heap_.insert(heap_.end(), data.begin(), data.end());
  size_ += data.size();
  return {};
}

Result<Bytes> MediaBlob::read(std::uint64_t at, std::size_t size) const {
  if (at >= size_) return Bytes();
  size = static_cast<std::size_t>(std::min<std::uint64_t>(size, size_ - at));
  if (!fd_) return to_bytes(ByteView(heap_).subspan(static_cast<std::size_t>(at), size));
  Bytes out(size);
  ssize_t got = 0;
  do got = ::pread(fd_.get(), out.data(), size, static_cast<off_t>(at));
  while (got < 0 && errno == EINTR);
  if (got <= 0) return net::errno_error("a media file", got < 0 ? errno : EIO);
  out.resize(static_cast<std::size_t>(got));
  return out;
}

Status MediaBlob::each(const std::function<Status(ByteView)>& take) const {
  for (std::uint64_t at = 0; at < size_;) {
    PIGEOND_TRY(const Bytes piece, read(at, kPiece));
    PIGEOND_CHECK(take(piece));
    at += piece.size();
  }
  return {};
}

Result<Bytes> MediaBlob::all() const {
  Bytes out;
  out.reserve(static_cast<std::size_t>(size_));
  PIGEOND_CHECK(each([&out](ByteView piece) -> Status {
    out.insert(out.end(), piece.begin(), piece.end());
    return {};
  }));
  return out;
}

}  // namespace pigeond::sandbox
