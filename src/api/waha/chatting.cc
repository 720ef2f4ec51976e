// Chatting: what sends a message. A kind is a struct of fields that says its content, and a row.
#include "api/reply.h"
#include "api/waha/failures.h"
#include "api/waha/formats.h"
#include "api/waha/operations.h"
#include "api/waha/shapes.h"
#include "base/limits.h"
#include "engine/messages/kinds/location.h"
#include "engine/messages/kinds/text.h"

namespace pigeond::api::waha {
namespace {

using gateway::SentMessage;

// What is said of any message that is sent, beside what it says itself.
struct SendFields : gateway::SendRequest {
  SendFields() { session = "default"; }
  template <typename T>
  static void describe_to(schema::Input<T>& is) {
    is.session(&T::session, kSession);
    is("chatId", &T::to, kChatId).required().help("Who gets it.");
  }
  template <typename T>
  static void describe_rest(schema::Input<T>& is) {
    is("reply_to", &T::answers, kAnswered).help("The message that is answered.");
    is("reply_to_optional", &T::quote_optional)
        .help("Sent without a quote, instead of refused, where there is no such message in the chat.");
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
};

struct SendText : SendFields {
  std::string text;
  static constexpr const char* kName = "SendText";
  static void describe(schema::Input<SendText>& is) {
    describe_to(is);
    is("text", &SendText::text).required().length(1, limits::kText);
    is("mentions", &SendText::mentions, kUserId).help("People who are named in the text.");
    describe_rest(is);
  }
  engine::Content says() const { return engine::text_content(text); }
};

struct SendLocation : SendFields {
  double latitude = 0, longitude = 0;
  std::string title;
  static constexpr const char* kName = "SendLocation";
  static void describe(schema::Input<SendLocation>& is) {
    describe_to(is);
    is("latitude", &SendLocation::latitude).required().range(-90, 90).help("Degrees north.");
    is("longitude", &SendLocation::longitude).required().range(-180, 180).help("Degrees east.");
    is("title", &SendLocation::title)
        .length(0, limits::kPlaceName)
        .help("What stands below the map; the place's name, say.");
    describe_rest(is);
  }
  engine::Content says() const { return engine::location_content(latitude, longitude, title); }
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

template <typename In>
gateway::SendRequest request_of(In& in) {
  in.content = in.says();
  return std::move(in);
}

template <typename In>
net::HttpReply send(const Call& call, In& in) {
  const auto session = in.session;
  const auto sent = call.gateway.send(request_of(in));
  return got_through(sent) ? good(*sent) : bad(call.gateway, session, sent);
}

template <typename In>
void begin(const Call& call, In& in, const Promise& promise) {
  const auto session = in.session;
  call.gateway.send(request_of(in), [&gateway = call.gateway, session, promise](Result<SentMessage> sent) {
    if (got_through(sent)) return promise([sent = std::move(sent)] { return good(*sent); });
    // Looked at by whoever writes the answer: this is the loop, which waits for nobody.
    promise([&gateway, session, sent = std::move(sent)] { return bad(gateway, session, sent); });
  });
}

// The row of one kind: `In` has its fields, and says() what they come to.
template <typename In>
Operation sending(std::string path, std::string id, std::string summary) {
  return operation<In>({"POST", std::move(path), std::move(id), "Chatting", Scope::send, Whose::one,
                        std::move(summary)},
                       send<In>)
      .template begins<In>(begin<In>)
      .gives(201, "WhatsApp has acknowledged it.", json<SentShape>())
      .gives(202, "It is accepted, and waits.", json<SentShape>())
      .fails({404, 409, 422, 501, 502, 504});
}

}  // namespace

Operations chatting_operations() {
  return {
      sending<SendText>("/api/sendText", "sendText", "Sends a text"),
      sending<SendLocation>("/api/sendLocation", "sendLocation", "Sends a place"),
  };
}

}  // namespace pigeond::api::waha
