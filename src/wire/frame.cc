#include "wire/frame.h"

#include <algorithm>

#include "base/limits.h"

namespace pigeond::wire {
namespace {

constexpr std::array<std::uint8_t, 4> kRoutingHeader = {'E', 'D', 0, 1};
constexpr std::array<std::uint8_t, 4> kOlderHeader = {'W', 'A', 6, 2};
constexpr std::size_t kLength = 3;               // bytes of a length
constexpr std::size_t kCompactFrom = 64 * 1024;  // bytes read and still held before the rest is moved down

bool starts_like(ByteView bytes, const std::array<std::uint8_t, 4>& header) {
  const std::size_t count = std::min(bytes.size(), header.size());
  return std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count), header.begin());
}

}  // namespace

Bytes stream_intro(ByteView routing_info) {
  Bytes out;
  if (!routing_info.empty() && routing_info.size() <= limits::kFrameBody) {
    out.reserve(kRoutingHeader.size() + kLength + routing_info.size() + wire::kHeader.size());
    out.insert(out.end(), kRoutingHeader.begin(), kRoutingHeader.end());
    append_be(out, routing_info.size(), kLength);
    out.insert(out.end(), routing_info.begin(), routing_info.end());
  }
  out.insert(out.end(), wire::kHeader.begin(), wire::kHeader.end());
  return out;
}

Result<Bytes> frame(ByteView body) {
  if (body.size() > limits::kFrameBody) return fail(Cause::too_large, "frame");
  Bytes out;
  out.reserve(kLength + body.size());
  append_be(out, body.size(), kLength);
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

void FrameReader::feed(ByteView bytes) {
  if (start_ == buffer_.size()) {
    buffer_.clear();
    start_ = 0;
  } else if (start_ >= kCompactFrom) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(start_));
    start_ = 0;
  }
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

Result<std::optional<Bytes>> FrameReader::next() {
  const auto rest = ByteView(buffer_).subspan(start_);
  if (rest.size() < kLength) return std::optional<Bytes>();
  const auto size = static_cast<std::size_t>(read_be(rest.first(kLength)));
  if (size > limit_)
    return fail(Cause::too_large, "frame");  // nothing is consumed, so the next call says it again
  if (rest.size() - kLength < size) return std::optional<Bytes>();
  start_ += kLength + size;
  return std::optional<Bytes>(to_bytes(rest.subspan(kLength, size)));
}

Result<std::optional<Intro>> parse_stream_intro(ByteView bytes) {
  const auto not_a_client = fail(Cause::malformed, "stream header");
  Intro intro;
  if (!bytes.empty() && bytes[0] == kRoutingHeader[0]) {
    if (!starts_like(bytes, kRoutingHeader)) return not_a_client;
    const std::size_t head = kRoutingHeader.size() + kLength;
    if (bytes.size() < head) return std::optional<Intro>();
    const auto size = static_cast<std::size_t>(read_be(bytes.subspan(kRoutingHeader.size(), kLength)));
    if (size > limits::kRoutingInfo) return fail(Cause::too_large, "routing info");
    if (bytes.size() - head < size) return std::optional<Intro>();
    intro.routing_info = to_bytes(bytes.subspan(head, size));
    intro.size = head + size;
  }
  const auto rest = bytes.subspan(intro.size);
  const bool older = starts_like(rest, kOlderHeader);
  if (!older && !starts_like(rest, wire::kHeader)) return not_a_client;
  if (rest.size() < wire::kHeader.size()) return std::optional<Intro>();
  intro.dictionary = rest[3];
  intro.size += wire::kHeader.size();
  return std::optional<Intro>(std::move(intro));
}

}  // namespace pigeond::wire
