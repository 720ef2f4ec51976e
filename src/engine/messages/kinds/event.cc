#include "engine/messages/kinds/event.h"

#include <cmath>

#include "engine/messages/kinds/kind.h"

namespace pigeond::engine {
namespace {

// Name, description, place: as a person reads it.
void show(const wa_Message& message, Shown& shown) {
  const auto& event = message.eventMessage;
  shown.body = event.name;
  if (!event.description.empty()) shown.body += "\n" + event.description;
  if (!event.has_location) return;
  const auto& place = event.location;
  if (!place.name.empty()) shown.body += "\n" + place.name;
  const bool somewhere = place.has_degreesLatitude && place.has_degreesLongitude;
  if (!somewhere || !std::isfinite(place.degreesLatitude) || !std::isfinite(place.degreesLongitude)) return;
  shown.location = Location{place.degreesLatitude, place.degreesLongitude};
  shown.location->name = place.name;
  shown.location->address = place.address;
}

void look(const wa_Message&, StanzaLook& look) {
  look.event = "creation";
}

}  // namespace

const Kind kEvent{.type = "event",
                  .is = has_part<&wa_Message::has_eventMessage>,
                  .show = show,
                  .context = context_in<&wa_Message::eventMessage>,
                  .stanza_type = "event",
                  .look = look};

Content event_content(const NewEvent& event) {
  wa_Message message{};
  message.has_eventMessage = true;
  auto& says = message.eventMessage;
  says.name = event.name;
  says.description = event.description;
  says.has_isCanceled = says.has_startTime = says.has_extraGuestsAllowed = true;
  says.startTime = event.start;
  says.extraGuestsAllowed = event.guests;
  says.has_endTime = event.end > 0;
  says.endTime = event.end;
  says.has_location = !event.place.empty();
  says.location.name = event.place;
  return Content{wire::proto::encode(message)};
}

}  // namespace pigeond::engine
