#include "wire/dictionary.h"

#include <array>

namespace pigeond::wire::dictionary {
namespace {

// All of it lies in the program's read-only data: nothing is built when the program starts.
using Tokens = std::array<std::string_view, 1259>;
constexpr Tokens kTokens3 = {
#include "dictionary.inc"
};
constexpr Tokens kTokens2 = {
#include "dictionary2.inc"
};

constexpr std::size_t kSlots = 4096;  // a third full
constexpr std::uint16_t kEmpty = 0xffff;

constexpr std::size_t slot_of(std::string_view text) {
  std::uint32_t hash = 2166136261u;  // FNV-1a
  for (char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 16777619u;
  return (hash ^ (hash >> 16)) % kSlots;
}

constexpr std::array<std::uint16_t, kSlots> make_slots(const Tokens& tokens) {
  std::array<std::uint16_t, kSlots> slots{};
  for (auto& slot : slots) slot = kEmpty;
  for (std::uint16_t i = 0; i < tokens.size(); ++i) {
    std::size_t slot = slot_of(tokens[i]);
    while (slots[slot] != kEmpty) slot = (slot + 1) % kSlots;
    slots[slot] = i;
  }
  return slots;
}

constexpr std::array<std::uint16_t, kSlots> kIndex3 = make_slots(kTokens3);
constexpr std::array<std::uint16_t, kSlots> kIndex2 = make_slots(kTokens2);
constexpr std::size_t kLongest = 96;  // characters of the longest token

constexpr const Tokens& tokens_of(Dictionary version) {
  return version == Dictionary::v2 ? kTokens2 : kTokens3;
}

}  // namespace

std::optional<std::uint16_t> find(std::string_view text, Dictionary version) {
  if (text.empty() || text.size() > kLongest) return std::nullopt;
  const Tokens& tokens = tokens_of(version);
  const auto& index = version == Dictionary::v2 ? kIndex2 : kIndex3;
  for (std::size_t slot = slot_of(text); index[slot] != kEmpty; slot = (slot + 1) % kSlots)
    if (tokens[index[slot]] == text) return index[slot];
  return std::nullopt;
}

std::string_view single(std::uint8_t byte, Dictionary version) {
  return tokens_of(version)[byte - 1u];
}

std::string_view paged(std::uint8_t page, std::uint8_t index, Dictionary version) {
  return tokens_of(version)[kSingleTokens + page * 256u + index];
}

}  // namespace pigeond::wire::dictionary
