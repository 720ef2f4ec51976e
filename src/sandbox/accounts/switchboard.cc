#include "sandbox/accounts/switchboard.h"

#include <algorithm>

#include "base/text.h"

namespace pigeond::sandbox {

CallRecord* Switchboard::find(const std::string& id) {
  const auto found = std::ranges::find(calls_, id, &CallRecord::id);
  return found == calls_.end() ? nullptr : &*found;
}

wire::Node Switchboard::stanza_from(const Account& account, wire::Node action) {
  wire::Node stanza("call");
  stanza.set("from", account.jid(Form::lid))
      .set("id", world_.next_id())
      .set("t", static_cast<std::uint64_t>(world_.now.unix_seconds()));
  return stanza.add(std::move(action));
}

// As the web client gets it (whatsapp-rust's wacore/src/stanza/call.rs), as far as a companion that takes no
// calls looks at it.
Result<std::string> Switchboard::act(const CallAction& call) {
  const Account* caller = world_.account(call.by);
  const Account* called = world_.account(call.to);
  if (caller == nullptr) return fail(Cause::not_found, "account");
  if (called == nullptr || called == caller) return fail(Cause::not_found, "to");
  const std::string id = call.id.empty() ? hex_upper(world_.random.bytes(16)) : call.id;
  wire::Node action(call.action);
  action.set("call-id", id).set("call-creator", caller->jid(Form::lid));
  CallRecord* known = find(id);
  if (known == nullptr) {
    if (calls_.size() >= kKept) calls_.pop_front();
    known = &calls_.emplace_back(CallRecord{id, call.by, call.to, "ringing", {}});
  }
  if (call.action == "offer") {
    if (!caller->hides_number) action.set("caller_pn", caller->jid(Form::pn));
    action.add(wire::Node("audio").set("enc", "opus").set("rate", "16000"));
    if (call.video) action.add(wire::Node("video"));
  } else if (call.action == "offer_notice") {
    action.set("media", call.video ? "video" : "audio").set("type", "group");
  } else {
    action.set("reason", call.reason);
    known->state = call.action;
  }
  if (called->blocked.contains(caller->phone)) return id;
  for (const auto& [number, device] : called->devices)
    if (number != 0) mailroom_.deliver({call.to, number}, stanza_from(*caller, action));
  return id;
}

// <call to=CALLER id><reject call-id call-creator count="0"/></call>, as whatsmeow's RejectCall and
// whatsapp-rust's build_reject write it. What the account's other devices are told is their terminate
// (CallTerminateReason).
void Switchboard::handle(const DeviceRef& from, const wire::Node& stanza) {
  const wire::Node* reject = stanza.child("reject");
  if (reject == nullptr) return world_.trace.mark_unsupported();
  const auto to = stanza.jid("to"), creator = reject->jid("call-creator");
  const auto broken = [&](const char* why) { world_.violation("call-malformed", &from, why, &stanza); };
  if (!stanza.has("id") || !to || !creator || !reject->has("count"))
    return broken("a reject that is not whole");
  CallRecord* call = find(reject->attr("call-id"));
  const Account* caller = world_.account(*to);
  if (call == nullptr || caller == nullptr || call->to != from.phone || call->by != caller->phone ||
      world_.account(*creator) != caller)
    return broken("a reject of a call that nobody made");
  wire::Node ack("ack");
  ack.set("class", "call").set("type", "reject").set("id", stanza.attr("id")).set("from", *to);
  world_.answer(from, ack);
  if (call->state != "ringing") return;
  call->state = "rejected";
  call->device = from;
  const Account& own = *world_.account(from.phone);
  for (const auto& [number, device] : caller->devices)
    if (number != 0) mailroom_.deliver({caller->phone, number}, stanza_from(own, *reject));
  wire::Node end("terminate");
  end.set("call-id", call->id)
      .set("call-creator", caller->jid(Form::lid))
      .set("reason", "rejected_elsewhere");
  for (const auto& [number, device] : own.devices)
    if (number != 0 && number != from.number)
      mailroom_.deliver({own.phone, number}, stanza_from(*caller, end));
}

}  // namespace pigeond::sandbox
