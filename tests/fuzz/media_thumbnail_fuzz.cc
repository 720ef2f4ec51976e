// Any bytes as a JPEG: a refusal, or a thumbnail of the promised size, which is a JPEG itself.
#include <cstdlib>

#include "base/limits.h"
#include "media/image_size.h"
#include "media/thumbnail.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pigeond;
  media::MemorySource source(ByteView(data, size));
  const auto small = media::thumbnail(source, media::Format::jpeg);
  if (!small) return 0;
  if (small->jpeg.size() > limits::kThumbnail) std::abort();
  if (small->width > media::kThumbnailSide || small->height > media::kThumbnailSide) std::abort();
  media::MemorySource made(small->jpeg);
  const auto made_size = media::image_size(made, media::Format::jpeg);
  if (!made_size || made_size->width != small->width || made_size->height != small->height) std::abort();
  return 0;
}
