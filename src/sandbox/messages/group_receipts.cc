// Router's receipts of messages in groups: to=GROUP, and as participant whose message it is.
#include "sandbox/messages/router.h"

namespace pigeond::sandbox {

void Router::route_group_receipt(const DeviceRef& from, const wire::Node& stanza, const Group& group) {
  const std::string type = stanza.attr("type");
  const auto participant = stanza.jid("participant");
  const Account* author = participant ? world_.account(*participant) : nullptr;
  if (author == nullptr) {
    world_.violation("receipt-malformed", &from, "a receipt in a group needs the participant who wrote",
                     &stanza);
    return;
  }
  if (!group.has(from.phone)) return;
  const Account& reader = *world_.account(from.phone);
  wire::Node node("receipt");
  node.set("from", group.jid())
      .set("participant", reader.jid(group.addressing, from.number))
      .set("id", stanza.attr("id"))
      .set("type", type)
      .set("t", static_cast<std::uint64_t>(world_.now.unix_seconds()));
  for (const auto& child : stanza.children()) node.add(child);
  if (type == "retry" || type == "sender") {
    const DeviceRef device{author->phone, participant->device};
    if (type == "retry") {
      asked_.insert({device, stanza.attr("id"), from});
      keys_.issued_in_receipt(from, device, stanza);
    }
    return mailroom_.deliver(device, std::move(node));
  }
  if (author->phone != from.phone && type != "read-self" && type != "played-self")
    for (const auto& [number, device] : author->devices)
      mailroom_.deliver(DeviceRef{author->phone, number}, node);
  // What one device has read, the account has read.
  if (!type.starts_with("read") && !type.starts_with("played")) return;
  for (const auto& [number, device] : reader.devices)
    if (number != from.number) mailroom_.deliver(DeviceRef{reader.phone, number}, node);
}

}  // namespace pigeond::sandbox
