#include "engine/messages/kinds/reading/parts.h"

#include <algorithm>

#include "engine/messages/kinds/raw_proto.h"

namespace pigeond::engine {
namespace {

constexpr int kWrappers = 16;
constexpr std::uint32_t kDeviceSent = 31;

// In ascending order.
constexpr Part kParts[] = {
    {1, "conversation", Told::message},
    {2, "senderKeyDistributionMessage", Told::nothing},  // a key
    {3, "imageMessage", Told::message},
    {4, "contactMessage", Told::message},
    {5, "locationMessage", Told::message},
    {6, "extendedTextMessage", Told::message},
    {7, "documentMessage", Told::message},
    {8, "audioMessage", Told::message},
    {9, "videoMessage", Told::message},
    {10, "call", Told::nothing},  // a call rings otherwise
    {11, "chat", Told::nothing},
    {12, "protocolMessage", Told::otherwise},
    {13, "contactsArrayMessage", Told::message},
    {14, "highlyStructuredMessage", Told::message},
    {15, "fastRatchetKeySenderKeyDistributionMessage", Told::nothing},  // a key
    {16, "sendPaymentMessage", Told::message},
    {18, "liveLocationMessage", Told::message},
    {22, "requestPaymentMessage", Told::message},
    {23, "declinePaymentRequestMessage", Told::nothing},
    {24, "cancelPaymentRequestMessage", Told::nothing},
    {25, "templateMessage", Told::message},
    {26, "stickerMessage", Told::message},
    {28, "groupInviteMessage", Told::message},
    {29, "templateButtonReplyMessage", Told::message},
    {30, "productMessage", Told::message},
    {31, "deviceSentMessage", Told::inside},
    {35, "messageContextInfo", Told::nothing},  // of the message around it
    {36, "listMessage", Told::message},
    {37, "viewOnceMessage", Told::inside},
    {38, "orderMessage", Told::message},
    {39, "listResponseMessage", Told::message},
    {40, "ephemeralMessage", Told::inside},
    {41, "invoiceMessage", Told::message},
    {42, "buttonsMessage", Told::message},
    {43, "buttonsResponseMessage", Told::message},
    {44, "paymentInviteMessage", Told::message},
    {45, "interactiveMessage", Told::message},
    {46, "reactionMessage", Told::otherwise},
    {47, "stickerSyncRmrMessage", Told::nothing},  // own devices
    {48, "interactiveResponseMessage", Told::message},
    {49, "pollCreationMessage", Told::message},
    {50, "pollUpdateMessage", Told::otherwise},
    {51, "keepInChatMessage", Told::otherwise},
    {53, "documentWithCaptionMessage", Told::inside},
    {54, "requestPhoneNumberMessage", Told::raw},
    {55, "viewOnceMessageV2", Told::inside},
    {56, "encReactionMessage", Told::otherwise},
    {58, "editedMessage", Told::inside},
    {59, "viewOnceMessageV2Extension", Told::inside},
    {60, "pollCreationMessageV2", Told::message},
    {61, "scheduledCallCreationMessage", Told::message},
    {62, "groupMentionedMessage", Told::inside},
    {63, "pinInChatMessage", Told::otherwise},
    {64, "pollCreationMessageV3", Told::message},
    {65, "scheduledCallEditMessage", Told::nothing},
    {66, "ptvMessage", Told::message},
    {67, "botInvokeMessage", Told::inside},
    {69, "callLogMessage", Told::nothing},  // calls have events of their own
    {70, "messageHistoryBundle", Told::nothing},
    {71, "encCommentMessage", Told::otherwise},
    {72, "bcallMessage", Told::raw},
    {74, "lottieStickerMessage", Told::inside},
    {75, "eventMessage", Told::message},
    {76, "encEventResponseMessage", Told::otherwise},
    {77, "commentMessage", Told::otherwise},
    {78, "newsletterAdminInviteMessage", Told::message},
    {80, "placeholderMessage", Told::raw},
    {82, "secretEncryptedMessage", Told::otherwise},
    {83, "albumMessage", Told::nothing},  // its pictures come by themselves
    {85, "eventCoverImage", Told::inside},
    {86, "stickerPackMessage", Told::message},
    {87, "statusMentionMessage", Told::inside},
    {88, "pollResultSnapshotMessage", Told::message},
    {90, "pollCreationOptionImageMessage", Told::inside},
    {91, "associatedChildMessage", Told::inside},
    {92, "groupStatusMentionMessage", Told::inside},
    {93, "pollCreationMessageV4", Told::inside},
    {95, "statusAddYours", Told::inside},
    {96, "groupStatusMessage", Told::inside},
    {97, "richResponseMessage", Told::message},
    {98, "statusNotificationMessage", Told::nothing},
    {99, "limitSharingMessage", Told::inside},
    {100, "botTaskMessage", Told::inside},
    {101, "questionMessage", Told::inside},
    {102, "messageHistoryNotice", Told::nothing},
    {103, "groupStatusMessageV2", Told::inside},
    {104, "botForwardedMessage", Told::inside},
    {105, "statusQuestionAnswerMessage", Told::message},
    {106, "questionReplyMessage", Told::inside},
    {107, "questionResponseMessage", Told::message},
    {109, "statusQuotedMessage", Told::message},
    {110, "statusStickerInteractionMessage", Told::nothing},
    {111, "pollCreationMessageV5", Told::message},
    {113, "newsletterFollowerInviteMessageV2", Told::message},
    {115, "pollResultSnapshotMessageV3", Told::message},
    {116, "newsletterAdminProfileMessage", Told::inside},
    {118, "spoilerMessage", Told::inside},
    {119, "pollCreationMessageV6", Told::message},
    {120, "conditionalRevealMessage", Told::raw},
    {121, "pollAddOptionMessage", Told::otherwise},
    {122, "eventInviteMessage", Told::message},
    {123, "groupRootKeyShare", Told::nothing},  // a key
    {124, "paymentReminderMessage", Told::message},
    {125, "splitPaymentMessage", Told::message},
    {126, "newsletterAdminProfileStatusMessage", Told::inside},
    {127, "rootSecretDistributeMessage", Told::nothing},  // a key
    {128, "splitPaymentUpdateMessage", Told::nothing},
    {129, "musicMessage", Told::message},
    {130, "statusLinkPreviewMetadata", Told::nothing},  // of the message beside it
    {131, "botPlatformRegistrationSuccessMessage", Told::inside},
};
static_assert(std::ranges::is_sorted(kParts, {}, &Part::number));

}  // namespace

std::span<const Part> all_parts() {
  return kParts;
}

const Part* part_numbered(std::uint32_t number) {
  const auto found = std::ranges::lower_bound(kParts, number, {}, &Part::number);
  return found != std::end(kParts) && found->number == number ? found : nullptr;
}

std::string raw_part_of(ByteView message) {
  for (int depth = 0; depth < kWrappers; ++depth) {
    std::string raw;
    std::optional<ByteView> inside;
    RawFields fields(message);
    while (auto field = fields.next()) {
      const Part* part = part_numbered(field->number);
      const Told told = part != nullptr ? part->told : Told::raw;
      if (told == Told::message || told == Told::otherwise) return {};
      if (told == Told::inside && field->wire_type == 2)
        inside = find_field(field->payload, field->number == kDeviceSent ? 2 : 1).value_or(ByteView{});
      if (told == Told::raw && raw.empty())
        raw = part != nullptr ? part->name : "part " + std::to_string(field->number);
    }
    if (!inside) return raw;
    message = *inside;
  }
  return {};
}

}  // namespace pigeond::engine
