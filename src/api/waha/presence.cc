// Presence: what others see of what is done at the account.
#include "engine/questions/presence.h"

#include "api/reply.h"
#include "api/waha/failures.h"
#include "api/waha/formats.h"
#include "api/waha/operations.h"
#include "api/waha/people/shapes.h"

namespace pigeond::api::waha {
namespace {

using engine::Shows;
using net::HttpReply;

constexpr std::pair<std::string_view, Shows> kPresences[] = {{"online", Shows::online},
                                                             {"offline", Shows::offline},
                                                             {"typing", Shows::typing},
                                                             {"recording", Shows::recording},
                                                             {"paused", Shows::paused}};

struct SetPresence {
  std::string session = "default";
  Shows presence = Shows::online;
  std::optional<wire::Jid> chat;
  static constexpr const char* kName = "WAHASessionPresence";
  static void describe(schema::Input<SetPresence>& is) {
    is.session(&SetPresence::session, kSession);
    is("presence", &SetPresence::presence, kPresences)
        .required()
        .help("online and offline are the account's, and hold while the link does; the others are a chat's.");
    is("chatId", &SetPresence::chat, kChatId).help("Of typing, recording and paused; not of the others.");
  }
};

constexpr const char* kNoChat = "chatId must be of a person or a group: nobody is shown there who writes";
constexpr const char* kNobody = "chatId must be of a person or a group";
// whatsmeow's SubscribePresence; seen with every client.
constexpr const char* kOnlineOnly =
    "WhatsApp tells something only while the account itself is online, and of who lets it see that.";

bool is_of_chat(Shows what) {
  return what != Shows::online && what != Shows::offline;
}

HttpReply wrong_chat(const SetPresence& in) {
  const Error error = fail(
      Cause::bad_input, in.chat ? "chatId must not be given with online and offline: they are the account's"
                                : "chatId is required for typing, recording and paused");
  return failure_reply(error);
}

Result<bool> shown(const Call& call, const std::string& session, Shows what, const wire::Jid& chat) {
  return call.gateway.ask<bool>(session, [what, chat](engine::Desk& desk, auto answered) {
    show_presence(desk, what, chat, std::move(answered));
  });
}

bool has_presences(const wire::Jid& chat) {
  return chat.is_user() || chat.is_group();
}

HttpReply set_presence(const Call& call, const SetPresence& in) {
  if (is_of_chat(in.presence) != in.chat.has_value()) return wrong_chat(in);
  if (in.chat && !has_presences(*in.chat)) return failure_reply(fail(Cause::bad_input, kNoChat));
  const auto done = shown(call, in.session, in.presence, in.chat.value_or(wire::Jid{}));
  if (!done) return session_failure(call.gateway, in.session, done.error(), "WORKING");
  return json_reply(201, Json::object());
}

struct OfChat {
  std::string session = "default";
  wire::Jid chat;
  static constexpr const char* kName = "ChatRequest";
  static void describe(schema::Input<OfChat>& is) {
    is.session(&OfChat::session, kSession);
    is("chatId", &OfChat::chat, kChatId).required();
  }
};

HttpReply type(const Call& call, const OfChat& in, Shows what) {
  if (!has_presences(in.chat)) return failure_reply(fail(Cause::bad_input, kNoChat));
  const auto done = shown(call, in.session, what, in.chat);
  if (!done) return session_failure(call.gateway, in.session, done.error(), "WORKING");
  return json_reply(call.http.method == "GET" ? 200 : 201, Json{{"result", true}});
}

HttpReply list(const Call& call, const OfSession& in) {
  const auto watched = call.gateway.ask<std::vector<engine::Watched>>(
      in.session, [](engine::Desk& desk, auto answered) { list_presences(desk, std::move(answered)); });
  if (!watched) return session_failure(call.gateway, in.session, watched.error(), "WORKING");
  return json_reply(200, schema::list_of<WatchedShape>(*watched));
}

HttpReply look(const Call& call, const OfChat& in) {
  if (!has_presences(in.chat)) return failure_reply(fail(Cause::bad_input, kNobody));
  const auto watched =
      call.gateway.ask<engine::Watched>(in.session, [chat = in.chat](engine::Desk& desk, auto answered) {
        look_at_presence(desk, chat, std::move(answered));
      });
  if (!watched) return session_failure(call.gateway, in.session, watched.error(), "WORKING");
  return reply<WatchedShape>(200, *watched);
}

HttpReply subscribe(const Call& call, const OfChat& in) {
  if (!has_presences(in.chat)) return failure_reply(fail(Cause::bad_input, kNobody));
  const auto done = call.gateway.ask<bool>(in.session, [chat = in.chat](engine::Desk& desk, auto answered) {
    watch_presence(desk, chat, std::move(answered));
  });
  if (!done) return session_failure(call.gateway, in.session, done.error(), "WORKING");
  return json_reply(201, Json::object());
}

// Both as WAHA has them, and by GET, as old automations call them.
Operation typing(const char* method, const char* path, const char* id, Shows what, const char* summary) {
  auto row = operation<OfChat>({method, path, id, "Chatting", Scope::send, Whose::one, summary},
                               [what](const Call& call, const OfChat& in) { return type(call, in, what); });
  const bool by_get = std::string_view(method) == "GET";
  row.gives(by_get ? 200 : 201, "WhatsApp has been told.", any_json()).fails({422, 429, 502, 504});
  return by_get ? row.is_deprecated() : row;
}

}  // namespace

Operations presence_operations() {
  const std::string path = "/api/{session}/presence";
  constexpr const char* kStart = "Shows that the account writes";
  constexpr const char* kStop = "Shows that it does so no more";
  return {
      operation<SetPresence>({"POST", path, "setPresence", "Presence", Scope::send, Whose::one,
                              "Shows the account as online, or that it writes"},
                             set_presence)
          .gives(201, "WhatsApp has been told, unless it knew it.", any_json())
          .fails({422, 429, 502, 504}),
      operation<OfSession>({"GET", path, "listPresences", "Presence", Scope::read, Whose::one,
                            "What is known of the chats that programs have subscribed to"},
                           list)
          .gives(200, "In the order in which they were asked for; of the present link.",
                 json_list<WatchedShape>())
          .fails({422, 429, 502, 504}),
      operation<OfChat>({"GET", path + "/{chatId}", "getPresence", "Presence", Scope::send, Whose::one,
                         "Subscribes to a chat, and waits a second where nothing is known of it"},
                        look)
          .gives(200, kOnlineOnly, json<WatchedShape>())
          .fails({422, 429, 502, 504}),
      operation<OfChat>({"POST", path + "/{chatId}/subscribe", "subscribePresence", "Presence", Scope::send,
                         Whose::one, "Has presence.update told of a chat, until the session stops"},
                        subscribe)
          .gives(201, kOnlineOnly, any_json())
          .fails({422, 429, 502, 504}),
      typing("POST", "/api/startTyping", "startTyping", Shows::typing, kStart),
      typing("POST", "/api/stopTyping", "stopTyping", Shows::paused, kStop),
      typing("GET", "/api/startTyping", "startTypingByGet", Shows::typing, kStart),
      typing("GET", "/api/stopTyping", "stopTypingByGet", Shows::paused, kStop),
  };
}

}  // namespace pigeond::api::waha
