#include "media/source.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace pigeond::media {

Result<std::size_t> MemorySource::read(std::uint64_t offset, MutableView out) {
  if (offset >= bytes_.size()) return std::size_t{0};
  const std::size_t count = std::min<std::uint64_t>(out.size(), bytes_.size() - offset);
  std::copy_n(bytes_.data() + offset, count, out.data());
  return count;
}

Result<FdSource> FdSource::of(int fd) {
  struct stat about {};
  if (::fstat(fd, &about) != 0) return fail(Cause::io, "the file", errno);
  if (!S_ISREG(about.st_mode)) return fail(Cause::bad_input, "not a regular file");
  return FdSource(fd, static_cast<std::uint64_t>(about.st_size));
}

Result<std::size_t> FdSource::read(std::uint64_t offset, MutableView out) {
  if (offset >= size_) return std::size_t{0};
  const std::size_t wanted = std::min<std::uint64_t>(out.size(), size_ - offset);
  std::size_t done = 0;
  while (done < wanted) {
    const ssize_t got = ::pread(fd_, out.data() + done, wanted - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(Cause::io, "the file", errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

}  // namespace pigeond::media
