// Calls: declining one that rings.
#include "api/reply.h"
#include "api/waha/failures.h"
#include "api/waha/formats.h"
#include "api/waha/operations.h"
#include "engine/questions/call.h"

namespace pigeond::api::waha {
namespace {

constexpr std::size_t kCallId = 64;  // characters

struct RejectCall {
  std::string session = "default";
  wire::Jid from;
  std::string id;
  static constexpr const char* kName = "RejectCallRequest";
  static void describe(schema::Input<RejectCall>& is) {
    is.session(&RejectCall::session, kSession);
    is("from", &RejectCall::from, kUserId).required().help("As call.received has it.");
    is("id", &RejectCall::id).required().length(1, kCallId).help("The same.");
  }
};

net::HttpReply refused(engine::Rejection why) {
  switch (why) {
    case engine::Rejection::unknown:
      return failure_reply(fail(Cause::not_found, "nobody was heard to call under this id"));
    case engine::Rejection::of_somebody:
      return failure_reply(fail(Cause::bad_input, "from is not who calls under this id"));
    case engine::Rejection::over:
      return failure_reply(fail(Cause::too_late, "the call was taken or declined, or has ended"));
    case engine::Rejection::done:
      break;
  }
  return json_reply(201, Json::object());
}

net::HttpReply reject(const Call& call, const RejectCall& in) {
  const auto rejection = call.gateway.ask<engine::Rejection>(
      in.session, [from = in.from, id = in.id](engine::Desk& desk, auto answered) {
        reject_call(desk, from, id, std::move(answered));
      });
  if (!rejection) return session_failure(call.gateway, in.session, rejection.error(), "WORKING");
  return refused(*rejection);
}

}  // namespace

Operations call_operations() {
  return {operation<RejectCall>({"POST", "/api/{session}/calls/reject", "rejectCall", "Calls", Scope::send,
                                 Whose::one, "Declines a call that rings"},
                                reject)
              .gives(201, "WhatsApp has been told; call.rejected follows, and nothing else of this call.",
                     any_json())
              .fails({404, 409, 422, 429, 502, 504})};
}

}  // namespace pigeond::api::waha
