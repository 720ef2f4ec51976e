// What is said about a message that is there: reactions, edits, deletions, pins; and forwarding it.
#include "api/waha/sending.h"
#include "store/messages/messages.h"

namespace pigeond::api::waha {
namespace {

constexpr std::size_t kEmoji = 32;  // characters; one with a skin and a family has a dozen

constexpr std::string_view kStored = "The message, by its long id, or by the bare one where it is stored.";

struct React : SendFields {
  engine::MessageRef target;
  std::string emoji;
  static constexpr const char* kName = "MessageReactionRequest";
  static void describe(schema::Input<React>& is) {
    is.session(&React::session, kSession);
    is("messageId", &React::target, kTarget).required().help(kStored);
    is("reaction", &React::emoji)
        .required()
        .length(0, kEmoji)
        .may_be_empty()
        .help("An emoji; \"\" takes back what was there.");
    is("chatId", &React::to, kChatId).help("Where it is, if its id does not say so.");
    describe_way(is);
  }
  engine::Remark says_about() const { return {target, engine::Reaction{emoji}}; }
};

// By the path.
struct OfMessage : SendFields {
  engine::MessageRef target;
  template <typename T>
  static void describe_target(schema::Input<T>& is) {
    is.session(&T::session, kSession);
    is("chatId", &T::to, kChatId).required().help("Where it is.");
    is("messageId", &T::target, kTarget).required().help(kStored);
  }
};

struct EditMessage : OfMessage {
  std::string text;
  static constexpr const char* kName = "EditMessageRequest";
  static void describe(schema::Input<EditMessage>& is) {
    describe_target(is);
    is("text", &EditMessage::text).required().length(1, limits::kText).help("The whole text, or caption.");
    is("mentions", &EditMessage::mentions, kUserId).help("People who are named in the text.");
    describe_way(is);
  }
  engine::Remark says_about() const { return {target, engine::Edit{text}}; }
};

struct DeleteMessage : OfMessage {
  static constexpr const char* kName = "DeleteMessageRequest";
  static void describe(schema::Input<DeleteMessage>& is) {
    describe_target(is);
    describe_way(is);
  }
  engine::Remark says_about() const { return {target, engine::Revoke{}}; }
};

struct PinMessage : OfMessage {
  std::uint32_t duration = 0;
  static constexpr const char* kName = "PinMessageRequest";
  static void describe(schema::Input<PinMessage>& is) {
    describe_target(is);
    is("duration", &PinMessage::duration)
        .required()
        .range(1, 2592000)
        .help("Seconds: 86400, 604800 or 2592000.");
    describe_way(is);
  }
  Status check() const {
    if (duration != 86400 && duration != 604800 && duration != 2592000)
      return fail(Cause::bad_input, "duration must be 86400, 604800 or 2592000");
    return {};
  }
  engine::Remark says_about() const { return {target, engine::Pin{duration}}; }
};

struct UnpinMessage : OfMessage {
  static constexpr const char* kName = "UnpinMessageRequest";
  static void describe(schema::Input<UnpinMessage>& is) {
    describe_target(is);
    describe_way(is);
  }
  engine::Remark says_about() const { return {target, engine::Pin{0}}; }
};

struct ForwardMessage : SendFields {
  engine::MessageRef target;
  static constexpr const char* kName = "MessageForwardRequest";
  static void describe(schema::Input<ForwardMessage>& is) {
    describe_to(is);
    is("messageId", &ForwardMessage::target, kTarget)
        .required()
        .help("A message of any chat, that is stored.");
    describe_way(is);
  }
  engine::Remark says_about() const { return {target, engine::Forward{}}; }
};

// The chat of a message whose id does not say it: of the newest of that id.
Result<wire::Jid> chat_of(const Call& call, const std::string& session, const std::string& id) {
  return call.gateway.read<wire::Jid>(
      session, [id](store::Database& database, std::int64_t row) -> Result<wire::Jid> {
        const auto rows = store::Messages(database, row).heads(id);
        if (rows.empty())
          return fail(Cause::not_found, pigeond::Field::target,
                      "no such message is stored; one that is not is known by its long id");
        return rows.back().chat;
      });
}

net::HttpReply react(const Call& call, React& in) {
  if (in.to.empty()) in.to = in.target.chat;
  if (in.to.empty()) {
    auto chat = chat_of(call, in.session, in.target.id);
    if (!chat) return session_failure(call.gateway, in.session, chat.error(), "WORKING");
    in.to = std::move(*chat);
  }
  return send(call, in, 200);
}

template <typename In>
net::HttpReply pin(const Call& call, In& in) {
  const auto session = in.session;
  auto request = request_of(in);
  if (!request) return failure_reply(request.error());
  const auto sent = call.gateway.send(std::move(*request));
  if (!got_through(sent)) return not_sent(call.gateway, session, sent);
  return sent->pending ? sent_reply(*sent, 202) : reply<DoneShape>(201, true);
}

constexpr const char* kOne = "/api/{session}/chats/{chatId}/messages/{messageId}";

// The row of what is sent, and answered as what is sent is.
template <typename In, typename Run>
Operation about(const char* method, std::string path, std::string id, const char* tag, std::string summary,
                Run run, int done) {
  return operation<In>(
             {method, std::move(path), std::move(id), tag, Scope::send, Whose::one, std::move(summary)}, run)
      .gives(done, "WhatsApp has acknowledged it.", json<SentShape>())
      .gives(202, "It is accepted, and waits.", json<SentShape>())
      .fails({404, 409, 422, 501, 502, 504});
}

template <typename In>
Operation pinning(const char* last, std::string id, std::string summary) {
  return operation<In>({"POST", std::string(kOne) + last, std::move(id), "Chats", Scope::send, Whose::one,
                        std::move(summary)},
                       pin<In>)
      .gives(201, "WhatsApp has acknowledged it.", json<DoneShape>())
      .gives(202, "It is accepted, and waits.", json<SentShape>())
      .fails({404, 409, 422, 501, 502, 504});
}

template <typename In>
net::HttpReply send_200(const Call& call, In& in) {
  return send(call, in, 200);
}

}  // namespace

Operations about_operations() {
  return {
      about<React>("PUT", "/api/reaction", "setReaction", "Chatting", "Reacts to a message", react, 200),
      sending<ForwardMessage>("/api/forwardMessage", "forwardMessage", "Forwards a message"),
      about<EditMessage>("PUT", kOne, "editMessage", "Chats",
                         "Edits an own text or caption, within 20 minutes", send_200<EditMessage>, 200),
      about<DeleteMessage>("DELETE", kOne, "deleteMessage", "Chats", "Deletes a message for everybody",
                           send_200<DeleteMessage>, 200),
      pinning<PinMessage>("/pin", "pinMessage", "Pins a message for everybody"),
      pinning<UnpinMessage>("/unpin", "unpinMessage", "Takes a pinned message down"),
  };
}

}  // namespace pigeond::api::waha
