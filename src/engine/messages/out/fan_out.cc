#include "engine/messages/out/fan_out.h"

#include "base/log.h"
#include "engine/messages/kinds/content.h"
#include "engine/messages/kinds/padding.h"
#include "engine/messages/kinds/raw_proto.h"
#include "engine/messages/kinds/reporting_token.h"
#include "engine/messages/out/business_node.h"
#include "engine/messages/out/phash.h"

namespace pigeond::engine {
namespace {

constexpr std::uint32_t kContextInfo = 35, kSecret = 3;

// Adds one <to> for each device that has a session; the number added.
std::size_t add_copies(Desk& desk, const std::vector<wire::Jid>& devices, ByteView content,
                       std::string_view media_type, wire::Node& participants, bool& first_contact) {
  std::size_t added = 0;
  for (const auto& device : devices) {
    auto ciphertext = desk.ciphers.encrypt(device, padded(content, desk.context.random));
    if (!ciphertext) {
      log::warning("device_left_out", {{"session", desk.context.session_name},
                                       {"device", device.text()},
                                       {"cause", std::string(cause_name(ciphertext.cause()))}});
      continue;
    }
    const bool pkmsg = ciphertext->kind == signal::Kind::pkmsg;
    first_contact = first_contact || pkmsg;
    wire::Node enc("enc");
    enc.set("v", "2").set("type", pkmsg ? "pkmsg" : "msg").set("mediatype", std::string(media_type));
    enc.body(std::move(ciphertext->bytes));
    wire::Node to("to");
    to.set("jid", device);
    to.add(std::move(enc));
    participants.add(std::move(to));
    ++added;
  }
  return added;
}

std::optional<wire::Node> reporting_node(const std::string& id, const Destination& destination,
                                         ByteView content) {
  const auto context = find_field(content, kContextInfo);
  const auto secret = context ? find_field(*context, kSecret) : std::nullopt;
  if (!secret || secret->size() != 32) return std::nullopt;
  const Bytes counted = reporting_content(content);
  if (counted.empty()) return std::nullopt;
  const Key32 key = reporting_key(*secret, id, destination.own.without_device().text(),
                                  destination.to.without_device().text());
  wire::Node token("reporting_token");
  token.set("v", "2");
  token.body(ByteView(reporting_token(key, counted)));
  wire::Node reporting("reporting");
  reporting.add(std::move(token));
  return reporting;
}

}  // namespace

Destination resolve(Desk& desk, const wire::Jid& user, AddressForm form) {
  const auto& credentials = desk.context.credentials;
  Destination destination;
  destination.self = desk.lids.is_own(user);
  const wire::Jid lid = desk.lids.lid(user).without_device(), pn = desk.lids.pn(user).without_device();
  if (form == AddressForm::usual) form = desk.forms.of(user);
  const bool by_lid = !credentials.lid.empty() && !lid.empty() && (form == AddressForm::lid || pn.empty());
  destination.own = by_lid ? credentials.lid : credentials.pn;
  if (by_lid) {
    destination.to = lid;
    destination.recipient_pn = pn;
  } else {
    destination.to = pn.empty() ? user : pn;
  }
  return destination;
}

std::optional<AddressForm> other_form_of(Desk& desk, const wire::Jid& to) {
  const AddressForm other = to.is_lid() ? AddressForm::pn : AddressForm::lid;
  if (resolve(desk, to, other).to == to) return std::nullopt;
  return other;
}

std::string Targets::hash() const {
  std::vector<wire::Jid> all = recipients;
  all.insert(all.end(), own.begin(), own.end());
  return participant_hash(all);
}

std::optional<Targets> targets(Desk& desk, const Destination& destination) {
  Targets found;
  const auto add = [&](const wire::Jid& user, std::vector<wire::Jid>& list) {
    const auto devices = desk.devices.devices(user);
    if (!devices) return false;
    for (const auto& device : *devices)
      if (!desk.lids.is_this_device(device)) list.push_back(device);
    return true;
  };
  if (!add(destination.own.without_device(), found.own)) return std::nullopt;
  if (!destination.self && !add(destination.to, found.recipients)) return std::nullopt;
  return found;
}

Result<FannedOut> fan_out(Desk& desk, const std::string& id, const Destination& destination,
                          const Targets& targets, ByteView content) {
  wire::Node participants("participants");
  const StanzaLook look = look_of(content);
  bool first_contact = false;
  const std::size_t theirs =
      add_copies(desk, targets.recipients, content, look.media_type, participants, first_contact);
  if (theirs == 0 && !destination.self) return fail(Cause::no_devices, "no device of the recipient has keys");
  std::size_t ours = 0;
  if (!targets.own.empty())
    ours = add_copies(desk, targets.own, device_sent(destination.to, content), look.media_type, participants,
                      first_contact);
  if (theirs + ours == 0) return fail(Cause::no_devices, "no other device of this account has keys");

  FannedOut out;
  out.stanza = wire::Node("message");
  out.stanza.set("id", id).set("to", destination.to).set("type", std::string(look.type));
  if (!destination.recipient_pn.empty()) out.stanza.set("peer_recipient_pn", destination.recipient_pn);
  out.stanza.add(std::move(participants));
  if (first_contact) {
    wire::Node identity("device-identity");
    identity.body(desk.context.credentials.device_identity);
    out.stanza.add(std::move(identity));
  }
  if (auto business = business_node(look.business)) out.stanza.add(std::move(*business));
  if (auto reporting = reporting_node(id, destination, content)) out.stanza.add(std::move(*reporting));
  if (auto token = desk.tokens.node_for(destination.to)) out.stanza.add(std::move(*token));
  out.phash = targets.hash();
  return out;
}

}  // namespace pigeond::engine
