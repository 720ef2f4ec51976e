// Router's receipts.
#include <algorithm>

#include "sandbox/messages/router.h"

namespace pigeond::sandbox {
namespace {

std::vector<std::string> ids_of(const wire::Node& receipt) {
  std::vector<std::string> ids = {receipt.attr("id")};
  if (const wire::Node* list = receipt.child("list"))
    list->each("item", [&ids](const wire::Node& item) { ids.push_back(item.attr("id")); });
  return ids;
}

bool is_known_type(const std::string& type) {
  static const std::set<std::string> known = {
      "",          "delivery",     "sender",          "inactive", "read",
      "read-self", "played",       "played-self",     "retry",    "hist_sync",
      "peer_msg",  "server-error", "enc_rekey_retry", "view"};
  return known.contains(type);
}

}  // namespace

void Router::receipt(const DeviceRef& from, const wire::Node& stanza) {
  const auto to = stanza.jid("to");
  const std::string type = stanza.attr("type");
  if (!stanza.has("id") || !to) {
    world_.violation("receipt-malformed", &from, "a receipt needs id and to", &stanza);
    return;
  }
  if (!is_known_type(type)) world_.violation("receipt-type", &from, "type is " + type, &stanza);
  // A retry receipt asks again: the stanza itself is answered by an ack.
  if (type != "retry") mailroom_.received(from, ids_of(stanza), *to);

  wire::Node ack("ack");
  ack.set("class", "receipt").set("id", stanza.attr("id")).set("from", *to).set("type", type);
  if (const auto participant = stanza.jid("participant")) ack.set("participant", *participant);
  world_.answer(from, ack);
  if (to->is_user()) return route_receipt(from, stanza, *to);
  const auto group = to->is_group() ? world_.groups.find(to->user) : world_.groups.end();
  if (group != world_.groups.end()) route_group_receipt(from, stanza, group->second);
}

wire::Node Router::forwarded(const DeviceRef& from, const wire::Node& stanza, Form form) const {
  const auto& account = world_.accounts.at(from.phone);
  wire::Node node("receipt");
  node.set("from", account.jid(form, from.number))
      .set("id", stanza.attr("id"))
      .set("type", stanza.attr("type"))
      .set("t", static_cast<std::uint64_t>(world_.now.unix_seconds()));
  for (const auto& child : stanza.children()) node.add(child);
  return node;
}

void Router::route_receipt(const DeviceRef& from, const wire::Node& stanza, const wire::Jid& to) {
  const std::string type = stanza.attr("type");
  Account* own = world_.account(from.phone);
  Account* other_side = world_.account(to);
  if (own == nullptr || other_side == nullptr) return;
  const Form form = form_of(to);
  wire::Node node = forwarded(from, stanza, form);

  if (type == "peer_msg" || type == "hist_sync" || type == "server-error") {
    const DeviceRef phone{from.phone, 0};
    if (from != phone) mailroom_.deliver(phone, std::move(node));
    return;
  }
  if (type == "retry" || type == "sender") {
    const DeviceRef author{other_side->phone, to.device};
    if (const auto chat = stanza.jid("recipient")) node.set("recipient", *chat);
    if (type == "retry") {
      asked_.insert({author, stanza.attr("id"), from});
      keys_.issued_in_receipt(from, author, stanza);
    }
    mailroom_.deliver(author, std::move(node));
    return;
  }
  if (other_side != own && type != "read-self" && type != "played-self")
    for (const auto& [number, device] : other_side->devices)
      mailroom_.deliver(DeviceRef{other_side->phone, number}, node);
  // What one device has read, the account has read.
  if (!type.starts_with("read") && !type.starts_with("played")) return;
  node.set("recipient", other_side->jid(form));
  for (const auto& [number, device] : own->devices)
    if (number != from.number) mailroom_.deliver(DeviceRef{own->phone, number}, node);
}

}  // namespace pigeond::sandbox
