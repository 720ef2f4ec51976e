// Places, and places of people who move.
#include "engine/messages/kinds/kind.h"

namespace pigeond::engine {
namespace {

void show(const wa_Message& message, Shown& shown) {
  shown.body = message.locationMessage.name;
}

void show_live(const wa_Message& message, Shown& shown) {
  shown.body = message.liveLocationMessage.caption;
}

}  // namespace

const Kind kLocation{"location", has_part<&wa_Message::has_locationMessage>, show,
                     context_in<&wa_Message::locationMessage>};
const Kind kLiveLocation{"location", has_part<&wa_Message::has_liveLocationMessage>, show_live,
                         context_in<&wa_Message::liveLocationMessage>};

}  // namespace pigeond::engine
