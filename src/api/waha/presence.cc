// Presence: what others see of what is done at the account.
#include "engine/questions/presence.h"

#include "api/reply.h"
#include "api/waha/failures.h"
#include "api/waha/formats.h"
#include "api/waha/operations.h"

namespace pigeond::api::waha {
namespace {

using engine::Shows;

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

bool is_of_chat(Shows what) {
  return what != Shows::online && what != Shows::offline;
}

net::HttpReply wrong_chat(const SetPresence& in) {
  const Error error = fail(
      Cause::bad_input, in.chat ? "chatId must not be given with online and offline: they are the account's"
                                : "chatId is required for typing, recording and paused");
  return failure_reply(error);
}

net::HttpReply set_presence(const Call& call, const SetPresence& in) {
  if (is_of_chat(in.presence) != in.chat.has_value()) return wrong_chat(in);
  if (in.chat && !in.chat->is_user() && !in.chat->is_group())
    return failure_reply(fail(Cause::bad_input, kNoChat));
  const auto shown = call.gateway.ask<bool>(
      in.session,
      [what = in.presence, chat = in.chat.value_or(wire::Jid{})](engine::Desk& desk, auto answered) {
        show_presence(desk, what, chat, std::move(answered));
      });
  if (!shown) return session_failure(call.gateway, in.session, shown.error(), "WORKING");
  return json_reply(201, Json::object());
}

}  // namespace

Operations presence_operations() {
  return {operation<SetPresence>({"POST", "/api/{session}/presence", "setPresence", "Presence", Scope::send,
                                  Whose::one, "Shows the account as online, or that it writes"},
                                 set_presence)
              .gives(201, "WhatsApp has been told, unless it knew it.", any_json())
              .fails({422, 429, 502, 504})};
}

}  // namespace pigeond::api::waha
