// After what time the messages of a chat disappear.
#include "api/reply.h"
#include "api/waha/failures.h"
#include "api/waha/formats.h"
#include "api/waha/operations.h"
#include "api/waha/sending.h"
#include "engine/messages/desk.h"
#include "engine/messages/kinds/timer.h"
#include "engine/questions/chat_timer.h"

namespace pigeond::api::waha {
namespace {

constexpr const char* kPath = "/api/{session}/chats/{chatId}/disappearing";

struct OfChat {
  std::string session;
  wire::Jid chat;
  static constexpr const char* kName = "OfChat";
  static void describe(schema::Input<OfChat>& is) {
    is.session(&OfChat::session, kSession);
    is("chatId", &OfChat::chat, kChatId).required().in(schema::kPath);
  }
};

struct SetTimer : SendFields {
  std::optional<std::int64_t> duration;
  static constexpr const char* kName = "SetDisappearing";
  static void describe(schema::Input<SetTimer>& is) {
    is.session(&SetTimer::session, kSession);
    is("chatId", &SetTimer::to, kChatId).required().in(schema::kPath);
    is("duration", &SetTimer::duration)
        .required()
        .range(0, engine::kLongestTimer)
        .help("Seconds; 86400, 604800 and 7776000 are what phones offer. 0: messages stay.");
    describe_way(is);
  }
  std::string refusal() const { return to.is_user() ? "" : "chatId: a group's timer is set in the group"; }
  engine::Content says() const {
    return engine::timer_content({.seconds = static_cast<std::uint32_t>(*duration)});
  }
};

struct TimerShape {
  using Of = engine::Timer;
  static constexpr const char* kName = "Disappearing";
  static void describe(schema::Output<Of>& shows) {
    shows("duration", [](const Of& timer) { return timer.seconds; }).help("Seconds; 0: messages stay.");
    shows("setAt", [](const Of& timer) { return schema::positive(timer.set); })
        .or_null()
        .help("Unix seconds; null: not known.");
  }
};

net::HttpReply get_timer(const Call& call, const OfChat& in) {
  const auto timer = call.gateway.ask<engine::Timer>(
      in.session,
      [chat = in.chat](engine::Desk& desk, const auto& answered) { chat_timer(desk, chat, answered); });
  if (!timer) return session_failure(call.gateway, in.session, timer.error(), "WORKING");
  return reply<TimerShape>(200, *timer);
}

}  // namespace

Operations chat_timer_operations() {
  return {
      operation<OfChat>({"GET", kPath, "getDisappearing", "Chats", Scope::read, Whose::one,
                         "Shows after what time the messages of a chat disappear"},
                        get_timer)
          .gives(200, "As far as this device has heard of it.", json<TimerShape>())
          .fails({422, 429, 502, 504}),
      operation<SetTimer>({"PUT", kPath, "setDisappearing", "Chats", Scope::send, Whose::one,
                           "Sets after what time the messages of a chat disappear"},
                          [](const Call& call, SetTimer& in) { return send(call, in, 200); })
          .gives(200, "WhatsApp has acknowledged the message that says so.", json<SentShape>())
          .gives(202, "It is accepted, and waits.", json<SentShape>())
          .fails({404, 409, 422, 501, 502, 504}),
  };
}

}  // namespace pigeond::api::waha
