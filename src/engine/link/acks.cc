#include "engine/link/acks.h"

namespace pigeond::engine {
namespace {

void copy(const wire::Node& from, const char* name, wire::Node& to, const char* as) {
  if (const auto jid = from.jid(name)) to.set(as, *jid);
}

}  // namespace

wire::Node ack_for(const wire::Node& stanza, int error) {
  wire::Node ack("ack");
  ack.set("class", stanza.tag).set("id", stanza.attr("id"));
  copy(stanza, "from", ack, "to");
  const auto participant = stanza.jid("participant");
  if (participant && !(stanza.tag == "receipt" && participant == stanza.jid("from")))
    ack.set("participant", *participant);
  copy(stanza, "recipient", ack, "recipient");
  const bool identity_change =
      stanza.tag == "notification" && stanza.is("type", "encrypt") && stanza.child("identity");
  if (stanza.tag != "message" && !identity_change) ack.set("type", stanza.attr("type"));
  if (error != 0) ack.set("error", std::to_string(error));
  return ack;
}

bool needs_ack(const wire::Node& stanza) {
  for (const char* tag : {"message", "receipt", "notification", "call", "status", "appdata"})
    if (stanza.tag == tag) return stanza.has("id") && stanza.has("from");
  return false;
}

bool is_answerable(const wire::Node& stanza) {
  for (const char* tag :
       {"iq", "ack", "ib", "presence", "chatstate", "success", "failure", "stream:error", "xmlstreamend"})
    if (stanza.tag == tag) return false;
  return stanza.has("id") && stanza.jid("from").has_value();
}

wire::Node nack_for(const wire::Node& stanza, int error, const wire::Jid& own) {
  wire::Node nack = ack_for(stanza, error);
  nack.set("from", own);
  return nack;
}

}  // namespace pigeond::engine
