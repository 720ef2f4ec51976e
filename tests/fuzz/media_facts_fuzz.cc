// Any bytes as a file: facts, in bounded time. What is said of frames and names lies within the file.
#include <cstdlib>

#include "media/facts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pigeond;
  media::MemorySource source(ByteView(data, size));
  const auto facts = media::look_at(source);
  if (!facts) std::abort();  // memory can always be read
  if (facts->mimetype.empty() || facts->first_frame_bytes > size) std::abort();
  if (facts->animated && facts->format == media::Format::webp && facts->first_frame_bytes == 0) std::abort();
  return 0;
}
