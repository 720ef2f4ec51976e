// Bytes as values, and as views of what somebody else owns.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pigeond {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using Key32 = std::array<std::uint8_t, 32>;

// The bytes of a text, without a copy. The text must outlive the view.
inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes to_bytes(ByteView view) {
  return {view.begin(), view.end()};
}

inline Bytes to_bytes(std::string_view text) {
  return to_bytes(as_bytes(text));
}

Bytes concat(std::initializer_list<ByteView> parts);

// Appends `value` as `width` bytes (1 to 8), most significant first.
void append_be(Bytes& out, std::uint64_t value, unsigned width);

// Reads all of `bytes` (at most 8) as one number, most significant first.
std::uint64_t read_be(ByteView bytes);

// Compares without a branch on the content; the lengths are not secret.
bool equal_constant_time(ByteView a, ByteView b);

}  // namespace pigeond
