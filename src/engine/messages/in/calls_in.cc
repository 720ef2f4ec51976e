#include "engine/messages/in/calls_in.h"

#include "base/log.h"
#include "base/text.h"
#include "engine/link/acks.h"
#include "store/account/calls.h"

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

void tell(Desk& desk, const wire::Node& stanza, const store::CallRow& call, CallEvent::What what) {
  const Forms caller = forms_of(desk, call.caller);
  CallEvent event;
  event.what = what;
  event.id = call.id;
  event.chat = caller.shown;
  event.chat_pn = caller.pn;
  event.chat_lid = caller.lid;
  event.video = call.video;
  event.group = call.group;
  const wire::Node& action = stanza.children().front();
  event.missed = stanza.has("offline") || action.has("is_call_ended") || action.has("terminate_reason");
  event.timestamp = static_cast<std::int64_t>(
      stanza.number("t").value_or(static_cast<std::uint64_t>(desk.context.server_seconds())));
  desk.context.emit(std::move(event));
}

void offered(Desk& desk, const wire::Node& stanza, const wire::Node& offer, const wire::Jid& caller) {
  store::Calls calls(desk.context.database, desk.context.session);
  store::CallRow call;
  call.id = offer.attr("call-id");
  if (desk.lids.is_own(caller) || calls.find(call.id)) return;
  desk.lids.learn(caller, offer.jid("caller_pn"), LidDirectory::Seen::in_passing);
  desk.lids.learn(caller, offer.jid("caller_lid"), LidDirectory::Seen::in_passing);
  call.at = desk.context.now.wall;
  call.caller = caller;
  call.video = offer.child("video") != nullptr || offer.is("media", "video");
  call.group = offer.has("group-jid") || offer.is("type", "group");
  calls.insert(call, call.at - kKept, kCalls);
  log::info("somebody calls", {{"session", desk.context.session_name}, {"from", caller.text()}});
  tell(desk, stanza, call, CallEvent::What::received);
}

void over(Desk& desk, const wire::Node& stanza, const std::string& id, const wire::Jid& caller,
          CallEvent::What what) {
  store::Calls calls(desk.context.database, desk.context.session);
  const auto call = calls.find(id);
  if (!call || call->over || !desk.lids.same_user(call->caller, caller)) return;
  calls.set_over(id);
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
  const wire::Jid caller = action.jid("call-creator").value_or(*from).without_device();
  if (action.tag == "offer" || action.tag == "offer_notice") {
    if (caller.is_user()) offered(desk, stanza, action, caller);
  } else if (action.tag == "accept" || action.is("reason", "accepted_elsewhere")) {
    over(desk, stanza, id, caller, CallEvent::What::accepted);
  } else if (action.tag == "reject" || action.tag == "terminate") {
    over(desk, stanza, id, caller, CallEvent::What::rejected);
  }
}

}  // namespace pigeond::engine
