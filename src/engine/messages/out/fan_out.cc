#include "engine/messages/out/fan_out.h"

#include "engine/messages/kinds/content.h"
#include "engine/messages/kinds/stanza_look.h"
#include "engine/messages/out/business_node.h"
#include "engine/messages/out/copies.h"
#include "engine/messages/out/phash.h"

namespace pigeond::engine {

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
  const StanzaLook look = look_of(content);
  Copies copies;
  add_copies(desk, targets.recipients, content, look, copies);
  if (copies.made.empty() && !destination.self)
    return fail(Cause::no_devices, "no device of the recipient has keys");
  if (!targets.own.empty()) add_copies(desk, targets.own, device_sent(destination.to, content), look, copies);
  if (copies.made.empty()) return fail(Cause::no_devices, "no other device of this account has keys");

  FannedOut out;
  out.stanza = wire::Node("message");
  out.stanza.set("id", id).set("to", destination.to);
  show_on_message(out.stanza, look);
  if (!destination.recipient_pn.empty()) out.stanza.set("peer_recipient_pn", destination.recipient_pn);
  out.stanza.add(std::move(copies.participants));
  if (copies.first_contact) out.stanza.add(identity_node(desk));
  if (auto meta = meta_of(look)) out.stanza.add(std::move(*meta));
  if (auto business = business_node(look.business)) out.stanza.add(std::move(*business));
  if (auto reporting = reporting_node(id, destination.own, destination.to, content))
    out.stanza.add(std::move(*reporting));
  if (auto token = desk.tokens.node_for(destination.to)) out.stanza.add(std::move(*token));
  out.phash = targets.hash();
  return out;
}

}  // namespace pigeond::engine
