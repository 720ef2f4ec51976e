// Router's messages to groups: one ciphertext for all members' devices, and the sender key for those that
// lack it.
//
//   <message id to=GROUP type addressing_mode [phash]>
//     [<participants><to jid=DEVICE><enc v=2 type="msg|pkmsg"/></to>…</participants>]
//     <enc v=2 type="skmsg"/> [<device-identity/>]
//   </message>
//
// No client lists the numbers with which the service refuses them. 421 is known (zapo's
// STALE_GROUP_ADDRESSING_MODE, Baileys #1807: the group's members go by LID now, or the devices are of both
// forms); else those stand here with which it answers questions about groups: 403 of whoever is not in it,
// 404 of one that is not there (whatsmeow's ErrNotInGroup and ErrGroupNotFound), 401 of what only admins may
// do.
#include <algorithm>

#include "sandbox/accounts/directory.h"
#include "sandbox/messages/router.h"

namespace pigeond::sandbox {
namespace {

constexpr int kBadRequest = 400, kNotAdmin = 401, kNotMember = 403, kNotFound = 404, kStaleMode = 421,
              kRefused = 479;
constexpr std::size_t kSignature = 64;  // bytes behind a sender key message

const char* mode_of(const Group& group) {
  return group.addressing == Form::lid ? "lid" : "pn";
}

// SenderKeyMessage: version, {1: id of the key, 2: iteration, 3: ciphertext}, signature.
std::optional<std::uint32_t> key_id_of(ByteView message) {
  if (message.size() < 3 + kSignature || message[0] != 0x33 || message[1] != 0x08) return std::nullopt;
  std::uint64_t id = 0;
  for (std::size_t at = 2, shift = 0; at < message.size() && shift < 35; ++at, shift += 7) {
    id |= static_cast<std::uint64_t>(message[at] & 0x7f) << shift;
    if ((message[at] & 0x80) == 0) return static_cast<std::uint32_t>(id);
  }
  return std::nullopt;
}

}  // namespace

void Router::group_message(Envelope& envelope) {
  const wire::Node& stanza = *envelope.stanza;
  const auto found = world_.groups.find(envelope.to.user);
  if (found == world_.groups.end()) {
    envelope.error = kNotFound;
    return acknowledge(envelope);
  }
  const Group& group = found->second;
  envelope.group = &group;
  if (const auto fault =
          world_.faults.strike(FaultKind::ack_error, &envelope.from, group.id, group.addressing))
    envelope.error = fault->code;
  if (envelope.error == 0) check_membership(envelope);
  if (envelope.error != 0) return acknowledge(envelope);
  if (stanza.has("participant")) return group_resend(envelope);
  const std::string mode = stanza.attr("addressing_mode");
  if (!mode.empty() && mode != mode_of(group)) envelope.error = kStaleMode;
  check_look(envelope);
  if (envelope.error == 0 && stanza.is("edit", "8") && !group.is_admin(envelope.from.phone))
    refuse(envelope, kRefused, "edit-not-admin", "edit is 8, of a member who is no admin");
  if (envelope.error == 0) read_keys(envelope);
  if (envelope.error == kStaleMode) envelope.mode = mode_of(group);
  const wire::Node* text = check_text(envelope);
  if (envelope.error == 0 && seen_before(envelope)) return acknowledge(envelope);
  check_identity(envelope);
  for (const auto& copy : envelope.copies) check_copy(envelope, copy);
  if (envelope.error != 0) return acknowledge(envelope);
  check_keyed(envelope, *text);
  check_group_phash(envelope);
  remember(envelope);
  if (world_.group_message)
    world_.group_message(envelope.from, group, stanza, was_told(envelope.from, group));
  acknowledge(envelope);
  for (const auto& [phone, rank] : group.members) {
    for (const auto& [number, device] : world_.account(phone)->devices) {
      const DeviceRef to{phone, number};
      if (to == envelope.from) continue;
      const auto copy = std::find_if(envelope.copies.begin(), envelope.copies.end(),
                                     [&](const Copy& each) { return each.to == to; });
      const wire::Node* key = copy == envelope.copies.end() ? nullptr : copy->enc;
      mailroom_.deliver(
          to, as_given(envelope, {to, group.addressing, text}, group_delivery(envelope, to, key, text)));
    }
  }
}

void Router::check_membership(Envelope& envelope) {
  const Group& group = *envelope.group;
  if (!group.has(envelope.from.phone))
    envelope.error = kNotMember;
  else if (group.announce && !group.is_admin(envelope.from.phone) &&
           !envelope.stanza->has("participant"))  // what it wrote before may be asked for
    envelope.error = kNotAdmin;
}

// What it was told of a group, it has answered.
bool Router::was_told(const DeviceRef& ref, const Group& group) const {
  const Device* device = world_.device(ref);
  return std::none_of(device->mailbox.begin(), device->mailbox.end(), [&](const Waiting& entry) {
    return entry.stanza.tag == "notification" && entry.stanza.is("type", "w:gp2") &&
           entry.stanza.jid("from") == group.jid();
  });
}

void Router::read_keys(Envelope& envelope) {
  const wire::Node* participants = envelope.stanza->child("participants");
  if (participants == nullptr) return;
  for (const auto& to : participants->children()) {
    if (envelope.error != 0) return;
    add_key(envelope, to);
  }
}

// Who has left is addressed still by whoever has not heard of it yet.
void Router::add_key(Envelope& envelope, const wire::Node& to) {
  const Group& group = *envelope.group;
  const auto jid = to.jid("jid");
  if (to.tag != "to" || !jid || !jid->is_user())
    return refuse(envelope, kRefused, "message-malformed", "a participant without a device's JID");
  if (form_of(*jid) != group.addressing) {
    envelope.error = kStaleMode;
    return world_.violation("addressing-mixed", &envelope.from,
                            jid->text() + " is not of the group's form of addresses", envelope.stanza);
  }
  const Account* account = world_.account(*jid);
  if (account == nullptr) return refuse(envelope, kBadRequest, "fanout-foreign", jid->text() + " is nobody");
  const DeviceRef device{account->phone, jid->device};
  if (!group.has(account->phone)) {
    if (was_told(envelope.from, group))
      world_.violation("fanout-foreign", &envelope.from, jid->text() + " is not in the group",
                       envelope.stanza);
    return;
  }
  // Baileys 7 hands its key to itself where members go by LID, and the real service takes that.
  if (device == envelope.from) return;
  for (const auto& copy : envelope.copies)
    if (copy.to == device)
      return refuse(envelope, kBadRequest, "fanout-duplicate", "two copies for " + jid->text());
  const wire::Node* enc = to.child("enc");
  if (enc == nullptr) return refuse(envelope, kRefused, "enc-missing", "no enc for " + jid->text());
  if (!account->devices.contains(jid->device)) return;  // the phash says so
  envelope.copies.push_back(Copy{device, group.addressing, enc});
}

const wire::Node* Router::check_text(Envelope& envelope) {
  const wire::Node* text = envelope.stanza->child("enc");
  if (text == nullptr || !text->is("type", "skmsg")) {
    refuse(envelope, kRefused, "enc-missing", "a message to a group without a skmsg");
    return nullptr;
  }
  if (!text->is("v", "2")) refuse(envelope, kRefused, "enc-version", "enc v is not 2");
  if (!std::holds_alternative<Bytes>(text->content) || !key_id_of(text->bytes()))
    refuse(envelope, kRefused, "enc-malformed", "enc is no sender key message of version 3");
  return text;
}

// Every device can read it: it was handed something since this key is in use.
void Router::check_keyed(Envelope& envelope, const wire::Node& text) {
  const Group& group = *envelope.group;
  HandedOut& handed = handed_[{envelope.from, group.id}];
  const std::uint32_t key = *key_id_of(text.bytes());
  if (handed.key != key) handed = {key, {}};
  for (const auto& copy : envelope.copies) handed.devices.insert(copy.to);
  if (!was_told(envelope.from, group)) return;
  for (const auto& [phone, rank] : group.members) {
    const Account& account = *world_.account(phone);
    if (is_stale(envelope, account)) continue;
    for (const auto& [number, device] : account.devices) {
      const DeviceRef ref{phone, number};
      if (ref == envelope.from || handed.devices.contains(ref) || account.unannounced.contains(number))
        continue;
      world_.violation("skmsg-without-key", &envelope.from,
                       account.jid(group.addressing, number).text() + " was never given the sender key",
                       envelope.stanza);
    }
  }
}

// Over all devices of all members, the sender's own among them (whatsmeow, zapo; Baileys sends none).
void Router::check_group_phash(Envelope& envelope) {
  const Group& group = *envelope.group;
  const std::string shown = envelope.stanza->attr("phash");
  if (shown.empty()) return;
  std::vector<wire::Jid> all;
  bool stale = !was_told(envelope.from, group);
  for (const auto& [phone, rank] : group.members) {
    const Account& account = *world_.account(phone);
    stale = stale || is_stale(envelope, account) || !account.unannounced.empty();
    for (auto& jid : device_jids(account, group.addressing)) all.push_back(std::move(jid));
  }
  const std::string ours = participant_hash(all);
  if (shown == ours) return;
  envelope.phash = ours;
  if (!stale)
    world_.violation("phash-wrong", &envelope.from, "the phash is not that of the group's devices",
                     envelope.stanza);
}

// To the one device that has asked for it, with the key inside.
void Router::group_resend(Envelope& envelope) {
  const wire::Node& stanza = *envelope.stanza;
  const Group& group = *envelope.group;
  envelope.resend = true;
  const auto jid = stanza.jid("participant");
  const auto device = jid ? world_.find(*jid) : std::nullopt;
  const wire::Node* enc = stanza.child("enc");
  if (!device || enc == nullptr)
    refuse(envelope, kRefused, "message-malformed", "a resend needs a device and an enc");
  else if (!group.has(device->phone))
    refuse(envelope, kBadRequest, "fanout-foreign", jid->text() + " is not in the group");
  else
    envelope.copies.push_back(Copy{*device, group.addressing, enc});
  check_identity(envelope);
  for (const auto& copy : envelope.copies) check_copy(envelope, copy);
  if (envelope.error == 0) check_resend(envelope);
  acknowledge(envelope);
  if (envelope.error != 0) return;
  for (const auto& copy : envelope.copies)
    mailroom_.deliver(copy.to, group_delivery(envelope, copy.to, copy.enc, nullptr));
}

wire::Node Router::group_delivery(const Envelope& envelope, const DeviceRef& to, const wire::Node* key,
                                  const wire::Node* text) const {
  const wire::Node& stanza = *envelope.stanza;
  const Group& group = *envelope.group;
  const Account* sender = world_.account(envelope.from.phone);
  const Form form = group.addressing;
  wire::Node node("message");
  node.set("from", group.jid()).set("participant", sender->jid(form, envelope.from.number));
  for (const auto* name : {"id", "type", "edit"}) node.set(name, stanza.attr(name));
  node.set("t", static_cast<std::uint64_t>(world_.now.unix_seconds())).set("notify", sender->name);
  node.set("addressing_mode", mode_of(group));
  if (form == Form::pn || !sender->hides_number)
    node.set(form == Form::lid ? "participant_pn" : "participant_lid", sender->jid(other(form)));
  bool pkmsg = false;
  if (key != nullptr) node.add(*key);
  if (key != nullptr) pkmsg = key->is("type", "pkmsg");
  if (text != nullptr) {
    wire::Node enc = *text;
    if (world_.faults.strike(FaultKind::garbled, &to)) {
      Bytes ciphertext = enc.bytes();
      ciphertext[ciphertext.size() / 2] ^= 0x40;
      enc.body(std::move(ciphertext));
    }
    node.add(std::move(enc));
  }
  for (const auto& child : stanza.children()) {
    if (child.tag == "participants" || child.tag == "enc") continue;
    if (child.tag == "device-identity" && !pkmsg) continue;
    node.add(child);
  }
  return node;
}

}  // namespace pigeond::sandbox
