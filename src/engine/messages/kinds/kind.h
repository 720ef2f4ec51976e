// A kind of message, in one place: how it is told from others, what a person sees of it, where its context
// lies, how a stanza names it. A kind that is sent has a header too, with what builds its content. To add
// one, write its file and name it in kinds.cc; outbox, retries, quotes, pacing and the store know contents.
#pragma once

#include <memory>
#include <string_view>

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

extern const Kind kText;
extern const Kind kImage, kVideo, kVideoNote, kAudio, kDocument, kSticker;
extern const Kind kLocation, kLiveLocation;
extern const Kind kContact, kContacts;
extern const Kind kPoll;
extern const Kind kReaction;
extern const Kind kListResponse, kButtonsResponse, kTemplateButtonReply, kGroupInvite;

}  // namespace pigeond::engine
