#include "wire/proto.h"

#include <pb_decode.h>
#include <pb_encode.h>

#include <cstring>

#include "base/limits.h"

namespace pigeond::wire::proto {
namespace {

// What is known about a message type that sits behind a pointer or in a list: how to make, count and reach
// its values.
struct Holder {
  const pb_msgdesc_t* type;
  void* (*make)(void* pointer);             // std::unique_ptr<T>: the value there, made when there is none
  const void* (*get)(const void* pointer);  // null when there is none
  void* (*append)(void* list);              // std::vector<T>
  std::size_t (*size)(const void* list);
  const void* (*at)(const void* list, std::size_t index);
};

template <typename T>
Holder holder() {
  using Pointer = std::unique_ptr<T>;
  using List = std::vector<T>;
  return {nanopb::MessageDescriptor<T>::fields(),
          [](void* pointer) -> void* {
            auto& value = *static_cast<Pointer*>(pointer);
            if (!value) value = std::make_unique<T>();
            return value.get();
          },
          [](const void* pointer) -> const void* { return static_cast<const Pointer*>(pointer)->get(); },
          [](void* list) -> void* { return &static_cast<List*>(list)->emplace_back(); },
          [](const void* list) { return static_cast<const List*>(list)->size(); },
          [](const void* list, std::size_t index) -> const void* {
            return &(*static_cast<const List*>(list))[index];
          }};
}

// Every type that wa.proto names behind a pointer or in a list. A missing one is an error on the first use,
// and the test "every field of every message survives a round trip" finds it.
const Holder* find_holder(const pb_msgdesc_t* type) {
  static const Holder holders[] = {
      holder<wa_Message>(),
      holder<wa_ContextInfo>(),
      holder<wa_GroupMention>(),
      holder<wa_ContactMessage>(),
      holder<wa_PollCreationMessage_Option>(),
      holder<wa_LIDMigrationMapping>(),
      holder<wa_AppStateSyncKey>(),
      holder<wa_AppStateSyncKeyId>(),
      holder<wa_PeerDataOperationRequestMessage_PlaceholderMessageResendRequest>(),
      holder<wa_PeerDataOperationRequestResponseMessage_PeerDataOperationResult>(),
      holder<wa_Conversation>(),
      holder<wa_Pushname>(),
      holder<wa_PhoneNumberToLIDMapping>(),
  };
  for (const auto& entry : holders)
    if (entry.type == type) return &entry;
  return nullptr;
}

// The state of a decoding stream. Substreams share it, so the depth is that of the whole message.
struct Reader {
  const std::uint8_t* next;
  int depth;
  std::size_t items;  // what lists may still hold: two bytes on the wire make far more in memory
};

bool read_bytes(pb_istream_t* stream, pb_byte_t* out, std::size_t count) {
  auto* reader = static_cast<Reader*>(stream->state);
  if (out != nullptr && count > 0) std::memcpy(out, reader->next, count);
  reader->next += count;
  return true;
}

bool refuse(pb_istream_t* stream, const char* why) {
  if (stream->errmsg == nullptr) stream->errmsg = why;
  return false;
}

template <typename Text>
bool read_text(pb_istream_t* stream, Text& out) {
  out.resize(stream->bytes_left);
  return pb_read(stream, reinterpret_cast<pb_byte_t*>(out.data()), out.size());
}

template <typename T>
bool read_number(pb_istream_t* stream, const pb_field_t* field) {
  auto& list = *static_cast<std::vector<T>*>(field->pData);
  while (stream->bytes_left > 0) {
    std::uint64_t value = 0;
    if (!pb_decode_varint(stream, &value)) return false;
    list.push_back(static_cast<T>(value));
  }
  return true;
}

bool read_message(pb_istream_t* stream, const pb_field_t* field) {
  const Holder* type = find_holder(field->submsg_desc);
  if (type == nullptr) return refuse(stream, "no holder for this message type");
  auto* reader = static_cast<Reader*>(stream->state);
  if (reader->depth >= limits::kProtoDepth) return refuse(stream, "nested too deep");
  ++reader->depth;
  const bool repeated = PB_HTYPE(field->type) == PB_HTYPE_REPEATED;
  void* value = repeated ? type->append(field->pData) : type->make(field->pData);
  const bool ok = pb_decode_ex(stream, field->submsg_desc, value, PB_DECODE_NOINIT);
  --reader->depth;
  return ok;
}

// `stream` holds exactly one value, or the packed values of a list.
bool read_field(pb_istream_t* stream, const pb_field_t* field) {
  const bool repeated = PB_HTYPE(field->type) == PB_HTYPE_REPEATED;
  const bool delimited =
      stream->callback == &read_bytes;  // a lone scalar comes in a buffer stream of nanopb's own
  switch (PB_LTYPE(field->type)) {
    case PB_LTYPE_VARINT:
    case PB_LTYPE_UVARINT:
      if (field->data_size != sizeof(std::vector<std::uint32_t>)) return refuse(stream, "unexpected list");
      return read_number<std::uint32_t>(stream, field);
    default:
      break;
  }
  if (!delimited)
    return pb_read(stream, nullptr, stream->bytes_left);  // another wire type: as an unknown field
  if (repeated && static_cast<Reader*>(stream->state)->items-- == 0)
    return refuse(stream, "too many list items");
  switch (PB_LTYPE(field->type)) {
    case PB_LTYPE_STRING:
      if (repeated)
        return read_text(stream, static_cast<std::vector<std::string>*>(field->pData)->emplace_back());
      return read_text(stream, *static_cast<std::string*>(field->pData));
    case PB_LTYPE_BYTES:
      if (repeated) return read_text(stream, static_cast<std::vector<Bytes>*>(field->pData)->emplace_back());
      return read_text(stream, *static_cast<Bytes*>(field->pData));
    case PB_LTYPE_SUBMESSAGE:
      return read_message(stream, field);
    default:
      return refuse(stream, "unexpected field type");
  }
}

bool write_bytes(pb_ostream_t* stream, const pb_field_t* field, ByteView bytes) {
  return pb_encode_tag_for_field(stream, field) && pb_encode_string(stream, bytes.data(), bytes.size());
}

// The number lists of wa.proto are all uint32 and packed.
bool write_numbers(pb_ostream_t* stream, const pb_field_t* field) {
  const auto& list = *static_cast<const std::vector<std::uint32_t>*>(field->pData);
  if (list.empty()) return true;
  pb_ostream_t sizing = PB_OSTREAM_SIZING;
  for (auto value : list)
    if (!pb_encode_varint(&sizing, value)) return false;
  if (!pb_encode_tag(stream, PB_WT_STRING, field->tag) || !pb_encode_varint(stream, sizing.bytes_written))
    return false;
  for (auto value : list)
    if (!pb_encode_varint(stream, value)) return false;
  return true;
}

bool write_message(pb_ostream_t* stream, const pb_field_t* field) {
  const Holder* type = find_holder(field->submsg_desc);
  if (type == nullptr) return false;
  if (PB_HTYPE(field->type) == PB_HTYPE_REPEATED) {
    for (std::size_t i = 0, count = type->size(field->pData); i < count; ++i) {
      if (!pb_encode_tag_for_field(stream, field)) return false;
      if (!pb_encode_submessage(stream, field->submsg_desc, type->at(field->pData, i))) return false;
    }
    return true;
  }
  const void* value = type->get(field->pData);
  if (value == nullptr) return true;
  return pb_encode_tag_for_field(stream, field) && pb_encode_submessage(stream, field->submsg_desc, value);
}

bool write_field(pb_ostream_t* stream, const pb_field_t* field) {
  const bool repeated = PB_HTYPE(field->type) == PB_HTYPE_REPEATED;
  switch (PB_LTYPE(field->type)) {
    case PB_LTYPE_VARINT:
    case PB_LTYPE_UVARINT:
      return write_numbers(stream, field);
    case PB_LTYPE_STRING:
      if (repeated) {
        for (const auto& text : *static_cast<const std::vector<std::string>*>(field->pData))
          if (!write_bytes(stream, field, as_bytes(text))) return false;
        return true;
      } else {
        const auto& text = *static_cast<const std::string*>(field->pData);
        return text.empty() || write_bytes(stream, field, as_bytes(text));
      }
    case PB_LTYPE_BYTES:
      if (repeated) {
        for (const auto& bytes : *static_cast<const std::vector<Bytes>*>(field->pData))
          if (!write_bytes(stream, field, bytes)) return false;
        return true;
      } else {
        const auto& bytes = *static_cast<const Bytes*>(field->pData);
        return bytes.empty() || write_bytes(stream, field, bytes);
      }
    case PB_LTYPE_SUBMESSAGE:
      return write_message(stream, field);
    default:
      return false;
  }
}

}  // namespace

Bytes encode_fields(const pb_msgdesc_t* fields, const void* message) {
  std::size_t size = 0;
  if (!pb_get_encoded_size(&size, fields, message))
    std::abort();  // a type without a holder: a bug in this file
  Bytes out(size);
  pb_ostream_t stream = pb_ostream_from_buffer(out.data(), out.size());
  if (!pb_encode(&stream, fields, message)) std::abort();
  return out;
}

Status decode_fields(const pb_msgdesc_t* fields, void* message, ByteView bytes) {
  Reader reader{bytes.data(), 0, limits::kProtoItems};
  pb_istream_t stream{};
  stream.callback = &read_bytes;
  stream.state = &reader;
  stream.bytes_left = bytes.size();
  if (!pb_decode_ex(&stream, fields, message, PB_DECODE_NOINIT))
    return fail(Cause::malformed, std::string("protobuf: ") + PB_GET_ERROR(&stream));
  return {};
}

namespace detail {

bool code_field(pb_istream_t* in, pb_ostream_t* out, const pb_field_t* field) {
  return in != nullptr ? read_field(in, field) : write_field(out, field);
}

}  // namespace detail
}  // namespace pigeond::wire::proto

// Named in wa.proto; the generated tables call it for every field that is not a plain C member.
extern "C" bool pigeond_proto_field(pb_istream_t* in, pb_ostream_t* out, const pb_field_t* field) {
  return pigeond::wire::proto::detail::code_field(in, out, field);
}
