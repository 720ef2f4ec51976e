// Places, and places of people who move.
#include "engine/messages/kinds/location.h"

#include <cmath>

#include "engine/messages/kinds/kind.h"

namespace pigeond::engine {
namespace {

// A stranger may send what is no place, and JSON has no name for such a number.
std::optional<Location> place_at(double latitude, double longitude) {
  if (!std::isfinite(latitude) || !std::isfinite(longitude)) return std::nullopt;
  Location place;
  place.latitude = latitude;
  place.longitude = longitude;
  return place;
}

void show(const wa_Message& message, Shown& shown) {
  const auto& sent = message.locationMessage;
  shown.body = sent.name;
  shown.location = place_at(sent.degreesLatitude, sent.degreesLongitude);
  if (!shown.location) return;
  shown.location->live = sent.isLive;
  shown.location->name = sent.name;
  shown.location->address = sent.address;
  shown.location->url = sent.url;
  shown.location->comment = sent.comment;
}

void show_live(const wa_Message& message, Shown& shown) {
  const auto& sent = message.liveLocationMessage;
  shown.body = sent.caption;
  shown.location = place_at(sent.degreesLatitude, sent.degreesLongitude);
  if (!shown.location) return;
  shown.location->live = true;
  shown.location->comment = sent.caption;
}

}  // namespace

// whatsapp-rust and zapo name both in the stanza; Baileys the live one alone.
const Kind kLocation{.type = "location",
                     .is = has_part<&wa_Message::has_locationMessage>,
                     .show = show,
                     .context = context_in<&wa_Message::locationMessage>,
                     .stanza_type = "media",
                     .media_type = "location"};
const Kind kLiveLocation{.type = "location",
                         .is = has_part<&wa_Message::has_liveLocationMessage>,
                         .show = show_live,
                         .context = context_in<&wa_Message::liveLocationMessage>,
                         .stanza_type = "media",
                         .media_type = "livelocation"};

Content location_content(double latitude, double longitude, std::string_view name) {
  wa_Message message{};
  message.has_locationMessage = true;
  auto& place = message.locationMessage;
  place.has_degreesLatitude = place.has_degreesLongitude = true;
  place.degreesLatitude = latitude;
  place.degreesLongitude = longitude;
  place.name = name;
  return Content{wire::proto::encode(message)};
}

}  // namespace pigeond::engine
