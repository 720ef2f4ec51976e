#include "sandbox/messages/router.h"

#include <algorithm>

#include "sandbox/accounts/directory.h"
#include "sandbox/messages/content_marks.h"
#include "wire/proto.h"

namespace pigeond::sandbox {
namespace {

constexpr std::size_t kRemembered = 20000;  // messages of one device
constexpr int kBadRequest = 400;
constexpr int kNotFound = 404;
constexpr int kUntrusted = 463;
constexpr int kRefused = 479;  // stanza failed validation

bool is_retry(const wire::Node& stanza) {
  if (stanza.is("device_fanout", "false")) return true;
  bool counted = false;
  stanza.each("enc", [&](const wire::Node& enc) { counted = counted || enc.has("count"); });
  return counted;
}

bool has_pkmsg(const wire::Node& stanza) {
  bool found = false;
  auto look = [&found](const wire::Node& enc) { found = found || enc.is("type", "pkmsg"); };
  stanza.each("enc", look);
  if (const wire::Node* participants = stanza.child("participants"))
    participants->each("to", [&](const wire::Node& to) { to.each("enc", look); });
  return found;
}

}  // namespace

void Router::refuse(Envelope& envelope, int error, const std::string& rule, const std::string& detail) {
  world_.violation(rule, &envelope.from, detail, envelope.stanza);
  if (envelope.error == 0) envelope.error = error;
}

void Router::message(const DeviceRef& from, const wire::Node& stanza) {
  Envelope envelope;
  envelope.stanza = &stanza;
  envelope.from = from;
  const auto to = stanza.jid("to");
  if (!stanza.has("id") || !to) {
    world_.violation("message-malformed", &from, "a message needs id and to", &stanza);
    return;
  }
  envelope.to = *to;
  refusals_.check(from, stanza);
  if (to->is_status()) return status_update(envelope);
  if (to->is_group()) return group_message(envelope);
  if (!to->is_user()) {  // broadcast lists, newsletters
    envelope.error = kNotFound;
    world_.trace.mark_unsupported();
    return acknowledge(envelope);
  }
  envelope.recipient = world_.account(*to);
  if (envelope.recipient == nullptr) {
    refuse(envelope, kNotFound, "unknown-recipient", "nobody has the address " + to->text());
    return acknowledge(envelope);
  }
  if (const auto fault =
          world_.faults.strike(FaultKind::ack_error, &from, envelope.recipient->phone, form_of(*to))) {
    envelope.error = fault->code;
    return acknowledge(envelope);
  }
  // whatsapp-rust issue 941: an account that was not migrated is refused by LID, and heard by number.
  const Account* sender = world_.account(from.phone);
  if (from.number != 0 && to->is_lid() && !sender->lid_migrated && !stanza.is("category", "peer") &&
      !is_retry(stanza)) {
    envelope.error = kBadRequest;
    return acknowledge(envelope);
  }
  envelope.resend = is_retry(stanza);
  envelope.peer = stanza.is("category", "peer");
  check_addresses(envelope);
  check_look(envelope);
  read_copies(envelope);
  if (envelope.error == 0 && !envelope.resend && seen_before(envelope)) return acknowledge(envelope);
  if (envelope.error == 0 && !envelope.resend && !envelope.peer)
    envelope.error = tokens_.judge(from, *envelope.recipient, stanza);
  check_identity(envelope);
  for (const auto& copy : envelope.copies) check_copy(envelope, copy);
  if (envelope.error != 0) return acknowledge(envelope);
  if (envelope.resend) {
    check_resend(envelope);
  } else if (!envelope.peer) {
    check_fanout(envelope);
  }
  if (envelope.error != 0) return acknowledge(envelope);
  if (!envelope.resend) remember(envelope);
  acknowledge(envelope);
  // Who is blocked is not told of it: the second tick never comes.
  const bool blocked = envelope.recipient->blocked.contains(from.phone);
  for (const auto& copy : envelope.copies)
    if (!blocked || copy.to.phone == from.phone)
      mailroom_.deliver(copy.to, as_given(envelope, copy, delivery(envelope, copy)));
  if (blocked) return;
  if (!envelope.resend && !envelope.peer) deliver_unheard_of(envelope);
  if (!envelope.resend && !envelope.peer) tokens_.accepted(from, *envelope.recipient);
}

void Router::check_addresses(Envelope& envelope) {
  const wire::Node& stanza = *envelope.stanza;
  if (envelope.to.device != 0 && !envelope.resend && !envelope.peer)
    refuse(envelope, kBadRequest, "message-to-device", "to names a single device");
  if (envelope.peer && envelope.recipient->phone != envelope.from.phone)
    refuse(envelope, kBadRequest, "peer-to-other", "a peer message to another account");
  if (envelope.peer && (stanza.child("tctoken") != nullptr || stanza.child("cstoken") != nullptr))
    refuse(envelope, kRefused, "token-on-peer", "a privacy token on a peer message");
}

// What a stanza shows of its content has few words: whatsmeow's types.EditAttribute and getTypeFromMessage,
// whatsapp-rust's wacore/src/send/classify.rs.
void Router::check_look(Envelope& envelope) {
  const auto is_one = [](const std::string& word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  const wire::Node& stanza = *envelope.stanza;
  if (!stanza.has("type"))
    refuse(envelope, kRefused, "message-malformed", "a message needs a type");
  else if (!is_one(stanza.attr("type"), {"text", "media", "reaction", "poll", "event", "medianotify", "pay"}))
    refuse(envelope, kRefused, "message-type", "type is " + stanza.attr("type"));
  if (const auto wrong = wrong_mark(stanza)) refuse(envelope, kRefused, wrong->rule, wrong->detail);
  if (stanza.has("edit") && !is_one(stanza.attr("edit"), {"1", "2", "3", "7", "8"}))
    refuse(envelope, kRefused, "edit-unknown", "edit is " + stanza.attr("edit"));
  // An admin can delete somebody's message in a group; in a chat of two there is none.
  if (stanza.is("edit", "8") && envelope.to.is_user())
    refuse(envelope, kRefused, "edit-not-admin", "edit is 8 in a chat with one person");
}

void Router::read_copies(Envelope& envelope) {
  const wire::Node* participants = envelope.stanza->child("participants");
  if (participants == nullptr) {
    // One enc for the one device that `to` names.
    const wire::Node* enc = envelope.stanza->child("enc");
    if (enc == nullptr) return refuse(envelope, kRefused, "message-empty", "neither participants nor enc");
    return add_copy(envelope, envelope.to, enc);
  }
  if (participants->children().empty())
    return refuse(envelope, kRefused, "message-empty", "participants without anybody");
  for (const auto& to : participants->children()) {
    const auto jid = to.jid("jid");
    if (to.tag != "to" || !jid || !jid->is_user()) {
      refuse(envelope, kRefused, "message-malformed", "a participant without a device's JID");
      continue;
    }
    add_copy(envelope, *jid, to.child("enc"));
  }
}

void Router::add_copy(Envelope& envelope, const wire::Jid& jid, const wire::Node* enc) {
  const Form form = form_of(jid);
  if (form != form_of(envelope.to))
    refuse(envelope, kBadRequest, "addressing-mixed", jid.text() + " is not of the form of to");
  const Account* account = world_.account(jid);
  if (account == nullptr || (account != envelope.recipient && account->phone != envelope.from.phone))
    return refuse(envelope, kBadRequest, "fanout-foreign", jid.text() + " belongs to neither side");
  const DeviceRef device{account->phone, jid.device};
  if (device == envelope.from)
    return refuse(envelope, kBadRequest, "fanout-self", "a copy for the sender itself");
  for (const auto& copy : envelope.copies) {
    if (copy.to != device) continue;
    // To oneself, Baileys 7 lists the account's devices twice, once for each side; the real service takes
    // that.
    if (envelope.recipient->phone == envelope.from.phone) return;
    return refuse(envelope, kBadRequest, "fanout-duplicate", "two copies for " + jid.text());
  }
  if (enc == nullptr) return refuse(envelope, kRefused, "enc-missing", "no enc for " + jid.text());
  envelope.copies.push_back(Copy{device, form, enc});
}

void Router::check_copy(Envelope& envelope, const Copy& copy) {
  const wire::Node& enc = *copy.enc;
  const std::string type = enc.attr("type");
  if (!enc.is("v", "2")) refuse(envelope, kRefused, "enc-version", "enc v is not 2");
  if (type != "msg" && type != "pkmsg") return refuse(envelope, kRefused, "enc-type", "enc type is " + type);
  const Bytes bytes = enc.bytes();
  if (!std::holds_alternative<Bytes>(enc.content) || bytes.empty())
    return refuse(envelope, kRefused, "enc-malformed", "enc has no bytes");
  if (type == "pkmsg") {
    keys_.check_pkmsg(envelope.from, copy.to, bytes, *envelope.stanza);
  } else if (bytes.front() != 0x33 || bytes.size() < 10) {
    refuse(envelope, kRefused, "enc-malformed", "enc is no Signal message of version 3");
  }
}

// A list that changed since the sender was told is not the sender's fault: the ack's phash says so. Nor is
// one that it has not answered the news of: an answer to a query may be lost with its link.
bool Router::is_stale(const Envelope& envelope, const Account& account) const {
  const Device* sender = world_.device(envelope.from);
  const bool news = std::any_of(sender->mailbox.begin(), sender->mailbox.end(), [&](const Waiting& entry) {
    const bool list = entry.stanza.is("type", "devices") || entry.stanza.is("type", "account_sync");
    const auto whose = entry.stanza.jid("from");
    return entry.stanza.tag == "notification" && list && whose && world_.account(*whose) == &account;
  });
  const auto known = sender->known_lists.find(account.phone);
  const bool older = known != sender->known_lists.end() && known->second != account.list_version;
  return envelope.from.number != 0 && (news || older);
}

void Router::compare_fanout(Envelope& envelope, const Account& account, const std::set<DeviceRef>& sent) {
  const Device* sender = world_.device(envelope.from);
  const auto known = sender->known_lists.find(account.phone);
  const bool older = known != sender->known_lists.end() && known->second != account.list_version;
  const bool stale = is_stale(envelope, account);
  bool differs = false;
  for (const auto& [number, device] : account.devices) {
    const DeviceRef ref{account.phone, number};
    if (ref == envelope.from || sent.contains(ref)) continue;
    if (older && account.unannounced.contains(number)) continue;
    differs = true;
    if (!stale)
      world_.violation("fanout-missing", &envelope.from,
                       "no copy for " + account.jid(form_of(envelope.to), number).text(), envelope.stanza);
  }
  for (const auto& ref : sent) {
    if (ref.phone != account.phone || account.devices.contains(ref.number)) continue;
    differs = true;
    if (!stale)
      world_.violation(
          "fanout-extra", &envelope.from,
          "a copy for " + account.jid(form_of(envelope.to), ref.number).text() + ", which is no device",
          envelope.stanza);
  }
  if (differs) envelope.phash = "differs";
}

void Router::check_fanout(Envelope& envelope) {
  std::set<DeviceRef> sent;
  for (const auto& copy : envelope.copies) sent.insert(copy.to);
  const Account* own = world_.account(envelope.from.phone);
  compare_fanout(envelope, *envelope.recipient, sent);
  if (own != envelope.recipient) compare_fanout(envelope, *own, sent);
  if (envelope.phash.empty()) return;
  const Form form = form_of(envelope.to);
  std::vector<wire::Jid> all = device_jids(*envelope.recipient, form);
  if (own != envelope.recipient)
    for (auto& jid : device_jids(*own, form)) all.push_back(std::move(jid));
  std::erase(all, own->jid(form, envelope.from.number));
  envelope.phash = participant_hash(all);
}

void Router::check_identity(Envelope& envelope) {
  const Device* sender = world_.device(envelope.from);
  const wire::Node* identity = envelope.stanza->child("device-identity");
  if (sender->number == 0) {
    if (identity != nullptr)
      refuse(envelope, kRefused, "device-identity-invalid", "a primary device has none");
    return;
  }
  const bool needed = has_pkmsg(*envelope.stanza);
  if (identity == nullptr) {
    if (needed) refuse(envelope, kRefused, "device-identity-missing", "a pkmsg without device-identity");
    return;
  }
  if (!needed && !envelope.resend)
    world_.violation("device-identity-unneeded", &envelope.from, "device-identity without a pkmsg",
                     envelope.stanza);
  const auto shown = wire::proto::decode<wa_ADVSignedDeviceIdentity>(identity->bytes());
  const auto kept = wire::proto::decode<wa_ADVSignedDeviceIdentity>(sender->device_identity);
  if (!shown || !kept || shown->details != kept->details ||
      shown->accountSignatureKey != kept->accountSignatureKey ||
      shown->accountSignature != kept->accountSignature || shown->deviceSignature != kept->deviceSignature)
    refuse(envelope, kRefused, "device-identity-invalid", "not the identity of the sending device");
}

void Router::check_resend(Envelope& envelope) {
  const std::string id = envelope.stanza->attr("id");
  std::erase_if(envelope.copies, [&](const Copy& copy) {
    if (!world_.device(copy.to)) return true;
    auto asked = asked_.find({envelope.from, id, copy.to});
    if (asked == asked_.end()) {
      world_.violation("resend-unasked", &envelope.from, "a resend that nobody asked for", envelope.stanza);
    } else {
      asked_.erase(asked);
    }
    return false;
  });
}

bool Router::seen_before(Envelope& envelope) {
  const Device* sender = world_.device(envelope.from);
  auto earlier = sender->sent.find(envelope.stanza->attr("id"));
  if (earlier == sender->sent.end()) return false;
  if (earlier->second.to != envelope.addressee()) {
    refuse(envelope, kRefused, "id-reused", "this id was used for a message to somebody else");
    return true;
  }
  envelope.phash = earlier->second.phash;
  return true;
}

void Router::remember(const Envelope& envelope) {
  Device* sender = world_.device(envelope.from);
  const std::string id = envelope.stanza->attr("id");
  sender->sent[id] = SentMessage{envelope.addressee(), world_.now.unix_seconds(), envelope.phash, 0};
  sender->sent_order.push_back(id);
  if (sender->sent_order.size() <= kRemembered) return;
  sender->sent.erase(sender->sent_order.front());
  sender->sent_order.pop_front();
}

wire::Node Router::delivery(const Envelope& envelope, const Copy& copy) {
  const wire::Node& stanza = *envelope.stanza;
  const Account* sender = world_.account(envelope.from.phone);
  wire::Node node("message");
  node.set("from", sender->jid(copy.form, envelope.from.number)).set("id", stanza.attr("id"));
  for (const auto* name : {"type", "category", "edit"}) node.set(name, stanza.attr(name));
  node.set("t", static_cast<std::uint64_t>(world_.now.unix_seconds())).set("notify", sender->name);
  if (copy.to.phone == envelope.from.phone) {
    // A copy among own devices: which chat it belongs to, in both forms.
    if (!envelope.peer) {
      auto chat = envelope.recipient;
      const auto named = stanza.jid("recipient");
      if (Account* other_side = named ? world_.account(*named) : nullptr) chat = other_side;
      node.set("recipient", chat->jid(copy.form));
      const char* name = copy.form == Form::lid ? "peer_recipient_pn" : "peer_recipient_lid";
      node.set(name, chat->jid(other(copy.form)));
    }
  } else if (!sender->hides_number) {
    node.set(copy.form == Form::lid ? "sender_pn" : "sender_lid", sender->jid(other(copy.form)));
  }
  wire::Node enc = *copy.enc;
  if (world_.faults.strike(FaultKind::garbled, &copy.to)) {
    Bytes ciphertext = enc.bytes();
    if (!ciphertext.empty()) ciphertext[ciphertext.size() * 2 / 3] ^= 0x40;  // behind keys and header
    enc.body(std::move(ciphertext));
  }
  node.add(std::move(enc));
  const bool pkmsg = copy.enc->is("type", "pkmsg");
  for (const auto& child : stanza.children()) {
    if (child.tag == "participants" || child.tag == "enc") continue;
    if (child.tag == "tctoken" || child.tag == "cstoken") continue;  // for the server only
    if (child.tag == "device-identity" && !pkmsg) continue;
    node.add(child);
  }
  return node;
}

void Router::deliver_unheard_of(const Envelope& envelope) {
  const auto has = [&](const DeviceRef& device) {
    return std::any_of(envelope.copies.begin(), envelope.copies.end(),
                       [&](const Copy& copy) { return copy.to == device; });
  };
  const auto another = std::find_if(envelope.copies.begin(), envelope.copies.end(), [&](const Copy& copy) {
    return copy.to.phone == envelope.recipient->phone;
  });
  if (another == envelope.copies.end()) return;
  for (const std::uint16_t number : envelope.recipient->unannounced) {
    const DeviceRef device{envelope.recipient->phone, number};
    if (!has(device) && device != envelope.from)
      mailroom_.deliver(device, delivery(envelope, {device, another->form, another->enc}));
  }
}

// With its content, or without.
wire::Node Router::as_given(const Envelope& envelope, const Copy& copy, wire::Node whole) {
  Device* device = world_.device(copy.to);
  if (device == nullptr || copy.to.number == 0 || envelope.resend || envelope.peer) return whole;
  auto fault = world_.faults.strike(FaultKind::unavailable, &copy.to);
  const bool follows = !fault;
  if (follows) fault = world_.faults.strike(FaultKind::withheld, &copy.to);
  if (!fault) return whole;
  wire::Node bare(whole.tag, whole.attributes);
  if (follows) device->withheld.push_back(std::move(whole));
  if (fault->type == "bare") return bare;
  wire::Node unavailable("unavailable");
  if (fault->type == "view_once") unavailable.set("type", "view_once");
  if (fault->type == "hosted") unavailable.set("hosted", "true");
  bare.add(std::move(unavailable));
  if (fault->type == "bot") bare.add(wire::Node("bot"));
  return bare;
}

void Router::acknowledge(const Envelope& envelope) {
  const wire::Node& stanza = *envelope.stanza;
  const std::string to = envelope.addressee();
  if (world_.faults.strike(FaultKind::no_ack, &envelope.from, to)) return;
  if (world_.faults.strike(FaultKind::drop, &envelope.from, to)) {
    const Device* device = world_.device(envelope.from);
    if (device != nullptr && device->connection) world_.cut(*device->connection);
    return;
  }
  wire::Node ack("ack");
  ack.set("class", "message")
      .set("id", stanza.attr("id"))
      .set("from", envelope.to)
      .set("t", static_cast<std::uint64_t>(world_.now.unix_seconds()))
      .set("phash", envelope.phash)
      .set("addressing_mode", envelope.mode);
  if (envelope.error != 0) ack.set("error", static_cast<std::uint64_t>(envelope.error));
  world_.answer(envelope.from, ack);
  if (envelope.error == kUntrusted && envelope.group == nullptr) refusals_.note(envelope.from, stanza);
}

}  // namespace pigeond::sandbox
