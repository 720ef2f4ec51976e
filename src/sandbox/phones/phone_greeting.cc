// What a phone tells a companion right after linking: the key for app state, the names and numbers it knows,
// and that there is no history. Clients wait for these before they call themselves ready.
#include <zlib.h>

#include "sandbox/phones/phone.h"

namespace pigeond::sandbox {
namespace {

Bytes deflate(ByteView data) {
  uLongf size = compressBound(static_cast<uLong>(data.size()));
  Bytes out(size);
  if (compress2(out.data(), &size, data.data(), static_cast<uLong>(data.size()), Z_BEST_SPEED) != Z_OK)
    return {};
  out.resize(size);
  return out;
}

Bytes key_share(const Bytes& app_state_key, std::uint32_t raw_id, std::int64_t timestamp) {
  wa_AppStateSyncKey key{};
  key.has_keyID = true;
  key.keyID.keyID = Bytes{0, 0, 0, 0, 0, 1};
  key.has_keyData = true;
  key.keyData.keyData = app_state_key;
  key.keyData.has_fingerprint = true;
  key.keyData.fingerprint.has_rawID = true;
  key.keyData.fingerprint.rawID = raw_id;
  key.keyData.fingerprint.has_currentIndex = true;
  key.keyData.fingerprint.currentIndex = 0;
  key.keyData.fingerprint.deviceIndexes = {0};
  key.keyData.has_timestamp = true;
  key.keyData.timestamp = timestamp;
  auto message = std::make_unique<wa_Message>();
  message->has_protocolMessage = true;
  message->protocolMessage.has_type = true;
  message->protocolMessage.type = wa_ProtocolMessage_Type_APP_STATE_SYNC_KEY_SHARE;
  message->protocolMessage.has_appStateSyncKeyShare = true;
  message->protocolMessage.appStateSyncKeyShare.keys.push_back(std::move(key));
  return wire::proto::encode(*message);
}

Bytes history(wa_HistorySync& sync, std::int32_t type) {
  sync.has_syncType = true;
  sync.syncType = type;
  sync.has_progress = true;
  sync.progress = 100;
  auto message = std::make_unique<wa_Message>();
  message->has_protocolMessage = true;
  message->protocolMessage.has_type = true;
  message->protocolMessage.type = wa_ProtocolMessage_Type_HISTORY_SYNC_NOTIFICATION;
  message->protocolMessage.has_historySyncNotification = true;
  auto& notification = message->protocolMessage.historySyncNotification;
  notification.has_syncType = true;
  notification.syncType = type;
  notification.has_chunkOrder = true;
  notification.chunkOrder = 1;
  notification.has_progress = true;
  notification.progress = 100;
  notification.initialHistBootstrapInlinePayload = deflate(wire::proto::encode(sync));
  return wire::proto::encode(*message);
}

}  // namespace

void Phone::greet(std::uint16_t companion) {
  send_peer(companion, key_share(app_state_key_, raw_id_, account().created * kSecond));

  wa_HistorySync bootstrap{};
  wa_PhoneNumberToLIDMapping own{};
  own.pnJID = account().jid(Form::pn).text();
  own.lidJID = account().jid(Form::lid).text();
  bootstrap.phoneNumberToLidMappings.push_back(std::move(own));
  bootstrap.nctSalt = account().nct_salt;
  send_peer(companion, history(bootstrap, wa_HistorySyncType_INITIAL_BOOTSTRAP));

  wa_HistorySync names{};
  wa_Pushname name{};
  name.id = account().jid(Form::pn).text();
  name.pushname = account().name;
  names.pushnames.push_back(std::move(name));
  send_peer(companion, history(names, wa_HistorySyncType_PUSH_NAME));
}

}  // namespace pigeond::sandbox
