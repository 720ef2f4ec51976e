// A byte stream cut at arbitrary places gives the same frames as in one piece, and the intro never reads too
// far.
#include <cstdlib>
#include <vector>

#include "wire/frame.h"

namespace {

constexpr std::size_t kLimit = 4096;

std::vector<pigeond::Bytes> read(pigeond::ByteView stream, std::size_t piece, bool& failed) {
  pigeond::wire::FrameReader reader(kLimit);
  std::vector<pigeond::Bytes> frames;
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    reader.feed(stream.subspan(at, std::min(piece, stream.size() - at)));
    for (;;) {
      auto next = reader.next();
      if (!next) {
        failed = true;
        return frames;
      }
      if (!*next) break;
      if ((*next)->size() > kLimit) std::abort();
      frames.push_back(std::move(**next));
    }
  }
  return frames;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = data[0] % 32u + 1;
  const pigeond::ByteView stream(data + 1, size - 1);
  bool failed_whole = false, failed_pieces = false;
  const auto whole = read(stream, size, failed_whole);
  if (whole != read(stream, piece, failed_pieces) || failed_whole != failed_pieces) std::abort();

  const auto intro = pigeond::wire::parse_stream_intro(stream);
  if (intro && *intro) {
    if ((*intro)->size > stream.size()) std::abort();
    const auto consumed = pigeond::to_bytes(stream.first((*intro)->size));
    const bool ours =
        (*intro)->dictionary == 3 && !(*intro)->routing_info.empty();  // clients of dictionary 2 exist
    if (ours && pigeond::wire::stream_intro((*intro)->routing_info) != consumed) std::abort();
  }
  return 0;
}
