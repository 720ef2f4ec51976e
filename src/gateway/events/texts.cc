#include "gateway/events/texts.h"

#include "base/log.h"
#include "gateway/events/id.h"
#include "gateway/events/kinds.h"
#include "gateway/events/payload.h"
#include "store/events.h"

namespace pigeond::gateway {

std::optional<Event> event_under(const JournalEvent& event, int telling) {
  const auto topics = topics_of(event.kind);
  if (telling < 0 || static_cast<std::size_t>(telling) >= topics.size()) return std::nullopt;
  Event out;
  out.id = event_id({event.at, event.seq, event.mark, telling});
  out.timestamp = event.at;
  out.topic = topics[static_cast<std::size_t>(telling)];
  out.payload = event.payload;
  return out;
}

std::optional<EventText> event_text(const JournalEvent& event, int telling, const EventFormat* format) {
  if (const auto& told = event.as_told)
    return EventText{std::nullopt, told->name, told->id, event.at, told->text};
  const auto under = event_under(event, telling);
  if (!under) return std::nullopt;
  return EventText{under->topic,
                   {},
                   under->id,
                   event.at,
                   format != nullptr ? format->format(event.session, *under) : std::string()};
}

std::optional<EventText> EventTexts::read(std::int64_t seq, int telling, const EventFormat* format) const {
  const auto row = store::find_event(database_, seq);
  if (!row) return std::nullopt;
  const auto event = decode_event(*row);
  if (!event) {
    log::error("an event can't be read", {{"seq", std::to_string(seq)}, {"detail", event.error().detail}});
    return std::nullopt;
  }
  return event_text(*event, telling, format);
}

}  // namespace pigeond::gateway
