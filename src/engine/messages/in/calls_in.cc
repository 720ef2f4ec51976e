#include "engine/messages/in/calls_in.h"

#include "base/log.h"
#include "engine/link/acks.h"

namespace pigeond::engine {
namespace {

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

}  // namespace

void take_call(Desk& desk, const wire::Node& call) {
  if (!needs_ack(call)) return;
  desk.stanzas.send(ack_for(call));
  const auto from = call.jid("from");
  const wire::Node* offer = call.child("offer");
  if (!from || offer == nullptr || !offer->has("call-id")) return;
  log::info("somebody calls", {{"session", desk.context.session_name}, {"from", from->text()}});
  desk.stanzas.send(offer_receipt(desk, call, *from, *offer));
}

}  // namespace pigeond::engine
