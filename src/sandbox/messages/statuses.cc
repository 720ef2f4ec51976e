// Router's status updates (stories), as companions post them:
//
//   <message to="status@broadcast" id type>
//     <participants>
//       <to jid="a device of the audience"><enc v="2" type="pkmsg"/></to>   with the sender key; one for each
//     </participants>
//     <enc v="2" type="skmsg"/>                                             the content, under that key
//     <device-identity/>
//   </message>
//
// and each device gets its enc and the content together, from status@broadcast, with the author as
// participant. Known from whatsmeow's broadcast.go and send.go and Baileys' Socket/messages-send.ts, which
// lists the whole audience with each update. The phones here do not look at them.
#include "sandbox/messages/router.h"

namespace pigeond::sandbox {
namespace {

constexpr int kRefused = 479;

wire::Node update_for(const wire::Node& stanza, const Account& author, Form form, std::uint16_t device,
                      const wire::Node& key, std::int64_t now) {
  wire::Node node("message");
  node.set("from", stanza.attr("to")).set("id", stanza.attr("id")).set("type", stanza.attr("type"));
  node.set("participant", author.jid(form, device)).set("notify", author.name);
  node.set(form == Form::lid ? "participant_pn" : "participant_lid", author.jid(other(form)));
  node.set("t", static_cast<std::uint64_t>(now));
  node.add(key).add(*stanza.child("enc"));
  if (const wire::Node* identity = stanza.child("device-identity"); identity && key.is("type", "pkmsg"))
    node.add(*identity);
  return node;
}

}  // namespace

void Router::status_update(Envelope& envelope) {
  const wire::Node& stanza = *envelope.stanza;
  const wire::Node* audience = stanza.child("participants");
  const wire::Node* content = stanza.child("enc");
  if (audience == nullptr || content == nullptr || !content->is("type", "skmsg") || !stanza.has("type"))
    refuse(envelope, kRefused, "status-malformed", "a status needs a type, participants and a skmsg");
  else
    audience->each("to", [&](const wire::Node& to) {
      const auto jid = to.jid("jid");
      const Account* account = jid ? world_.account(*jid) : nullptr;
      const wire::Node* key = to.child("enc");
      if (account == nullptr || key == nullptr)
        return refuse(envelope, kRefused, "status-malformed",
                      "a participant that is no device, or has no enc");
      envelope.copies.push_back({{account->phone, jid->device}, form_of(*jid), key});
    });
  check_identity(envelope);
  for (const auto& copy : envelope.copies) check_copy(envelope, copy);
  acknowledge(envelope);
  if (envelope.error != 0) return;
  const Account& author = *world_.account(envelope.from.phone);
  for (const auto& copy : envelope.copies)
    if (copy.to.number != 0)
      mailroom_.deliver(copy.to, update_for(stanza, author, copy.form, envelope.from.number, *copy.enc,
                                            world_.now.unix_seconds()));
}

}  // namespace pigeond::sandbox
