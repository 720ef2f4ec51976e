#include "sandbox/phones/phone.h"

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"
#include "sandbox/accounts/directory.h"

namespace pigeond::sandbox {
namespace {

constexpr std::size_t kKeysAtOnce = 100;
constexpr std::size_t kKeptMessages = 2000;

// The message as others get it, or wrapped for own devices when `destination` is given.
Bytes encode_text(const std::string& text, const PhoneMessage* quoted, const wire::Jid* destination) {
  auto message = std::make_unique<wa_Message>();
  if (quoted == nullptr) {
    message->conversation = text;
  } else {
    message->has_extendedTextMessage = true;
    message->extendedTextMessage.text = text;
    auto context = std::make_unique<wa_ContextInfo>();
    context->stanzaID = quoted->id;
    context->participant = quoted->from.without_device().text();
    context->quotedMessage = std::make_unique<wa_Message>();
    context->quotedMessage->conversation = quoted->text;
    message->extendedTextMessage.contextInfo = std::move(context);
  }
  if (destination == nullptr) return wire::proto::encode(*message);
  auto wrapper = std::make_unique<wa_Message>();
  wrapper->has_deviceSentMessage = true;
  wrapper->deviceSentMessage.destinationJID = destination->text();
  wrapper->deviceSentMessage.message = std::move(message);
  return wire::proto::encode(*wrapper);
}

std::optional<Key32> key_in(const wire::Node* node) {
  if (node == nullptr) return std::nullopt;
  const Bytes bytes = node->bytes();
  if (bytes.size() != 32) return std::nullopt;
  Key32 key;
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

}  // namespace

Bytes pad(ByteView message, Random& random) {
  const auto count = static_cast<std::uint8_t>(1 + random.below(16));
  Bytes padded = to_bytes(message);
  padded.insert(padded.end(), count, count);
  return padded;
}

Result<Bytes> unpad(ByteView padded) {
  if (padded.empty()) return fail(Cause::malformed, "empty plaintext");
  const std::size_t count = padded.back();
  if (count == 0 || count > padded.size()) return fail(Cause::malformed, "padding");
  const auto tail = padded.last(count);
  if (std::any_of(tail.begin(), tail.end(), [count](std::uint8_t byte) { return byte != count; }))
    return fail(Cause::malformed, "padding");
  return to_bytes(padded.first(padded.size() - count));
}

std::optional<signal::PreKeyBundle> read_bundle(const wire::Node& user, const wire::Node& keys) {
  const wire::Node* registration = user.child("registration");
  const wire::Node* skey = keys.child("skey");
  const auto identity = key_in(keys.child("identity"));
  if (registration == nullptr || skey == nullptr || !identity) return std::nullopt;
  const auto signed_value = key_in(skey->child("value"));
  const wire::Node* id = skey->child("id");
  const wire::Node* signature = skey->child("signature");
  if (!signed_value || id == nullptr || signature == nullptr || signature->bytes().size() != 64)
    return std::nullopt;
  signal::PreKeyBundle bundle;
  bundle.registration_id = static_cast<std::uint32_t>(read_be(registration->bytes()));
  bundle.identity = *identity;
  bundle.signed_pre_key_id = static_cast<std::uint32_t>(read_be(id->bytes()));
  bundle.signed_pre_key = *signed_value;
  const Bytes signature_bytes = signature->bytes();
  std::copy(signature_bytes.begin(), signature_bytes.end(), bundle.signature.begin());
  if (const wire::Node* key = keys.child("key")) {
    const auto value = key_in(key->child("value"));
    const wire::Node* key_id = key->child("id");
    if (!value || key_id == nullptr) return std::nullopt;
    bundle.pre_key_id = static_cast<std::uint32_t>(read_be(key_id->bytes()));
    bundle.pre_key = *value;
  }
  return bundle;
}

Phone::Phone(World& world, Router& router, KeyServer& keys, MediaStore& media, const std::string& phone,
             const PhoneOptions& options)
    : world_(world),
      router_(router),
      keys_(keys),
      media_(media),
      phone_(phone),
      options_(options),
      identity_(crypto::generate_key_pair(world.random)),
      raw_id_(world.random.u32()),
      app_state_key_(world.random.bytes(32)),
      store_(identity_, 1 + static_cast<std::uint32_t>(world.random.below(16380))),
      sessions_(store_, world.random),
      groups_(store_, world.random),
      signed_key_(signal::make_signed_pre_key(1, identity_, world.now.unix_seconds(), world.random)) {
  store_.save_signed_pre_key(signed_key_);
  Device& device = account().devices[0];
  device.identity = identity_.pub;
  device.registration_id = store_.registration_id();
  device.signed_key = SignedKey{signed_key_.id, signed_key_.key.pub, signed_key_.signature};
  account().auto_reply = options_.reply.has_value();
  make_keys();
}

void Phone::make_keys() {
  Device& device = account().devices[0];
  for (const auto& key : signal::make_pre_keys(next_key_, kKeysAtOnce, world_.random)) {
    store_.save_pre_key(key);
    device.uploaded.insert(key.id);
    device.one_time_keys.push_back(OneTimeKey{key.id, key.key.pub});
    next_key_ = key.id + 1;
  }
  device.told_low = false;
}

signal::Address Phone::address(const DeviceRef& device) const {
  const Account* owner = world_.account(device.phone);
  return {(owner == nullptr ? std::string() : owner->lid) + "_1", device.number};
}

std::string Phone::make_id() {
  return "3A" + hex_upper(world_.random.bytes(9));
}

wa_ADVSignedDeviceIdentity Phone::approve(const Key32& identity, std::uint32_t key_index, bool forge) {
  auto approved =
      sign_device_identity(identity_, identity, raw_id_, key_index, world_.now.unix_seconds(), world_.random);
  if (forge) {
    const auto somebody = crypto::generate_key_pair(world_.random);
    approved.accountSignature =
        sign_device_identity(somebody, identity, raw_id_, key_index, world_.now.unix_seconds(), world_.random)
            .accountSignature;
  }
  return approved;
}

void Phone::list_changed() {
  std::vector<std::uint32_t> valid = {0};
  std::uint32_t current = 0;
  for (const auto& [number, device] : account().devices) {
    if (number == 0) continue;
    valid.push_back(device.key_index);
    current = std::max(current, device.key_index);
  }
  account().key_index_time = world_.now.unix_seconds();
  account().key_index_list =
      sign_key_index_list(identity_, raw_id_, valid, current, world_.now.unix_seconds(), world_.random);
}

void Phone::forget(std::uint16_t companion) {
  sessions_.forget(address({phone_, companion}));
}

bool Phone::ensure_session(const DeviceRef& device, Form form, bool renew) {
  const auto peer = address(device);
  if (!renew && sessions_.has(peer)) return true;
  const Account* owner = world_.account(device.phone);
  wire::Node user("user");
  user.set("jid", owner->jid(form, device.number));
  wire::Node request("iq");
  request.set("type", "get").set("id", world_.next_id()).set("xmlns", "encrypt");
  request.add(wire::Node("key").add(std::move(user)));
  const wire::Node answer = keys_.handle(self(), request);
  const wire::Node* bundle_node = answer.path({"list", "user"});
  const auto bundle = bundle_node == nullptr ? std::nullopt : read_bundle(*bundle_node, *bundle_node);
  if (!bundle) return false;
  auto status = sessions_.start(peer, *bundle);
  if (!status && status.error().cause == Cause::untrusted_identity) {
    sessions_.forget(peer);
    status = sessions_.start(peer, *bundle);
  }
  return status.ok();
}

std::optional<wire::Node> Phone::encrypt_for(const DeviceRef& device, ByteView plaintext) {
  const auto sealed = sessions_.encrypt(address(device), pad(plaintext, world_.random));
  if (!sealed) return std::nullopt;
  wire::Node enc("enc");
  enc.set("v", "2")
      .set("type", sealed->kind == signal::Kind::pkmsg ? "pkmsg" : "msg")
      .body(ByteView(sealed->bytes));
  return enc;
}

void Phone::keep(const std::string& id, Kept message) {
  if (kept_.insert_or_assign(id, std::move(message)).second) kept_order_.push_back(id);
  if (kept_order_.size() <= kKeptMessages) return;
  kept_.erase(kept_order_.front());
  kept_order_.pop_front();
}

void Phone::add_meta(wire::Node& stanza, const Look& look) {
  if (look.poll.empty() && look.event.empty()) return;
  stanza.add(wire::Node("meta").set("polltype", look.poll).set("event_type", look.event));
}

void Phone::send(const std::string& id, const Kept& message) {
  if (message.to.is_group()) return send_to_group(id, message);
  const Form form = form_of(message.to);
  const Account* recipient = world_.account(message.to);
  std::vector<DeviceRef> devices;
  if (recipient->phone != phone_)
    for (const auto& [number, device] : recipient->devices) devices.push_back({recipient->phone, number});
  for (const auto& [number, device] : account().devices)
    if (number != 0) devices.push_back({phone_, number});
  wire::Node participants("participants");
  for (const auto& device : devices) {
    if (!ensure_session(device, form, false)) continue;  // not yet with keys
    auto enc = encrypt_for(device, device.phone == phone_ ? message.own_plaintext : message.plaintext);
    if (!enc) continue;
    if (message.look.hidden) enc->set("decrypt-fail", "hide");
    enc->set("mediatype", message.look.media);
    wire::Node to("to");
    to.set("jid", world_.account(device.phone)->jid(form, device.number)).add(std::move(*enc));
    participants.add(std::move(to));
  }
  if (participants.children().empty()) return;  // a note to self without companions
  wire::Node stanza("message");
  stanza.set("id", id).set("to", message.to).set("type", message.look.type).set("edit", message.look.edit);
  stanza.add(std::move(participants));
  add_meta(stanza, message.look);
  router_.message(self(), stanza);
}

std::string Phone::send_peer(std::uint16_t companion, const Bytes& plaintext) {
  const DeviceRef device{phone_, companion};
  if (!ensure_session(device, Form::pn, false)) return {};
  auto enc = encrypt_for(device, plaintext);
  if (!enc) return {};
  const std::string id = make_id();
  wire::Node stanza("message");
  stanza.set("id", id)
      .set("to", account().jid(Form::pn, companion))
      .set("type", "text")
      .set("category", "peer")
      .set("push_priority", "high")
      .add(std::move(*enc));
  keep(id, Kept{account().jid(Form::pn, companion), plaintext, plaintext, true});
  router_.message(self(), stanza);
  return id;
}

Result<wire::Jid> Phone::chat_named(const std::string& to) {
  std::optional<wire::Jid> chat;
  if (is_digits(to)) {
    const Account* recipient = world_.account(to);
    if (recipient == nullptr) return fail(Cause::not_found, "to");
    chat = recipient->jid(options_.addressing);
  } else {
    chat = wire::parse_jid(to);
    if (!chat || !(chat->is_user() || chat->is_group())) return fail(Cause::bad_input, "to");
    chat = chat->without_device();
  }
  const auto group = chat->is_group() ? world_.groups.find(chat->user) : world_.groups.end();
  if (group == world_.groups.end() && world_.account(*chat) == nullptr) return fail(Cause::not_found, "to");
  return *chat;
}

// The form of its own address that goes with a chat: a group has one for all.
Form Phone::own_form(const wire::Jid& chat) const {
  const auto group = chat.is_group() ? world_.groups.find(chat.user) : world_.groups.end();
  return group != world_.groups.end() ? group->second.addressing : form_of(chat);
}

Result<std::string> Phone::send_content(const std::string& to, ByteView message, const Look& look,
                                        const std::string& id) {
  PIGEOND_TRY(const wire::Jid chat, chat_named(to));
  auto content = wire::proto::decode<wa_Message>(message);
  if (!content) return fail(Cause::bad_input, "message");
  wa_Message wrapper{};
  wrapper.has_deviceSentMessage = true;
  wrapper.deviceSentMessage.destinationJID = chat.text();
  wrapper.deviceSentMessage.message = std::make_unique<wa_Message>(std::move(*content));
  const std::string own_id = id.empty() ? make_id() : id;
  Kept kept{chat, to_bytes(message), wire::proto::encode(wrapper), false, look};
  PhoneMessage entry;
  entry.id = own_id;
  entry.chat = entry.to = chat;
  entry.from = account().jid(own_form(chat));
  entry.type = look.type;
  entry.from_me = true;
  entry.timestamp = world_.now.unix_seconds();
  entry.ack = "pending";
  entry.content = kept.plaintext;
  log_.add(std::move(entry));
  keep(own_id, kept);
  send(own_id, kept);
  return own_id;
}

Result<std::string> Phone::send_text(const std::string& to, const std::string& text,
                                     const std::string& reply_to) {
  if (text.empty() || text.size() > limits::kText || !is_valid_utf8(text))
    return fail(Cause::bad_input, "text");
  PIGEOND_TRY(const wire::Jid chat, chat_named(to));
  const PhoneMessage* quoted = nullptr;
  if (!reply_to.empty()) {
    quoted = log_.find(reply_to);
    if (quoted == nullptr) return fail(Cause::not_found, "reply_to");
  }
  const std::string id = make_id();
  Kept kept{chat, encode_text(text, quoted, nullptr), encode_text(text, quoted, &chat), false};
  PhoneMessage entry;
  entry.id = id;
  entry.chat = chat;
  entry.from = account().jid(own_form(chat));
  entry.to = chat;
  entry.text = text;
  entry.type = "text";
  entry.from_me = true;
  entry.timestamp = world_.now.unix_seconds();
  entry.reply_to = reply_to;
  entry.ack = "pending";
  entry.content = kept.plaintext;
  log_.add(std::move(entry));
  keep(id, kept);
  send(id, kept);
  return id;
}

Status Phone::read(const std::string& chat, const std::vector<std::string>& ids, bool played) {
  const auto jid = is_digits(chat) ? std::optional(wire::pn(chat)) : wire::parse_jid(chat);
  if (jid && jid->is_group()) return read_in_group(*jid, ids, played);
  Account* other_side = jid ? world_.account(*jid) : nullptr;
  if (other_side == nullptr) return fail(Cause::not_found, "chat");
  if (ids.empty()) return fail(Cause::bad_input, "ids");
  Form form = options_.addressing;
  for (const auto& id : ids) {
    const PhoneMessage* message = log_.find(id);
    if (message == nullptr || message->from_me || world_.account(message->chat) != other_side)
      return fail(Cause::not_found, "ids");
    form = form_of(message->chat);
  }
  wire::Node receipt = seen(ids, played, world_.now.unix_seconds());
  router_.receipt(self(), receipt.set("to", other_side->jid(form)));
  return {};
}

wire::Node Phone::seen(const std::vector<std::string>& ids, bool played, std::int64_t now) {
  wire::Node receipt("receipt");
  receipt.set("id", ids.front()).set("type", played ? "played" : "read");
  receipt.set("t", static_cast<std::uint64_t>(now));
  if (ids.size() > 1) {
    wire::Node list("list");
    for (std::size_t index = 1; index < ids.size(); ++index)
      list.add(wire::Node("item").set("id", ids[index]));
    receipt.add(std::move(list));
  }
  return receipt;
}

}  // namespace pigeond::sandbox
