#include "media/window.h"

#include <algorithm>
#include <cstdlib>

namespace pigeond::media {

Result<ByteView> Window::up_to(std::uint64_t offset, std::size_t count) {
  if (count > kSize) std::abort();
  if (offset >= size()) return ByteView();
  const bool inside = offset >= start_ && offset - start_ <= filled_ && filled_ - (offset - start_) >= count;
  if (!inside) {
    filled_ = 0;
    PIGEOND_TRY(filled_, source_.read(offset, buffer_));
    start_ = offset;
  }
  const std::size_t from = offset - start_;
  return ByteView(buffer_).subspan(from, std::min(count, filled_ - from));
}

Result<ByteView> Window::at(std::uint64_t offset, std::size_t count) {
  PIGEOND_TRY(const ByteView bytes, up_to(offset, count));
  if (bytes.size() < count) return fail(Cause::malformed, "the file ends too early");
  return bytes;
}

}  // namespace pigeond::media
