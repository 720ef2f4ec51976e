// A phone in groups: it writes with a sender key of its own, which it hands to every device that lacks it,
// and makes anew when a device that has it is gone; and it reads with those of others.
#include <algorithm>

#include "sandbox/phones/phone.h"

namespace pigeond::sandbox {
namespace {

Bytes key_message(const wire::Jid& group, Bytes key) {
  auto message = std::make_unique<wa_Message>();
  message->has_senderKeyDistributionMessage = true;
  message->senderKeyDistributionMessage.groupID = group.text();
  message->senderKeyDistributionMessage.axolotlSenderKeyDistributionMessage = std::move(key);
  return wire::proto::encode(*message);
}

}  // namespace

std::vector<DeviceRef> Phone::group_devices(const Group& group) const {
  std::vector<DeviceRef> devices;
  for (const auto& [phone, rank] : group.members)
    for (const auto& [number, device] : world_.account(phone)->devices)
      if (DeviceRef{phone, number} != self()) devices.push_back({phone, number});
  return devices;
}

// What its key is from now on; another one, if somebody holds it who is not there any more.
Bytes Phone::group_key(const Group& group, const std::vector<DeviceRef>& devices) {
  GroupKey& key = group_keys_[group.id];
  const bool gone = std::any_of(key.holders.begin(), key.holders.end(), [&](const DeviceRef& holder) {
    return std::find(devices.begin(), devices.end(), holder) == devices.end();
  });
  if (gone || key.form != group.addressing) {
    groups_.forget(group.jid().text(), address(self()));
    key = {group.addressing, {}};
  }
  const auto distribution = groups_.distribution(group.jid().text(), address(self()));
  return distribution ? *distribution : Bytes();
}

void Phone::send_to_group(const std::string& id, const Kept& message) {
  const auto found = world_.groups.find(message.to.user);
  if (found == world_.groups.end()) return;
  const Group& group = found->second;
  const auto devices = group_devices(group);
  const Bytes key = key_message(group.jid(), group_key(group, devices));
  auto& holders = group_keys_[group.id].holders;
  wire::Node participants("participants");
  for (const auto& device : devices) {
    if (holders.contains(device) || !ensure_session(device, group.addressing, false)) continue;
    auto enc = encrypt_for(device, key);
    if (!enc) continue;
    wire::Node to("to");
    to.set("jid", world_.account(device.phone)->jid(group.addressing, device.number)).add(std::move(*enc));
    participants.add(std::move(to));
    holders.insert(device);
  }
  const auto sealed =
      groups_.encrypt(group.jid().text(), address(self()), pad(message.plaintext, world_.random));
  if (!sealed) return;
  wire::Node stanza("message");
  stanza.set("id", id).set("to", group.jid());
  stanza.set("type", message.look.type).set("edit", message.look.edit);
  stanza.set("addressing_mode", group.addressing == Form::lid ? "lid" : "pn");
  if (!participants.children().empty()) stanza.add(std::move(participants));
  wire::Node enc("enc");
  enc.set("v", "2").set("type", "skmsg").body(ByteView(*sealed));
  if (message.look.hidden) enc.set("decrypt-fail", "hide");
  enc.set("mediatype", message.look.media);
  stanza.add(std::move(enc));
  add_meta(stanza, message.look);
  router_.message(self(), stanza);
}

void Phone::resend_to_group(const std::string& id, const Kept& message, const DeviceRef& device,
                            std::uint64_t count) {
  const auto found = world_.groups.find(message.to.user);
  if (found == world_.groups.end() || !found->second.has(device.phone)) return;
  const Group& group = found->second;
  Bytes plaintext = key_message(group.jid(), group_key(group, group_devices(group)));
  group_keys_[group.id].holders.insert(device);
  plaintext.insert(plaintext.end(), message.plaintext.begin(), message.plaintext.end());
  auto enc = encrypt_for(device, plaintext);
  if (!enc) return;
  enc->set("count", count);
  if (message.look.hidden) enc->set("decrypt-fail", "hide");
  wire::Node stanza("message");
  stanza.set("id", id).set("to", group.jid());
  stanza.set("type", message.look.type).set("edit", message.look.edit);
  stanza.set("participant", world_.account(device.phone)->jid(group.addressing, device.number));
  stanza.add(std::move(*enc));
  add_meta(stanza, message.look);
  router_.message(self(), stanza);
}

bool Phone::can_read(const Group& group, const DeviceRef& sender, ByteView ciphertext) const {
  signal::MemoryStore copy = store_;
  return signal::GroupSessions(copy, world_.random)
      .decrypt(group.jid().text(), address(sender), ciphertext)
      .ok();
}

void Phone::receive_in_group(const wire::Node& stanza) {
  const auto participant = stanza.jid("participant");
  const auto sender = participant ? world_.find(*participant) : std::nullopt;
  if (!sender) return;
  std::vector<const wire::Node*> encs;
  stanza.each("enc", [&](const wire::Node& enc) { encs.push_back(&enc); });
  for (const auto* enc : encs)
    if (!open_in_group(stanza, *sender, *enc)) return ask_again(stanza);
  if (encs.empty()) return;
  retries_.erase(stanza.attr("id"));
  confirm_message(stanza, *sender);
}

// False: it can't be read.
bool Phone::open_in_group(const wire::Node& stanza, const DeviceRef& sender, const wire::Node& enc) {
  const std::string group = stanza.attr("from");
  const auto plaintext =
      enc.is("type", "skmsg") ? groups_.decrypt(group, address(sender), enc.bytes()) : decrypt(sender, enc);
  if (!plaintext) return plaintext.cause() == Cause::duplicate_message;
  const auto unpadded = unpad(*plaintext);
  auto message = unpadded ? wire::proto::decode<wa_Message>(*unpadded)
                          : Result<wa_Message>(fail(Cause::malformed, "padding"));
  if (!message) {
    world_.violation("plaintext-malformed", &sender, "a decrypted message does not parse", &stanza);
    return true;
  }
  if (message->has_senderKeyDistributionMessage) {
    const auto& key = message->senderKeyDistributionMessage;
    const bool taken = key.groupID == group &&
                       groups_.process(group, address(sender), key.axolotlSenderKeyDistributionMessage).ok();
    if (!taken) world_.violation("sender-key", &sender, "a sender key that can't be used", &stanza);
  }
  // A key that is handed out stands alone before the message; what is sent again has both in one.
  const bool key_alone = !enc.is("type", "skmsg") && !enc.has("count");
  if (!key_alone) take_message(stanza, sender, *message);
  return true;
}

// One receipt for each author, as phones send them.
Status Phone::read_in_group(const wire::Jid& group, const std::vector<std::string>& ids, bool played) {
  if (ids.empty()) return fail(Cause::bad_input, "ids");
  std::map<wire::Jid, std::vector<std::string>> by_author;
  for (const auto& id : ids) {
    const PhoneMessage* message = log_.find(id);
    if (message == nullptr || message->from_me || message->chat != group)
      return fail(Cause::not_found, "ids");
    by_author[message->from.without_device()].push_back(id);
  }
  for (const auto& [author, list] : by_author) {
    wire::Node receipt = seen(list, played, world_.now.unix_seconds());
    router_.receipt(self(), receipt.set("to", group).set("participant", author));
  }
  return {};
}

}  // namespace pigeond::sandbox
