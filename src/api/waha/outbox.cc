// The outbox: what was accepted for sending and has not ended. Not part of WAHA's surface.
#include "api/reply.h"
#include "api/waha/failures.h"
#include "api/waha/formats.h"
#include "api/waha/operations.h"
#include "api/waha/shapes.h"
#include "base/limits.h"

namespace pigeond::api::waha {
namespace {

constexpr const char* kTag = "Outbox";

struct ListOutbox {
  std::string session = "default";
  std::size_t limit = 100;
  std::size_t offset = 0;
  static constexpr const char* kName = "ListOutbox";
  static void describe(schema::Input<ListOutbox>& is) {
    is.session(&ListOutbox::session, kSession);
    is("limit", &ListOutbox::limit).range(1, limits::kListLimit);
    is("offset", &ListOutbox::offset).range(0, limits::kOutbox);
  }
};

net::HttpReply list(const Call& call, const ListOutbox& in) {
  const auto messages = call.gateway.outbox(in.session, in.limit, in.offset);
  if (!messages) return session_failure(call.gateway, in.session, messages.error(), "WORKING");
  return json_reply(200, schema::list_of<QueuedShape>(*messages));
}

struct CancelMessage {
  std::string session = "default";
  std::string id;
  static constexpr const char* kName = "CancelMessage";
  static void describe(schema::Input<CancelMessage>& is) {
    is.session(&CancelMessage::session, kSession);
    is("id", &CancelMessage::id, kMessageId).required();
  }
};

struct Cancelled {
  using Of = std::string;  // the bare id
  static constexpr const char* kName = "CancelledMessage";
  static void describe(schema::Output<Of>& shows) {
    shows("id", [](const Of& id) { return id; });
    shows("cancelled", [](const Of&) { return true; });
  }
};

net::HttpReply cancel(const Call& call, const CancelMessage& in) {
  const auto cancelled = call.gateway.cancel_message(in.session, in.id);
  return cancelled ? reply<Cancelled>(200, in.id) : failure_reply(cancelled.error());
}

}  // namespace

Operations outbox_operations() {
  return {
      operation<ListOutbox>({"GET", "/api/{session}/outbox", "listOutbox", kTag, Scope::read, Whose::one,
                             "What was accepted for sending and has not ended"},
                            list)
          .gives(200, "In the order of work.", json_list<QueuedShape>())
          .fails({422}),
      operation<CancelMessage>({"DELETE", "/api/{session}/outbox/{id}", "cancelMessage", kTag, Scope::send,
                                Whose::one, "Takes a message back that has not been written to WhatsApp"},
                               cancel)
          .gives(200, "It will not be sent.", json<Cancelled>())
          .fails({404, 409}),
  };
}

}  // namespace pigeond::api::waha
