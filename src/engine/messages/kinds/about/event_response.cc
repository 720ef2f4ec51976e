// Answers to events: whether somebody comes.
#include "engine/messages/kinds/content.h"
#include "engine/messages/kinds/kind.h"

namespace pigeond::engine {
namespace {

const wa_MessageKey* target(const wa_Message& message) {
  const auto& answer = message.encEventResponseMessage;
  return answer.has_eventCreationMessageKey ? &answer.eventCreationMessageKey : nullptr;
}

void look(const wa_Message&, StanzaLook& look) {
  look.hidden = true;
  look.event = "response";
}

}  // namespace

const Kind kEventResponse{.type = "event_response",
                          .is = has_part<&wa_Message::has_encEventResponseMessage>,
                          .show = show_nothing,
                          .context = no_context,
                          .stanza_type = "event",
                          .target = target,
                          .look = look};

}  // namespace pigeond::engine
