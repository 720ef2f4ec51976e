// Which kinds there are.
#include "engine/messages/kinds/kind.h"

namespace pigeond::engine {
namespace {

// In the order in which they are looked for.
constexpr const Kind* kAll[] = {
    &kText,         &kImage,        &kVideo,           &kVideoNote,
    &kAudio,        &kDocument,     &kSticker,         &kLocation,
    &kLiveLocation, &kContact,      &kContacts,        &kPoll,
    &kReaction,     &kListResponse, &kButtonsResponse, &kTemplateButtonReply,
    &kGroupInvite,
};

}  // namespace

const Kind* kind_of(const wa_Message& message) {
  for (const Kind* kind : kAll)
    if (kind->is(message)) return kind;
  return nullptr;
}

}  // namespace pigeond::engine
