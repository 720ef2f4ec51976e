// Protobuf fields as they lie in the bytes: for wrapping a serialised message without decoding it, and for
// hashes over fields that must stay as they came.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace pigeond::engine {

struct RawField {
  std::uint32_t number = 0;
  std::uint8_t wire_type = 0;
  ByteView whole;    // tag and value
  ByteView payload;  // of a length-delimited field; empty for others
};

// Walks the fields of one message. nullopt at the end, or at the first byte that is not protobuf (broken() is
// then true).
class RawFields {
 public:
  explicit RawFields(ByteView message) : rest_(message) {}
  std::optional<RawField> next();
  bool broken() const { return broken_; }

 private:
  bool varint(std::size_t& at, std::uint64_t& value) const;
  std::optional<RawField> stop();
  ByteView rest_;
  bool broken_ = false;
};

void append_varint(Bytes& out, std::uint64_t value);
void append_field(Bytes& out, std::uint32_t number, ByteView payload);  // length-delimited

// The last length-delimited field of that number, as protobuf wants for a field that occurs twice.
std::optional<ByteView> find_field(ByteView message, std::uint32_t number);

}  // namespace pigeond::engine
