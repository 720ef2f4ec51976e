#include "engine/messages/kinds/stanza_look.h"

namespace pigeond::engine {

void show_on_message(wire::Node& message, const StanzaLook& look) {
  message.set("type", std::string(look.type)).set("edit", std::string(look.edit));
}

void show_on_enc(wire::Node& enc, const StanzaLook& look) {
  enc.set("mediatype", std::string(look.media_type)).set("decrypt-fail", look.hidden ? "hide" : "");
}

std::optional<wire::Node> meta_of(const StanzaLook& look) {
  if (look.poll.empty() && look.event.empty()) return std::nullopt;
  wire::Node meta("meta");
  meta.set("polltype", std::string(look.poll)).set("event_type", std::string(look.event));
  return meta;
}

}  // namespace pigeond::engine
