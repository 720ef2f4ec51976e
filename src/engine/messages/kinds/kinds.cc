// Which kinds there are.
#include "engine/messages/kinds/kind.h"

namespace pigeond::engine {
namespace {

// In the order in which they are looked for.
constexpr const Kind* kAll[] = {
    &kLinkText,
    &kText,
    &kImage,
    &kVideo,
    &kVideoNote,
    &kAudio,
    &kDocument,
    &kSticker,
    &kLocation,
    &kLiveLocation,
    &kContact,
    &kContacts,
    &kPoll,
    &kReaction,
    &kListResponse,
    &kButtonsResponse,
    &kTemplateButtonReply,
    &kGroupInvite,
    &kTimerSetting,
    &kTemplate,
    &kButtons,
    &kList,
    &kInteractive,
    &kInteractiveResponse,
    &kHighlyStructured,
    &kProduct,
    &kOrder,
    &kInvoice,
    &kSentPayment,
    &kRequestedPayment,
    &kPaymentInvite,
    &kPaymentReminder,
    &kSplitPayment,
    &kEventInvite,
    &kScheduledCall,
    &kChannelAdminInvite,
    &kChannelInvite,
    &kStickerPack,
    &kPollResults,
    &kPollResults3,
    &kRichResponse,
    &kMusic,
    &kStatusAnswer,
    &kQuestionResponse,
    &kStatusQuoted,
    &kEvent,
    &kComment,
    &kSealedReaction,
    &kEdit,
    &kSealedEdit,
    &kRevoke,
    &kVote,
    &kEventResponse,
    &kPin,
    &kKeep,
    &kSealedComment,
};

}  // namespace

const Kind* kind_of(const wa_Message& message) {
  for (const Kind* kind : kAll)
    if (kind->is(message)) return kind;
  return nullptr;
}

}  // namespace pigeond::engine
