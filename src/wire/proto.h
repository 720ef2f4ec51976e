// Protobuf messages (nanopb, built from wire/proto/*.proto): generated structs `wa_<Name>` with
//   optional scalar/enum/message  ->  has_x and x
//   string / bytes                ->  std::string / pigeond::Bytes (empty = absent)
//   repeated                      ->  std::vector
//   a field that leads back to Message or ContextInfo  ->  std::unique_ptr
// Unknown fields are skipped. Depth is bounded by limits::kProtoDepth.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "wa.pb.h"

namespace pigeond::wire::proto {

Bytes encode_fields(const pb_msgdesc_t* fields, const void* message);
Status decode_fields(const pb_msgdesc_t* fields, void* message, ByteView bytes);

template <typename Message>
Bytes encode(const Message& message) {
  return encode_fields(nanopb::MessageDescriptor<Message>::fields(), &message);
}

template <typename Message>
Result<Message> decode(ByteView bytes) {
  Message message{};
  if (auto status = decode_fields(nanopb::MessageDescriptor<Message>::fields(), &message, bytes); !status)
    return status.error();
  return Result<Message>(std::move(message));
}

}  // namespace pigeond::wire::proto
