#include "engine/messages/in/protocol_messages.h"

#include "base/log.h"
#include "engine/messages/in/answers.h"

namespace pigeond::engine {
namespace {

constexpr std::size_t kKeyBytes = 32;  // of a key for the app state
constexpr std::size_t kKeyId = 64;     // bytes; six occur

bool only_from_own_devices(std::int32_t type) {
  switch (type) {
    case wa_ProtocolMessage_Type_HISTORY_SYNC_NOTIFICATION:
    case wa_ProtocolMessage_Type_APP_STATE_SYNC_KEY_SHARE:
    case wa_ProtocolMessage_Type_APP_STATE_SYNC_KEY_REQUEST:
    case wa_ProtocolMessage_Type_APP_STATE_FATAL_EXCEPTION_NOTIFICATION:
    case wa_ProtocolMessage_Type_PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE:
    case wa_ProtocolMessage_Type_LID_MIGRATION_MAPPING_SYNC:
      return true;
    default:
      return false;
  }
}

void learn_mappings(Desk& desk, ByteView payload) {
  auto decoded = wire::proto::decode<wa_LIDMigrationMappingSyncPayload>(payload);
  if (!decoded) return;
  for (const auto& mapping : decoded->pnToLidMappings) {
    // As Baileys and whatsapp-rust: an account may have got another LID since it was migrated.
    const std::uint64_t lid = mapping.latestLid != 0 ? mapping.latestLid : mapping.assignedLid;
    if (mapping.pn == 0 || lid == 0) continue;
    desk.lids.learn(wire::pn(std::to_string(mapping.pn)), wire::lid(std::to_string(lid)));
  }
  // The account is being migrated: whether its chats go by LID from now on stands in the service's settings.
  if (!desk.context.credentials.lid_migrated) desk.tokens.read_settings_again();
}

void keep_app_state_keys(Desk& desk, const wa_AppStateSyncKeyShare& share) {
  store::History rows(desk.context.database, desk.context.session);
  for (const auto& key : share.keys) {
    if (!key.has_keyID || !key.has_keyData || !key.keyData.has_fingerprint) continue;  // the phone lacks it
    if (key.keyID.keyID.empty() || key.keyID.keyID.size() > kKeyId || key.keyData.keyData.size() != kKeyBytes)
      continue;
    rows.put_app_state_key({key.keyID.keyID, key.keyData.keyData,
                            wire::proto::encode(key.keyData.fingerprint), key.keyData.timestamp});
  }
}

}  // namespace

void handle_protocol_message(Desk& desk, const Source& source, const wa_ProtocolMessage& message) {
  if (!message.has_type || !only_from_own_devices(message.type)) return;
  if (!source.from_me) {
    log::warning("protocol_message_refused", {{"session", desk.context.session_name},
                                              {"type", std::to_string(message.type)},
                                              {"from", source.sender.text()}});
    return;
  }
  if (message.type == wa_ProtocolMessage_Type_LID_MIGRATION_MAPPING_SYNC)
    learn_mappings(desk, message.lidMigrationMappingSyncMessage.encodedMappingPayload);
  else if (message.type == wa_ProtocolMessage_Type_HISTORY_SYNC_NOTIFICATION)
    desk.history.notified(source.id, message.historySyncNotification);
  else if (message.type == wa_ProtocolMessage_Type_APP_STATE_SYNC_KEY_SHARE)
    keep_app_state_keys(desk, message.appStateSyncKeyShare);
}

}  // namespace pigeond::engine
