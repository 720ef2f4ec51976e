#include "engine/messages/in/calls_in.h"

#include "base/log.h"
#include "base/text.h"
#include "engine/link/acks.h"
#include "engine/messages/in/source.h"

namespace pigeond::engine {
namespace {

constexpr std::size_t kId = 64;        // bytes of a call's id; those that clients make have 32
constexpr Millis kKept = 14 * kDay;    // as long as the service delivers again what was not answered
constexpr std::int64_t kCalls = 1000;  // of one account that are remembered

// From the device in whose form of address the caller speaks.
wire::Node offer_receipt(const Desk& desk, const wire::Node& call, const wire::Jid& from,
                         const wire::Node& offer) {
  const auto& own = desk.context.credentials;
  wire::Node mirrored("offer");
  mirrored.set("call-id", offer.attr("call-id"));
  if (const auto creator = offer.jid("call-creator")) mirrored.set("call-creator", *creator);
  wire::Node receipt("receipt");
  receipt.set("to", from).set("id", call.attr("id")).set("from", from.is_lid() ? own.lid : own.pn);
  return receipt.add(std::move(mirrored));
}

CallEvent event_of(Desk& desk, const store::CallRow& call, CallEvent::What what) {
  const Forms caller = forms_of(desk, call.caller);
  CallEvent event;
  event.what = what;
  event.id = call.id;
  event.chat = caller.shown;
  event.chat_pn = caller.pn;
  event.chat_lid = caller.lid;
  event.video = call.video;
  event.group = call.group;
  event.timestamp = desk.context.server_seconds();
  return event;
}

void tell(Desk& desk, const wire::Node& stanza, const store::CallRow& call, CallEvent::What what) {
  CallEvent event = event_of(desk, call, what);
  const wire::Node& action = stanza.children().front();
  event.missed = stanza.has("offline") || action.has("is_call_ended") || action.has("terminate_reason");
  if (const auto time = stanza.number("t")) event.timestamp = static_cast<std::int64_t>(*time);
  desk.context.emit(std::move(event));
}

bool is_of_group(const wire::Node& action) {
  return action.has("group-jid") || action.is("type", "group");
}

// What is inside of the action was written by whoever sent it. It may name somebody else than the service
// does for a call in a group, and for our own devices: who claims that a call is ours hides it, and gains
// nothing.
wire::Jid caller_of(Desk& desk, const wire::Jid& from, const wire::Node& action, bool group) {
  const auto creator = action.jid("call-creator");
  const bool credible = creator && (group || desk.lids.is_own(from) || desk.lids.is_own(*creator) ||
                                    desk.lids.same_user(from, *creator));
  return (credible ? *creator : from).without_device();
}

void offered(Desk& desk, const wire::Node& stanza, const wire::Jid& from, const wire::Node& offer) {
  store::Calls calls(desk.context.database, desk.context.session);
  store::CallRow call;
  call.id = offer.attr("call-id");
  call.group = is_of_group(offer);
  const wire::Jid caller = caller_of(desk, from, offer, call.group);
  if (!caller.is_user() || desk.lids.is_own(caller) || calls.find(call.id)) return;
  learn_pairs(desk, stanza);
  // The caller's client writes which number it has (Cobalt's CallStanza), and could write anybody's: the
  // service is asked whose it is.
  if (const auto number = offer.jid("caller_pn"); number && !desk.lids.same_user(caller, *number))
    desk.lids.doubt(number->without_device());
  call.at = desk.context.now.wall;
  call.caller = caller;
  call.video = offer.child("video") != nullptr || offer.is("media", "video");
  calls.insert(call, call.at - kKept, kCalls);
  log::info("somebody calls", {{"session", desk.context.session_name}, {"from", caller.text()}});
  tell(desk, stanza, call, CallEvent::What::received);
}

void over(Desk& desk, const wire::Node& stanza, const wire::Jid& from, const wire::Node& action,
          CallEvent::What what) {
  store::Calls calls(desk.context.database, desk.context.session);
  const auto call = calls.find(action.attr("call-id"));
  if (!call || call->over) return;
  if (!desk.lids.same_user(call->caller, caller_of(desk, from, action, call->group))) return;
  calls.set_over(call->id);
  tell(desk, stanza, *call, what);
}

}  // namespace

void take_call(Desk& desk, const wire::Node& stanza) {
  if (!needs_ack(stanza)) return;
  desk.stanzas.send(ack_for(stanza));
  const auto from = stanza.jid("from");
  if (!from || stanza.children().empty()) return;
  const wire::Node& action = stanza.children().front();
  const std::string id = action.attr("call-id");
  if (id.empty() || id.size() > kId || !is_valid_utf8(id)) return;
  if (action.tag == "offer") desk.stanzas.send(offer_receipt(desk, stanza, *from, action));
  if (action.tag == "offer" || action.tag == "offer_notice") {
    offered(desk, stanza, *from, action);
  } else if (action.tag == "accept" || action.is("reason", "accepted_elsewhere")) {
    over(desk, stanza, *from, action, CallEvent::What::accepted);
  } else if (action.tag == "reject" || action.tag == "terminate") {
    over(desk, stanza, *from, action, CallEvent::What::rejected);
  }
}

void call_rejected(Desk& desk, const store::CallRow& call) {
  store::Calls(desk.context.database, desk.context.session).set_over(call.id);
  desk.context.emit(event_of(desk, call, CallEvent::What::rejected));
}

}  // namespace pigeond::engine
