#include "sandbox/accounts/pkmsg.h"

namespace pigeond::sandbox {
namespace {

std::optional<std::uint64_t> varint(ByteView& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const std::uint8_t next = bytes.front();
    bytes = bytes.subspan(1);
    value |= static_cast<std::uint64_t>(next & 0x7f) << shift;
    if ((next & 0x80) == 0) return value;
  }
  return std::nullopt;
}

std::optional<ByteView> counted(ByteView& bytes) {
  const auto size = varint(bytes);
  if (!size || *size > bytes.size()) return std::nullopt;
  const ByteView part = bytes.first(static_cast<std::size_t>(*size));
  bytes = bytes.subspan(part.size());
  return part;
}

}  // namespace

std::optional<PreKeyMessage> parse_pkmsg(ByteView bytes) {
  constexpr std::uint8_t kVersion = 0x33;
  if (bytes.empty() || bytes.front() != kVersion) return std::nullopt;
  bytes = bytes.subspan(1);
  PreKeyMessage message;
  bool has_message = false;
  while (!bytes.empty()) {
    const auto tag = varint(bytes);
    if (!tag) return std::nullopt;
    if ((*tag & 7) == 0) {
      const auto value = varint(bytes);
      if (!value) return std::nullopt;
      const auto number = static_cast<std::uint32_t>(*value);
      if (*tag >> 3 == 1) message.pre_key_id = number;
      if (*tag >> 3 == 5) message.registration_id = number;
      if (*tag >> 3 == 6) message.signed_pre_key_id = number;
    } else if ((*tag & 7) == 2) {
      const auto value = counted(bytes);
      if (!value) return std::nullopt;
      if (*tag >> 3 == 2) message.base_key = to_bytes(*value);
      if (*tag >> 3 == 3 && value->size() == 33) message.identity = to_bytes(value->subspan(1));
      if (*tag >> 3 == 4) has_message = !value->empty();
    } else {
      return std::nullopt;
    }
  }
  if (!has_message || message.base_key.size() != 33 || message.identity.size() != 32) return std::nullopt;
  return message;
}

}  // namespace pigeond::sandbox
