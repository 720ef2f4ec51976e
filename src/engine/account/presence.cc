#include "engine/account/presence.h"

#include "engine/link/login.h"

namespace pigeond::engine {

Status OwnPresence::reachable() const {
  if (online_ && stanzas_.online()) return {};
  return fail(Cause::link_lost, "there is no link to WhatsApp at the moment");
}

// <presence type="available|unavailable" name="NAME"/>. Before the first the web client names its session, as
// whatsmeow and whatsapp-rust do.
Status OwnPresence::choose(bool available) {
  PIGEOND_CHECK(reachable());
  if (available == available_) return {};
  if (context_.credentials.push_name.empty())
    return fail(Cause::not_linked, "the phone has not told the account's name yet");
  if (available) stanzas_.send(unified_session(context_));
  wire::Node presence("presence");
  presence.set("type", available ? "available" : "unavailable").set("name", context_.credentials.push_name);
  stanzas_.send(presence);
  available_ = available;
  return {};
}

}  // namespace pigeond::engine
