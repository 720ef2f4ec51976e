// What a phone tells a companion right after linking: the key for app state, the names and numbers it knows,
// and its chats. Clients wait for these before they call themselves ready.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "crypto/aes.h"
#include "crypto/hash.h"
#include "sandbox/phones/history.h"
#include "sandbox/phones/phone.h"

namespace pigeond::sandbox {
namespace {

constexpr std::string_view kRetryKeys = "WhatsApp Media Retry Notification";

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

// Of a history that comes along, or of one that was uploaded.
Bytes notification(int kind, const Bytes* content, const MediaStore::Uploaded* uploaded) {
  auto message = std::make_unique<wa_Message>();
  message->has_protocolMessage = true;
  message->protocolMessage.has_type = true;
  message->protocolMessage.type = wa_ProtocolMessage_Type_HISTORY_SYNC_NOTIFICATION;
  message->protocolMessage.has_historySyncNotification = true;
  auto& told = message->protocolMessage.historySyncNotification;
  told.has_syncType = true;
  told.syncType = kind;
  told.has_chunkOrder = true;
  told.chunkOrder = 1;
  told.has_progress = true;
  told.progress = 100;
  if (content != nullptr) told.initialHistBootstrapInlinePayload = *content;
  if (uploaded != nullptr) {
    told.fileSHA256 = uploaded->sha256;
    told.has_fileLength = true;
    told.fileLength = uploaded->length;
    told.mediaKey = uploaded->media_key;
    told.fileEncSHA256 = uploaded->enc_sha256;
    told.directPath = uploaded->path;
    told.encHandle = MediaStore::kHandle;
  }
  return wire::proto::encode(*message);
}

}  // namespace

void Phone::greet(std::uint16_t companion) {
  send_peer(companion, key_share(app_state_key_, raw_id_, account().created * kSecond));

  HistoryContent bootstrap;
  bootstrap.kind = wa_HistorySyncType_INITIAL_BOOTSTRAP;
  bootstrap.pairs.emplace_back(account().jid(Form::pn), account().jid(Form::lid));
  if (options_.tells_salt) bootstrap.salt = account().nct_salt;
  bootstrap.nonce = MediaStore::secret(phone_);
  const Bytes inline_content = encode(bootstrap);
  send_peer(companion, notification(bootstrap.kind, &inline_content, nullptr));

  HistoryContent names;
  names.kind = wa_HistorySyncType_PUSH_NAME;
  names.names.emplace_back(account().jid(Form::pn), account().name);
  HistoryContent recent = chats();
  for (const auto& chat : recent.chats) names.names.emplace_back(chat.id, world_.account(chat.id)->name);
  const Bytes name_content = encode(names);
  send_peer(companion, notification(names.kind, &name_content, nullptr));

  if (recent.chats.empty()) return;
  const Bytes content = encode(recent);
  if (options_.history_inline)
    send_peer(companion, notification(recent.kind, &content, nullptr));
  else
    upload_history(companion, content);
}

// Everybody who gave this account a token, or with whom it has a chat.
HistoryContent Phone::chats() {
  HistoryContent recent;
  recent.kind = wa_HistorySyncType_RECENT;
  std::set<std::string> contacts;
  const auto tokens = router_.tokens().known_to(account());
  for (const auto& token : tokens) contacts.insert(token.contact);
  for (const auto& message : log_.since(0))
    if (const Account* other_side = world_.account(message.chat); other_side != nullptr)
      contacts.insert(other_side->phone);
  contacts.erase(phone_);
  for (const auto& number : contacts) {
    const Account& contact = *world_.account(number);
    HistoryChat chat;
    chat.pn = contact.jid(Form::pn);
    chat.lid = contact.jid(Form::lid);
    chat.id = account().lid_migrated ? chat.lid : chat.pn;
    for (const auto& token : tokens) {
      if (token.contact != number) continue;
      chat.token = token.bytes;
      chat.token_time = token.time;
      chat.issued = token.issued;
    }
    for (const auto& message : log_.since(0))
      if (world_.account(message.chat) == &contact)
        chat.messages.push_back(
            {message.id, message.text, message.from_me, message.timestamp, world_.random.bytes(32)});
    recent.chats.push_back(std::move(chat));
  }
  // As many more as are wanted, so that a long history can be had.
  for (std::size_t i = 0; i < options_.history_messages && !recent.chats.empty(); ++i) {
    HistoryMessage message;
    message.id = "3A" + hex_upper(world_.random.bytes(9));
    message.text =
        "Message " + std::to_string(i) + ": " + base64(world_.random.bytes(60 + world_.random.below(90)));
    message.from_me = i % 3 == 0;
    message.time = world_.now.unix_seconds() - static_cast<std::int64_t>(i % 86400);
    message.secret = world_.random.bytes(32);
    recent.chats[i % recent.chats.size()].messages.push_back(std::move(message));
  }
  return recent;
}

void Phone::upload_history(std::uint16_t companion, const Bytes& content) {
  const auto uploaded = media_.upload_history({phone_, companion}, content);
  const std::string id = send_peer(companion, notification(wa_HistorySyncType_RECENT, nullptr, &uploaded));
  uploads_[id] = {companion, content, uploaded};
}

// hist_sync: the companion has read it, and from then on holds the tokens that stand in it. (Baileys and
// whatsmeow say so before they have: no breach.) server-error: it could not, and wants it anew.
void Phone::history_receipt(const wire::Node& receipt, const DeviceRef& companion) {
  const auto found = uploads_.find(receipt.attr("id"));
  if (found == uploads_.end() || found->second.companion != companion.number) return;
  const Upload upload = found->second;
  uploads_.erase(found);
  if (receipt.is("type", "hist_sync")) return router_.tokens().held_by(companion);
  const wire::Node* sealed = receipt.path({"encrypt", "enc_p"});
  const wire::Node* iv = receipt.path({"encrypt", "enc_iv"});
  const std::string id = receipt.attr("id");
  const Bytes key = crypto::hkdf_sha256({}, upload.uploaded.media_key, as_bytes(kRetryKeys), 32);
  const auto opened = sealed != nullptr && iv != nullptr && iv->bytes().size() == 12
                          ? crypto::aes_gcm_open(key, iv->bytes(), as_bytes(id), sealed->bytes())
                          : Result<Bytes>(fail(Cause::malformed));
  Bytes expected = {0x0a, static_cast<std::uint8_t>(id.size())};
  expected.insert(expected.end(), id.begin(), id.end());
  if (!opened || *opened != expected)
    return world_.violation("history-repair", &companion, "a request for another upload that can't be opened",
                            &receipt);
  upload_history(upload.companion, upload.content);
}

}  // namespace pigeond::sandbox
