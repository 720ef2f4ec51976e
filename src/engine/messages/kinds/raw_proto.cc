#include "engine/messages/kinds/raw_proto.h"

namespace pigeond::engine {

bool RawFields::varint(std::size_t& at, std::uint64_t& value) const {
  value = 0;
  for (unsigned shift = 0; shift < 64 && at < rest_.size(); shift += 7) {
    const std::uint8_t byte = rest_[at++];
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

std::optional<RawField> RawFields::stop() {
  broken_ = true;
  rest_ = {};
  return std::nullopt;
}

std::optional<RawField> RawFields::next() {
  if (rest_.empty()) return std::nullopt;
  std::size_t at = 0;
  std::uint64_t tag = 0, length = 0;
  if (!varint(at, tag) || (tag >> 3) == 0 || (tag >> 3) > 0x1fffffff) return stop();
  RawField field;
  field.number = static_cast<std::uint32_t>(tag >> 3);
  field.wire_type = static_cast<std::uint8_t>(tag & 7);
  switch (field.wire_type) {
    case 0:
      if (!varint(at, length)) return stop();
      break;
    case 1:
      at += 8;
      break;
    case 2:
      if (!varint(at, length) || length > rest_.size() - at) return stop();
      field.payload = rest_.subspan(at, length);
      at += length;
      break;
    case 5:
      at += 4;
      break;
    default:
      return stop();
  }
  if (at > rest_.size()) return stop();
  field.whole = rest_.first(at);
  rest_ = rest_.subspan(at);
  return field;
}

void append_varint(Bytes& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<std::uint8_t>(value));
}

void append_field(Bytes& out, std::uint32_t number, ByteView payload) {
  append_varint(out, (static_cast<std::uint64_t>(number) << 3) | 2);
  append_varint(out, payload.size());
  out.insert(out.end(), payload.begin(), payload.end());
}

std::optional<ByteView> find_field(ByteView message, std::uint32_t number) {
  std::optional<ByteView> found;
  RawFields fields(message);
  while (auto field = fields.next())
    if (field->number == number && field->wire_type == 2) found = field->payload;
  return found;
}

}  // namespace pigeond::engine
