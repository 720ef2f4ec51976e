#include "gateway/events/id.h"

#include "base/ulid.h"

namespace pigeond::gateway {
namespace {

constexpr std::string_view kPrefix = "evt_";
constexpr std::size_t kTime = 10, kRest = 16;  // characters of 5 bits

// Writes the lowest bits of `value`, five for each character.
void put(std::string& out, std::size_t at, std::size_t characters, std::uint64_t value) {
  for (std::size_t i = characters; i-- > 0; value >>= 5) out[at + i] = kCrockfordAlphabet[value & 31];
}

std::optional<std::uint64_t> take(std::string_view text) {
  std::uint64_t value = 0;
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const auto digit = kCrockfordAlphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    value = value << 5 | digit;
  }
  return value;
}

}  // namespace

// 80 bits are two halves of eight characters, 40 bits each.
std::string event_id(const EventId& id) {
  const auto seq = static_cast<std::uint64_t>(id.seq);
  const std::uint64_t rest =
      (std::uint64_t{id.mark} & 0xFFFFFF) << 8 | (static_cast<unsigned>(id.telling) & 0xFF);
  std::string out(kPrefix);
  out.resize(kPrefix.size() + kTime + kRest);
  put(out, kPrefix.size(), kTime, static_cast<std::uint64_t>(id.at) & 0xFFFFFFFFFFFF);
  put(out, kPrefix.size() + kTime, kRest / 2, seq >> 8);
  put(out, kPrefix.size() + kTime + kRest / 2, kRest / 2, (seq & 0xFF) << 32 | rest);
  return out;
}

std::optional<EventId> parse_event_id(std::string_view text) {
  if (text.size() != kPrefix.size() + kTime + kRest || !text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  const auto at = take(text.substr(0, kTime)), high = take(text.substr(kTime, kRest / 2)),
             low = take(text.substr(kTime + kRest / 2));
  if (!at || !high || !low || *at > 0xFFFFFFFFFFFF) return std::nullopt;
  EventId id;
  id.at = static_cast<Millis>(*at);
  id.seq = static_cast<std::int64_t>(*high << 8 | *low >> 32);
  id.mark = static_cast<std::uint32_t>(*low >> 8 & 0xFFFFFF);
  id.telling = static_cast<int>(*low & 0xFF);
  return id;
}

}  // namespace pigeond::gateway
