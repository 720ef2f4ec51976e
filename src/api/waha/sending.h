// What rows share that send something: the fields that are said of any message, and the ways in which the
// gateway answers. A kind of message is a struct of fields that says its content, or what it is about.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "api/reply.h"
#include "api/waha/failures.h"
#include "api/waha/formats.h"
#include "api/waha/operations.h"
#include "api/waha/shapes.h"
#include "base/limits.h"

namespace pigeond::api::waha {

// Beside what a message says itself.
struct SendFields : gateway::SendRequest {
  SendFields() { session = "default"; }
  template <typename T>
  static void describe_to(schema::Input<T>& is) {
    is.session(&T::session, kSession);
    is("chatId", &T::to, kChatId).required().help("Who gets it.");
  }
  template <typename T>
  static void describe_answer(schema::Input<T>& is) {
    is("reply_to", &T::answers, kTarget).help("The message that is answered.");
    is("reply_to_optional", &T::quote_optional)
        .help("Sent without a quote, instead of refused, where there is no such message in the chat.");
  }
  template <typename T>
  static void describe_way(schema::Input<T>& is) {
    is("id", &T::id, kNewMessageId).help("The message's id, instead of a made one; it may be used once.");
    is("expiresIn", &T::expires_in)
        .range(1, limits::kExpiry)
        .counts(kSecond)
        .help("Seconds; not sent by then, the message ends.");
    is("async", &T::async)
        .in(schema::kQuery | schema::kBody)
        .help("Answers as soon as the message is in the database.");
    is("queue", &T::queue).help("Is accepted also while the session is STOPPED or FAILED.");
    is("Idempotency-Key", &T::idempotency_key, kIdempotencyKey)
        .in(schema::kHeader)
        .may_be_empty()
        .help("The same key again, within a day: the first call's answer.");
  }
  template <typename T>
  static void describe_rest(schema::Input<T>& is) {
    describe_answer(is);
    describe_way(is);
  }
};

inline bool got_through(const Result<gateway::SentMessage>& sent) {
  return sent && !sent->failure;
}

// `about`: the session, or what knows it. What was accepted and has ended so has the id of its events.
template <typename About>
net::HttpReply not_sent(About& about, const std::string& session, const Result<gateway::SentMessage>& sent) {
  if (!sent) return session_failure(about, session, sent.error(), "WORKING");
  return session_failure(about, session, *sent->failure, "WORKING", {{"id", message_id(*sent)}});
}

// `done`: the status of an answer that says that the service has it.
inline net::HttpReply sent_reply(const gateway::SentMessage& sent, int done) {
  return reply<SentShape>(sent.pending ? 202 : done, sent);
}

// What its fields come to: says() has the content; check(), where there is one, what no field can tell alone.
template <typename In>
Result<gateway::SendRequest> request_of(In& in) {
  if constexpr (requires { in.check(); }) PIGEOND_CHECK(in.check());
  if constexpr (requires { in.says_about(); })
    in.about = in.says_about();
  else
    in.content = in.says();
  return Result<gateway::SendRequest>(std::move(static_cast<gateway::SendRequest&>(in)));
}

// What is right in itself, and wrong where it is to go: In::refusal() says so.
template <typename In>
std::optional<net::HttpReply> refusal_of(const In& in) {
  if constexpr (requires { in.refusal(); })
    if (const std::string why = in.refusal(); !why.empty()) return error_reply(422, why);
  return std::nullopt;
}

template <typename In>
net::HttpReply send(const Call& call, In& in, int done) {
  const auto session = in.session;
  if (auto refused = refusal_of(in)) return std::move(*refused);
  auto request = request_of(in);
  if (!request) return failure_reply(request.error());
  const auto sent = call.gateway.send(std::move(*request));
  return got_through(sent) ? sent_reply(*sent, done) : not_sent(call.gateway, session, sent);
}

template <typename In>
void begin_sending(const Call& call, In& in, const Promise& promise) {
  const auto session = in.session;
  if (auto refused = refusal_of(in)) return promise([refused = std::move(*refused)] { return refused; });
  auto request = request_of(in);
  if (!request) return promise([why = request.error()] { return failure_reply(why); });
  call.gateway.send(
      std::move(*request), [&gateway = call.gateway, session, promise](Result<gateway::SentMessage> sent) {
        if (got_through(sent)) return promise([sent = std::move(sent)] { return sent_reply(*sent, 201); });
        // Looked at by whoever writes the answer: this is the loop, which waits for nobody.
        promise([&gateway, session, sent = std::move(sent)] { return not_sent(gateway, session, sent); });
      });
}

// The row of one kind: `In` has its fields, and says() what they come to.
template <typename In>
Operation sending(std::string path, std::string id, std::string summary, std::string tag = "Chatting") {
  return operation<In>({"POST", std::move(path), std::move(id), std::move(tag), Scope::send, Whose::one,
                        std::move(summary)},
                       [](const Call& call, In& in) { return send(call, in, 201); })
      .template begins<In>(begin_sending<In>)
      .gives(201, "WhatsApp has acknowledged it.", json<SentShape>())
      .gives(202, "It is accepted, and waits.", json<SentShape>())
      .fails({404, 409, 422, 501, 502, 504});
}

}  // namespace pigeond::api::waha
