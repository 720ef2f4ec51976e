// Chatting: sendText.
#include "api/reply.h"
#include "api/waha/failures.h"
#include "api/waha/formats.h"
#include "api/waha/operations.h"
#include "api/waha/shapes.h"
#include "base/limits.h"

namespace pigeond::api::waha {
namespace {

using gateway::SentMessage;

struct SendText : gateway::TextRequest {
  SendText() { session = "default"; }
  static constexpr const char* kName = "SendText";
  static void describe(schema::Input<SendText>& is) {
    is.session(&SendText::session, kSession);
    is("chatId", &SendText::to, kChatId).required().help("Who gets it.");
    is("text", &SendText::text).required().length(1, limits::kText);
    is("reply_to", &SendText::reply_to, kMessageId).help("The message that is answered.");
    is("id", &SendText::id, kNewMessageId)
        .help("The message's id, instead of a made one; it may be used once.");
    is("mentions", &SendText::mentions, kUserId).help("People who are named in the text.");
    is("expiresIn", &SendText::expires_in)
        .range(1, limits::kExpiry)
        .counts(kSecond)
        .help("Seconds; not sent by then, the message ends.");
    is("async", &SendText::async)
        .in(schema::kQuery | schema::kBody)
        .help("Answers as soon as the message is in the database.");
    is("queue", &SendText::queue).help("Is accepted also while the session is STOPPED or FAILED.");
    is("Idempotency-Key", &SendText::idempotency_key, kIdempotencyKey)
        .in(schema::kHeader)
        .may_be_empty()
        .help("The same key again, within a day: the first call's answer.");
  }
};

bool got_through(const Result<SentMessage>& sent) {
  return sent && !sent->failure;
}

net::HttpReply good(const SentMessage& sent) {
  return reply<SentShape>(sent.pending ? 202 : 201, sent);
}

// `about`: the session, or what knows it. What was accepted and has ended so has the id of its events.
template <typename About>
net::HttpReply bad(About& about, const std::string& session, const Result<SentMessage>& sent) {
  if (!sent) return session_failure(about, session, sent.error(), "WORKING");
  return session_failure(about, session, *sent->failure, "WORKING", {{"id", message_id(*sent)}});
}

net::HttpReply send_text(const Call& call, SendText& in) {
  const auto session = in.session;
  const auto sent = call.gateway.send_text(std::move(in));
  return got_through(sent) ? good(*sent) : bad(call.gateway, session, sent);
}

void begin_text(const Call& call, SendText& in, const Promise& promise) {
  const auto session = in.session;
  call.gateway.send_text(std::move(in), [&gateway = call.gateway, session,
                                         promise](Result<SentMessage> sent) {
    if (got_through(sent)) return promise([sent = std::move(sent)] { return good(*sent); });
    gateway.session(session, [session, promise, sent = std::move(sent)](Result<gateway::SessionInfo> info) {
      promise([session, sent, info = std::move(info)] { return bad(info, session, sent); });
    });
  });
}

}  // namespace

Operations chatting_operations() {
  return {
      operation<SendText>(
          {"POST", "/api/sendText", "sendText", "Chatting", Scope::send, Whose::one, "Sends a text"},
          send_text)
          .begins<SendText>(begin_text)
          .gives(201, "WhatsApp has acknowledged it.", json<SentShape>())
          .gives(202, "It is accepted, and waits.", json<SentShape>())
          .fails({404, 409, 422, 501, 502, 504}),
  };
}

}  // namespace pigeond::api::waha
