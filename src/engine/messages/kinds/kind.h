// A kind of message, in one place: how it is told from others, what a person sees of it, where its context
// lies, how a stanza names it. A kind that is sent has a header too, with what builds its content. To add
// one, write its file and name it in kinds.cc; outbox, retries, quotes, pacing and the store know contents.
#pragma once

#include <memory>
#include <string_view>

#include "engine/messages/kinds/content.h"
#include "engine/messages/kinds/shown.h"
#include "wire/proto.h"

namespace pigeond::engine {

// Quote and mentions.
using ContextPlace = std::unique_ptr<wa_ContextInfo>;

struct Kind {
  std::string_view type;  // as rows and events name it; kinds that people don't tell apart share one
  bool (*is)(const wa_Message& message);
  // Of a message that it is: body, file, and what else events have of this kind.
  void (*show)(const wa_Message& message, Shown& shown);
  // nullptr: this message has no place for it.
  ContextPlace* (*context)(wa_Message& message);
  // Gives a message such a place, where the kind has a short form without.
  void (*widen)(wa_Message& message) = nullptr;
  // The attributes `type` of <message> and `mediatype` of <enc>; of kinds that are sent.
  std::string_view stanza_type = "text", media_type = {};
  // Of a part that is kept as it came: its bytes, where people read what (reading/prose.h), and the number of
  // its contextInfo, 0: it has none. `context` and `show` know nothing of it then.
  Bytes* (*kept)(wa_Message& message) = nullptr;
  std::string_view texts = {};
  std::uint32_t context_number = 0;
  Business business = Business::no;
  bool silent = false;  // it stands in no chat as a message: a setting
  // Of what is said about another message, and stands in no chat by itself (kinds/about/): which one.
  const wa_MessageKey* (*target)(const wa_Message& message) = nullptr;
  // What else its stanza has, where that is more than a type.
  void (*look)(const wa_Message& message, StanzaLook& look) = nullptr;
};

// What `message`, with its wrappers taken off, is; nullptr: nothing that is known.
const Kind* kind_of(const wa_Message& message);

// For the files of kinds: of parts of Message that are either there or not.
template <auto Has>
bool has_part(const wa_Message& message) {
  return message.*Has;
}
template <auto Part>
ContextPlace* context_in(wa_Message& message) {
  return &(message.*Part).contextInfo;
}
inline ContextPlace* no_context(wa_Message&) {
  return nullptr;
}
inline void show_nothing(const wa_Message&, Shown&) {}

extern const Kind kText, kLinkText;
extern const Kind kImage, kVideo, kVideoNote, kAudio, kDocument, kSticker;
extern const Kind kLocation, kLiveLocation;
extern const Kind kContact, kContacts;
extern const Kind kPoll;
extern const Kind kEvent;
extern const Kind kComment;
extern const Kind kReaction, kSealedReaction;
extern const Kind kEdit, kSealedEdit;
extern const Kind kRevoke;
extern const Kind kVote;
extern const Kind kEventResponse;
extern const Kind kPin, kKeep;
extern const Kind kSealedComment;
extern const Kind kListResponse, kButtonsResponse, kTemplateButtonReply, kGroupInvite;
extern const Kind kTimerSetting;
// kept.cc
extern const Kind kTemplate, kHighlyStructured, kButtons, kList, kInteractive, kInteractiveResponse;
extern const Kind kProduct, kOrder, kInvoice;
extern const Kind kSentPayment, kRequestedPayment, kPaymentInvite, kPaymentReminder, kSplitPayment;
extern const Kind kEventInvite, kScheduledCall, kChannelAdminInvite, kChannelInvite;
extern const Kind kStickerPack, kPollResults, kPollResults3, kRichResponse, kMusic;
extern const Kind kStatusAnswer, kQuestionResponse, kStatusQuoted;

}  // namespace pigeond::engine
