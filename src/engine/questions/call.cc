#include "engine/questions/call.h"

#include "engine/messages/desk.h"
#include "engine/messages/in/calls_in.h"

namespace pigeond::engine {
namespace {

// <call to=CALLER id><reject call-id call-creator count="0"/></call>: whatsmeow's RejectCall, which names the
// creator without a device, and whatsapp-rust's build_reject. Without an id of its own the service swallows
// it.
wire::Node rejection(const std::string& stanza_id, const store::CallRow& call) {
  wire::Node reject("reject"), stanza("call");
  reject.set("call-id", call.id).set("call-creator", call.caller).set("count", "0");
  return stanza.set("to", call.caller).set("id", stanza_id).add(std::move(reject));
}

}  // namespace

void reject_call(Desk& desk, const wire::Jid& from, const std::string& id,
                 const Answered<Rejection>& answered) {
  const auto call = store::Calls(desk.context.database, desk.context.session).find(id);
  if (!call) return answered(Rejection::unknown);
  if (!desk.lids.same_user(call->caller, desk.dialled.account(from))) return answered(Rejection::of_somebody);
  if (call->over) return answered(Rejection::over);
  if (const Status reached = desk.presence.reachable(); !reached) return answered(reached.error());
  desk.stanzas.send(rejection(desk.stanzas.next_id(), *call));
  call_rejected(desk, *call);
  answered(Rejection::done);
}

}  // namespace pigeond::engine
