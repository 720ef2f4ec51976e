// Kinds of which the words are read and nothing else: what businesses send, and rarer things. Their parts are
// kept as bytes (wa.proto); the lists of fields are those of reading/prose.h.
#include "engine/messages/kinds/kind.h"

namespace pigeond::engine {
namespace {

template <auto Part>
bool is(const wa_Message& message) {
  return !(message.*Part).empty();
}

template <auto Part>
Bytes* kept(wa_Message& message) {
  return &(message.*Part);
}

// The words are read by describe().

// `context`: the number of its contextInfo; 0: there is none.
template <auto Part>
constexpr Kind words_in(std::string_view type, std::string_view texts, std::uint32_t context) {
  Kind kind{type, is<Part>, show_nothing, no_context};
  kind.kept = kept<Part>;
  kind.texts = texts;
  kind.context_number = context;
  return kind;
}

}  // namespace

// One-time codes and notices of orders come so.
const Kind kTemplate = words_in<&wa_Message::templateMessage>("text", "%t", 3);
const Kind kHighlyStructured = words_in<&wa_Message::highlyStructuredMessage>("text", "%h", 0);
// A header may be an image; then its place has no text.
const Kind kButtons = words_in<&wa_Message::buttonsMessage>("text", "1 6 7", 8);
// A stanza with <biz> is a text for the service, whatever it holds: else it is refused (479, zapo).
const Kind kList = [] {
  Kind kind = words_in<&wa_Message::listMessage>("list", "1 2 7", 8);
  kind.business = Business::list;
  return kind;
}();
const Kind kInteractive = [] {
  Kind kind = words_in<&wa_Message::interactiveMessage>("interactive", "%i", 15);
  kind.business = Business::native_flow;
  return kind;
}();
// What was tapped of a native flow: its words, or the flow's name.
const Kind kInteractiveResponse = words_in<&wa_Message::interactiveResponseMessage>("text", "1{1}|2{1}", 15);

const Kind kProduct = words_in<&wa_Message::productMessage>("product", "1{3 4} 4{2 3} 5 6", 17);
const Kind kOrder = words_in<&wa_Message::orderMessage>("order", "7 6", 17);
const Kind kInvoice = words_in<&wa_Message::invoiceMessage>("payment", "1", 0);
const Kind kSentPayment = words_in<&wa_Message::sendPaymentMessage>("payment", "2{%n}", 0);
const Kind kRequestedPayment = words_in<&wa_Message::requestPaymentMessage>("payment", "4{%n}", 0);
const Kind kPaymentInvite = words_in<&wa_Message::paymentInviteMessage>("payment", "", 0);
const Kind kPaymentReminder = words_in<&wa_Message::paymentReminderMessage>("payment", "3", 0);
const Kind kSplitPayment = words_in<&wa_Message::splitPaymentMessage>("payment", "3", 17);

const Kind kEventInvite = words_in<&wa_Message::eventInviteMessage>("event", "3 6", 1);
const Kind kScheduledCall = words_in<&wa_Message::scheduledCallCreationMessage>("call", "3", 0);
const Kind kChannelAdminInvite = words_in<&wa_Message::newsletterAdminInviteMessage>("text", "2 4", 6);
const Kind kChannelInvite = words_in<&wa_Message::newsletterFollowerInviteMessageV2>("text", "2 4", 5);

const Kind kStickerPack = words_in<&wa_Message::stickerPackMessage>("sticker_pack", "2 12 10", 11);
const Kind kPollResults = words_in<&wa_Message::pollResultSnapshotMessage>("poll", "1 2{1}", 3);
const Kind kPollResults3 = words_in<&wa_Message::pollResultSnapshotMessageV3>("poll", "1 2{1}", 3);
const Kind kRichResponse = words_in<&wa_Message::richResponseMessage>("text", "2{3}", 4);
const Kind kStatusAnswer = words_in<&wa_Message::statusQuestionAnswerMessage>("text", "2", 0);
const Kind kQuestionResponse = words_in<&wa_Message::questionResponseMessage>("text", "2", 0);
const Kind kStatusQuoted = words_in<&wa_Message::statusQuotedMessage>("text", "2", 0);
const Kind kMusic = words_in<&wa_Message::musicMessage>("music", "1{4 3}", 5);

}  // namespace pigeond::engine
