#include "engine/messages/in/answers.h"

#include "engine/link/acks.h"

namespace pigeond::engine {
namespace {

void copy(const wire::Node& from, const char* name, wire::Node& to) {
  if (auto jid = from.jid(name)) to.set(name, *jid);
}

}  // namespace

wire::Node ack_of(const Desk& desk, const wire::Node& stanza, Nack nack) {
  wire::Node ack = ack_for(stanza, static_cast<int>(nack));
  if (stanza.tag == "message") ack.set("from", desk.context.credentials.pn);
  return ack;
}

wire::Node delivery_receipt(const wire::Node& message, const Source& source, bool available) {
  wire::Node receipt("receipt");
  receipt.set("id", source.id).set("to", source.from);
  if (source.peer)
    receipt.set("type", "peer_msg");
  else if (source.from_me)
    receipt.set("type", "sender");
  else if (!available && !source.chat.is_status())
    receipt.set("type", "inactive");
  copy(message, "participant", receipt);
  copy(message, "recipient", receipt);
  return receipt;
}

wire::Node history_receipt(const Desk& desk, const std::string& id) {
  wire::Node receipt("receipt");
  receipt.set("id", id).set("to", desk.context.credentials.pn.without_device()).set("type", "hist_sync");
  return receipt;
}

wire::Node read_receipt(const wire::Jid& chat, const wire::Jid& participant,
                        const std::vector<std::string>& ids, bool shown, std::int64_t unix_seconds,
                        bool played) {
  const std::string what = played ? "played" : "read";
  wire::Node receipt("receipt");
  receipt.set("id", ids.front()).set("to", chat).set("type", shown ? what : what + "-self");
  if (!participant.empty()) receipt.set("participant", participant);
  receipt.set("t", static_cast<std::uint64_t>(unix_seconds));
  if (ids.size() == 1) return receipt;
  wire::Node list("list");
  for (std::size_t i = 1; i < ids.size(); ++i) {
    wire::Node item("item");
    item.set("id", ids[i]);
    list.add(std::move(item));
  }
  receipt.add(std::move(list));
  return receipt;
}

}  // namespace pigeond::engine
