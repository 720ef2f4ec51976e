// Any bytes as any message: an error, or a message whose encoding is stable.
#include <cstdlib>

#include "wire/proto.h"

namespace {

template <typename Message>
void try_as(pigeond::ByteView bytes) {
  const auto first = pigeond::wire::proto::decode<Message>(bytes);
  if (!first) return;
  const auto encoded = pigeond::wire::proto::encode(*first);
  const auto second = pigeond::wire::proto::decode<Message>(encoded);
  if (!second || pigeond::wire::proto::encode(*second) != encoded) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const pigeond::ByteView bytes(data + 1, size - 1);
  switch (data[0] % 11) {
    case 0:
      try_as<wa_Message>(bytes);
      break;
    case 1:
      try_as<wa_HandshakeMessage>(bytes);
      break;
    case 2:
      try_as<wa_ClientPayload>(bytes);
      break;
    case 3:
      try_as<wa_CertChain>(bytes);
      break;
    case 4:
      try_as<wa_ADVSignedDeviceIdentityHMAC>(bytes);
      break;
    case 5:
      try_as<wa_ADVSignedDeviceIdentity>(bytes);
      break;
    case 6:
      try_as<wa_ADVKeyIndexList>(bytes);
      break;
    case 7:
      try_as<wa_HistorySync>(bytes);
      break;
    case 8:
      try_as<wa_DeviceProps>(bytes);
      break;
    case 9:
      try_as<wa_WebMessageInfo>(bytes);
      break;
    default:
      try_as<wa_LIDMigrationMappingSyncPayload>(bytes);
      break;
  }
  return 0;
}
