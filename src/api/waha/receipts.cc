// How far the recipients of a message are with it; and that one was played.
#include "store/messages/receipts.h"
#include "api/reply.h"
#include "api/waha/failures.h"
#include "api/waha/formats.h"
#include "api/waha/ids.h"
#include "api/waha/names.h"
#include "api/waha/operations.h"
#include "engine/questions/seen.h"
#include "store/account/people.h"
#include "store/messages/messages.h"

namespace pigeond::api::waha {
namespace {

using net::HttpReply;

struct OfMessage {
  std::string session = "default";
  wire::Jid chat;
  std::string id;
  static constexpr const char* kName = "OfMessage";
  static void describe(schema::Input<OfMessage>& is) {
    is.session(&OfMessage::session, kSession);
    is("chatId", &OfMessage::chat, kChatId).required();
    is("messageId", &OfMessage::id, kMessageId).required();
  }
};

struct Receipt {
  store::ReceiptRow row;
  store::Person who;
};
struct ReceiptShape {
  using Of = Receipt;
  static constexpr const char* kName = "MessageReceipt";
  static void describe(schema::Output<Of>& shows) {
    shows("participant", [](const Of& receipt) { return chat_id(receipt.who.pn, receipt.who.lid, {}); });
    shows("pn", [](const Of& receipt) { return schema::text_if(chat_id(receipt.who.pn)); }).or_null();
    shows("lid", [](const Of& receipt) { return schema::text_if(chat_id(receipt.who.lid)); }).or_null();
    shows("ack", [](const Of& receipt) { return receipt.row.ack(); });
    shows("ackName", [](const Of& receipt) { return std::string(ack_name(receipt.row.ack())); });
    shows("deliveredAt", [](const Of& receipt) { return schema::positive(receipt.row.delivered); })
        .or_null()
        .help("Unix seconds, as the next two; null: not told. Who has read it has got it.");
    shows("readAt", [](const Of& receipt) { return schema::positive(receipt.row.read); }).or_null();
    shows("playedAt", [](const Of& receipt) { return schema::positive(receipt.row.played); }).or_null();
  }
};

bool is_there(const store::MessageRow& row, const wire::Jid& chat, const store::Person& person) {
  return row.chat == chat || row.chat == person.pn || row.chat == person.lid;
}

using Found = std::optional<std::vector<Receipt>>;

Result<Found> look(store::Database& database, std::int64_t session, const OfMessage& in) {
  store::People people(database, session);
  const auto person = in.chat.is_user() ? people.find(in.chat) : store::Person{};
  for (const auto& row : store::Messages(database, session).heads(in.id)) {
    if (!row.from_me || !is_there(row, in.chat, person)) continue;
    std::vector<Receipt> receipts;
    for (auto& receipt : store::Receipts(database).of(row.seq)) {
      auto who = people.find(receipt.user);
      receipts.push_back({std::move(receipt), std::move(who)});
    }
    return Found(std::move(receipts));
  }
  return Found();
}

HttpReply no_message(const char* why) {
  return failure_reply(fail(Cause::not_found, why));
}

HttpReply show(const Call& call, const OfMessage& in) {
  const auto receipts = call.gateway.read<Found>(
      in.session,
      [in](store::Database& database, std::int64_t session) { return look(database, session, in); });
  if (!receipts) return session_failure(call.gateway, in.session, receipts.error(), "WORKING");
  if (!*receipts) return no_message("Message not found: none of this account's has that id in that chat");
  return json_reply(200, schema::list_of<ReceiptShape>(**receipts));
}

HttpReply play(const Call& call, const OfMessage& in) {
  using Played = std::optional<engine::Seen>;
  const auto seen =
      call.gateway.ask<Played>(in.session, [chat = in.chat, id = in.id](engine::Desk& desk, auto answered) {
        mark_played(desk, chat, id, std::move(answered));
      });
  if (!seen) return session_failure(call.gateway, in.session, seen.error(), "WORKING");
  if (!*seen) return no_message("Message not found: nobody sent one of that id in that chat");
  return json_reply(201, Json::object());
}

}  // namespace

Operations receipt_operations() {
  const std::string path = "/api/{session}/chats/{chatId}/messages/{messageId}";
  return {operation<OfMessage>({"GET", path + "/receipts", "getMessageReceipts", "Chats", Scope::read,
                                Whose::one, "How far each recipient is with a message of this account"},
                               show)
              .gives(200, "Those of whom something was heard.", json_list<ReceiptShape>())
              .fails({404, 422}),
          operation<OfMessage>({"POST", path + "/played", "markPlayed", "Chats", Scope::send, Whose::one,
                                "Marks a voice message as listened to"},
                               play)
              .gives(201,
                     "Who sent it is told, unless the account hides that it reads. Once is enough: later "
                     "calls tell nobody anything.",
                     any_json())
              .fails({404, 422, 429, 502, 504})};
}

}  // namespace pigeond::api::waha
