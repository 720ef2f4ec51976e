// Marking messages as read.
#include "engine/questions/seen.h"

#include "api/reply.h"
#include "api/waha/failures.h"
#include "api/waha/formats.h"
#include "api/waha/ids.h"
#include "api/waha/operations.h"

namespace pigeond::api::waha {
namespace {

constexpr std::size_t kIds = 256;  // of one call

struct SendSeen {
  std::string session = "default";
  wire::Jid chat;
  std::optional<std::vector<std::string>> ids;  // an empty list is a mistake, and not all that is unread
  std::string id;
  wire::Jid participant;
  static constexpr const char* kName = "SendSeenRequest";
  static void describe(schema::Input<SendSeen>& is) {
    is.session(&SendSeen::session, kSession);
    is("chatId", &SendSeen::chat, kChatId).required();
    is("messageIds", &SendSeen::ids, kMessageId)
        .at_most(kIds)
        .help(
            "None: what is not read of the last 7 days, at most 30 messages of a person and 100 of a group.");
    is("messageId", &SendSeen::id, kMessageId).help("One of them, as older clients say it.");
    is("participant", &SendSeen::participant, kUserId).help("Whose messages, in a group.");
  }
};

// A query has no lists.
struct SendSeenByGet : SendSeen {
  static constexpr const char* kName = "SendSeenByGet";
  static void describe(schema::Input<SendSeenByGet>& is) {
    is.session(&SendSeenByGet::session, kSession);
    is("chatId", &SendSeenByGet::chat, kChatId).required();
    is("messageId", &SendSeenByGet::id, kMessageId);
    is("participant", &SendSeenByGet::participant, kUserId);
  }
};

struct SeenShape {
  using Of = engine::Seen;
  static constexpr const char* kName = "ReadChatMessagesResponse";
  static void describe(schema::Output<Of>& shows) {
    shows("ids", [](const Of& seen) {
      std::vector<std::string> ids;
      for (const auto& message : seen.messages)
        ids.push_back(message_id(false, chat_id(seen.chat), message.id,
                                 message.author.empty() ? std::string() : chat_id(message.author)));
      return ids;
    }).help("What was marked as read.");
  }
};

net::HttpReply refused(const char* why) {
  return failure_reply(fail(Cause::bad_input, why));
}

net::HttpReply send_seen(const Call& call, const SendSeen& in) {
  if (in.ids && in.ids->empty() && in.id.empty()) return refused("messageIds must not be empty");
  if (!in.participant.empty() && in.chat.is_user())
    return refused("participant must not be given with a person's chat");
  auto ids = in.ids.value_or(std::vector<std::string>());
  if (!in.id.empty()) ids.push_back(in.id);
  const auto seen = call.gateway.ask<engine::Seen>(
      in.session,
      [chat = in.chat, ids = std::move(ids), author = in.participant](engine::Desk& desk, auto answered) {
        mark_seen(desk, chat, ids, author, std::move(answered));
      });
  if (!seen) return session_failure(call.gateway, in.session, seen.error(), "WORKING");
  return reply<SeenShape>(call.http.method == "GET" ? 200 : 201, *seen);
}

}  // namespace

Operations seen_operations() {
  return {
      operation<SendSeen>({"POST", "/api/sendSeen", "sendSeen", "Chatting", Scope::send, Whose::one,
                           "Marks messages as read"},
                          send_seen)
          .gives(201, "Those who wrote them are told, unless the account hides that it reads.",
                 json<SeenShape>())
          .fails({422, 429, 502, 504}),
      operation<SendSeenByGet>({"GET", "/api/sendSeen", "sendSeenByGet", "Chatting", Scope::send, Whose::one,
                                "Marks messages as read, as old automations call it"},
                               [](const Call& call, const SendSeenByGet& in) { return send_seen(call, in); })
          .gives(200, "As by POST.", json<SeenShape>())
          .fails({422, 429, 502, 504})
          .is_deprecated()};
}

}  // namespace pigeond::api::waha
