// Any bytes as a history, compressed or not, in pieces of any size: an error, or the same items whatever the
// pieces.
#include <algorithm>
#include <cstdlib>

#include "engine/history/history_reader.h"
#include "wire/inflate_stream.h"

namespace {

using pigeond::ByteView;
using pigeond::Status;
using pigeond::engine::HistoryReader;

struct Outcome {
  bool good = false;
  std::size_t items = 0, bytes = 0;
  bool operator==(const Outcome&) const = default;
};

Outcome read(ByteView data, std::size_t step, bool compressed) {
  HistoryReader reader;
  pigeond::wire::InflateStream inflate(1 << 20);
  Outcome outcome;
  for (std::size_t at = 0; at < data.size(); at += step) {
    const ByteView piece = data.subspan(at, std::min(step, data.size() - at));
    const auto feed = [&reader](ByteView content) { return reader.feed(content); };
    if (const Status status = compressed ? inflate.feed(piece, feed) : feed(piece); !status) return outcome;
  }
  outcome.good = reader.end().ok() && (!compressed || inflate.ended());
  const auto items = reader.take();
  outcome.items = items.size();
  for (const auto& token : items.tokens) outcome.bytes += token.token.size();
  for (const auto& secret : items.secrets) {
    if (secret.secret.size() != 32 || secret.id.empty() || secret.chat.empty()) std::abort();
    outcome.bytes += secret.id.size();
  }
  for (const auto& pair : items.pairs)
    if (!pair.pn.is_pn() || !pair.lid.is_lid()) std::abort();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const bool compressed = (data[0] & 1) != 0;
  const ByteView bytes(data + 2, size - 2);
  const Outcome whole = read(bytes, bytes.size() + 1, compressed);
  const Outcome pieces = read(bytes, 1 + data[1], compressed);
  // What was found before an error depends on the pieces.
  if (whole.good != pieces.good || (whole.good && whole != pieces)) std::abort();
  return 0;
}
