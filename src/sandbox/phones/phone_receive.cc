// Phone's inbound half.
#include "base/text.h"
#include "sandbox/phones/phone.h"

namespace pigeond::sandbox {
namespace {

constexpr int kMostRetries = 5;

std::string text_of(const wa_Message& message) {
  return message.has_extendedTextMessage ? message.extendedTextMessage.text : message.conversation;
}

std::string quoted_id(const wa_Message& message) {
  if (!message.has_extendedTextMessage || !message.extendedTextMessage.contextInfo) return {};
  return message.extendedTextMessage.contextInfo->stanzaID;
}

// Own receipt levels by the name that the log shows.
std::string level_name(const std::string& type) {
  return type.empty() ? "delivered" : type;
}

Bytes big_endian(std::uint64_t value, unsigned width) {
  Bytes bytes;
  append_be(bytes, value, width);
  return bytes;
}

}  // namespace

void Phone::receive(const wire::Node& stanza) {
  if (stanza.tag == "message") return receive_message(stanza);
  if (stanza.tag == "receipt") return receive_receipt(stanza);
  if (stanza.tag == "ack") return receive_ack(stanza);
  if (stanza.tag == "notification" && stanza.is("type", "encrypt") && stanza.child("count") != nullptr)
    make_keys();
}

void Phone::receive_message(const wire::Node& stanza) {
  const auto from = stanza.jid("from");
  if (from && from->is_group()) return receive_in_group(stanza);
  const auto sender = from ? world_.find(*from) : std::nullopt;
  const wire::Node* enc = stanza.child("enc");
  if (!sender || enc == nullptr) return;
  const auto plaintext = decrypt(*sender, *enc);
  if (!plaintext) {
    // Read before: the answer was lost, not the message.
    if (plaintext.error().cause == Cause::duplicate_message) return confirm_message(stanza, *sender);
    return ask_again(stanza);
  }
  const auto unpadded = unpad(*plaintext);
  if (!unpadded) {
    world_.violation("plaintext-padding", &*sender, "a decrypted message has no proper padding", &stanza);
    return;
  }
  auto message = wire::proto::decode<wa_Message>(*unpadded);
  if (!message) {
    world_.violation("plaintext-malformed", &*sender, "a decrypted message does not parse", &stanza);
    return;
  }
  retries_.erase(stanza.attr("id"));
  confirm_message(stanza, *sender);
  if (stanza.is("category", "peer")) return take_peer(stanza, *sender, *message);
  const bool own = sender->phone == phone_;
  if (own != message->has_deviceSentMessage) {
    world_.violation("device-sent", &*sender,
                     own ? "a copy for the own phone is not wrapped as device-sent"
                         : "a message to somebody else is wrapped as device-sent",
                     &stanza);
    return;
  }
  if (!own) return take_message(stanza, *sender, *message);
  if (message->deviceSentMessage.message) take_message(stanza, *sender, *message->deviceSentMessage.message);
}

Result<Bytes> Phone::decrypt(const DeviceRef& sender, const wire::Node& enc) {
  const auto kind = enc.is("type", "pkmsg") ? signal::Kind::pkmsg : signal::Kind::msg;
  const Bytes bytes = enc.bytes();
  auto plaintext = sessions_.decrypt(address(sender), kind, bytes);
  if (!plaintext && plaintext.error().cause == Cause::untrusted_identity) {
    sessions_.forget(address(sender));
    plaintext = sessions_.decrypt(address(sender), kind, bytes);
  }
  return plaintext;
}

void Phone::take_message(const wire::Node& stanza, const DeviceRef& sender, const wa_Message& message) {
  check_look(stanza, sender, message);
  if (message.has_protocolMessage) return take_amendment(stanza, sender, message.protocolMessage);
  const bool own = sender.phone == phone_;
  if (log_.find(stanza.attr("id")) != nullptr) return;
  PhoneMessage entry;
  entry.id = stanza.attr("id");
  const auto in_group = stanza.jid("participant");
  entry.from = in_group.value_or(stanza.jid("from").value_or(wire::Jid()));
  const auto chat = own && !in_group ? stanza.jid("recipient") : stanza.jid("from");
  entry.chat = chat.value_or(wire::Jid()).without_device();
  entry.to = own || in_group ? entry.chat : account().jid(form_of(entry.from));
  entry.text = text_of(message);
  entry.reply_to = quoted_id(message);
  entry.type = stanza.attr("type");
  entry.from_me = own;
  entry.device = sender.number;
  entry.timestamp = static_cast<std::int64_t>(stanza.number("t").value_or(0));
  if (own) entry.ack = "sent";
  entry.content = wire::proto::encode(message);
  entry.media = fetch_media(stanza, sender, message);
  const PhoneMessage added = log_.add(std::move(entry));
  if (!own) reply_to(added);
}

// An edit or a deletion.
void Phone::take_amendment(const wire::Node& stanza, const DeviceRef& sender,
                           const wa_ProtocolMessage& message) {
  const bool edits = message.type == wa_ProtocolMessage_Type_MESSAGE_EDIT && message.editedMessage;
  const bool deletes = message.has_key && message.type == wa_ProtocolMessage_Type_REVOKE;
  PhoneMessage* target = edits || deletes ? log_.find(message.key.id) : nullptr;
  if (target == nullptr) return;
  const Account* author = world_.account(target->from);
  const bool by_author = author != nullptr && author->phone == sender.phone;
  if (!by_author && !(deletes && stanza.is("edit", "8"))) return;
  for (const auto& known : target->amendments)
    if (known.id == stanza.attr("id")) return;
  target->amendments.push_back(
      {stanza.attr("id"), edits ? text_of(*message.editedMessage) : std::string(), deletes});
}

void Phone::reply_to(const PhoneMessage& message) {
  const Account* sender = world_.account(message.chat);
  // Two phones that answer each other would never stop.
  if (!options_.reply || message.text.empty() || sender == nullptr || sender->auto_reply) return;
  const std::string answer = *options_.reply == "echo" ? "echo: " + message.text : *options_.reply;
  // Nothing to do about a refusal here: the chat exists, since its message came in.
  if (!read(message.chat.text(), {message.id})) return;
  if (!send_text(message.chat.text(), answer, {})) return;
}

void Phone::confirm_message(const wire::Node& stanza, const DeviceRef& sender) {
  wire::Node receipt("receipt");
  receipt.set("id", stanza.attr("id"));
  if (const auto from = stanza.jid("from")) receipt.set("to", *from);
  if (const auto author = stanza.jid("participant")) receipt.set("participant", *author);
  if (stanza.is("category", "peer")) {
    receipt.set("type", "peer_msg");
  } else if (sender.phone == phone_) {
    receipt.set("type", "sender");
    if (const auto chat = stanza.jid("recipient")) receipt.set("recipient", *chat);
  }
  // As old clients answer what goes by LID (whatsapp-rust wacore/src/stanza/receipt.rs).
  const DeviceRef phone = self();
  if (sender.phone != phone_ && world_.faults.strike(FaultKind::incapable, &phone))
    receipt.add(wire::Node("error").set("type", "feature-incapable").set("reason", "lid"));
  router_.receipt(self(), receipt);
}

void Phone::ask_again(const wire::Node& stanza) {
  const std::string id = stanza.attr("id");
  const int count = ++retries_[id];
  if (count > kMostRetries) return;
  wire::Node retry("retry");
  retry.set("v", "1")
      .set("count", static_cast<std::uint64_t>(count))
      .set("id", id)
      .set("t", stanza.attr("t"));
  wire::Node receipt("receipt");
  receipt.set("id", id).set("type", "retry").set("category", stanza.attr("category"));
  if (const auto from = stanza.jid("from")) receipt.set("to", *from);
  if (const auto author = stanza.jid("participant")) receipt.set("participant", *author);
  if (const auto chat = stanza.jid("recipient")) receipt.set("recipient", *chat);
  receipt.add(std::move(retry)).add(wire::Node("registration").body(big_endian(store_.registration_id(), 4)));
  if (count > 1) {
    // A fresh key that is in nobody's list.
    const auto fresh = signal::make_pre_keys(next_key_, 1, world_.random).front();
    next_key_ = fresh.id + 1;
    store_.save_pre_key(fresh);
    wire::Node key("key"), skey("skey"), keys("keys");
    key.add(wire::Node("id").body(big_endian(fresh.id, 3)))
        .add(wire::Node("value").body(ByteView(fresh.key.pub)));
    skey.add(wire::Node("id").body(big_endian(signed_key_.id, 3)))
        .add(wire::Node("value").body(ByteView(signed_key_.key.pub)))
        .add(wire::Node("signature").body(ByteView(signed_key_.signature)));
    keys.add(wire::Node("type").body(Bytes{5}))
        .add(wire::Node("identity").body(ByteView(identity_.pub)))
        .add(std::move(key))
        .add(std::move(skey));
    receipt.add(std::move(keys));
  }
  router_.receipt(self(), receipt);
}

void Phone::receive_receipt(const wire::Node& stanza) {
  const auto participant = stanza.jid("participant");
  const auto from = participant ? participant : stanza.jid("from");
  const auto sender = from ? world_.find(*from) : std::nullopt;
  if (!sender) return;
  const std::string type = stanza.attr("type");
  if (type == "retry") return answer_retry(stanza, *sender);
  if (type == "server-error" && stanza.child("rmr") != nullptr) return reupload(stanza, *sender);
  if (type == "hist_sync" || type == "server-error") return history_receipt(stanza, *sender);
  std::vector<std::string> ids = {stanza.attr("id")};
  if (const wire::Node* list = stanza.child("list"))
    list->each("item", [&ids](const wire::Node& item) { ids.push_back(item.attr("id")); });
  for (const auto& id : ids) log_.receipt(id, {from->text(), level_name(type), world_.now.unix_seconds()});
}

void Phone::answer_retry(const wire::Node& stanza, const DeviceRef& requester) {
  const std::string id = stanza.attr("id");
  const wire::Node* retry = stanza.child("retry");
  const std::uint64_t count = retry == nullptr ? 1 : retry->number("count").value_or(1);
  const auto kept = kept_.find(id);
  if (kept == kept_.end() || count > kMostRetries) return;
  const Kept& message = kept->second;
  const Form form =
      message.to.is_group() ? form_of(stanza.jid("participant").value_or(message.to)) : form_of(message.to);
  const auto peer = address(requester);
  if (const wire::Node* keys = stanza.child("keys")) {
    const auto bundle = read_bundle(stanza, *keys);
    if (!bundle) return;
    sessions_.forget(peer);
    if (!sessions_.start(peer, *bundle)) return;
  } else if (!ensure_session(requester, form, true)) {
    return;
  }
  if (message.to.is_group()) return resend_to_group(id, message, requester, count);
  auto enc = encrypt_for(requester, requester.phone == phone_ ? message.own_plaintext : message.plaintext);
  if (!enc) return;
  enc->set("count", count);
  const Account* owner = world_.account(requester.phone);
  wire::Node resend("message");
  resend.set("id", id)
      .set("to", owner->jid(form, requester.number))
      .set("type", message.look.type)
      .set("edit", message.look.edit)
      .set("category", message.peer ? "peer" : "")
      .set("device_fanout", "false")
      .add(std::move(*enc));
  if (requester.phone == phone_ && !message.peer) resend.set("recipient", message.to);
  router_.message(self(), resend);
}

void Phone::receive_ack(const wire::Node& stanza) {
  if (!stanza.is("class", "message")) return;
  PhoneMessage* message = log_.find(stanza.attr("id"));
  if (message == nullptr || !message->from_me) return;
  if (const auto error = stanza.number("error")) {
    message->ack = "error";
    message->error = static_cast<int>(*error);
  } else if (message->ack == "pending") {
    message->ack = "sent";
  }
}

}  // namespace pigeond::sandbox
