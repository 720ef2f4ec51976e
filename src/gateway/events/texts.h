// What a dialect makes of the journal's events.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "gateway/events/event.h"
#include "store/database/database.h"

namespace pigeond::gateway {

// As it goes out under one of its topics.
struct EventText {
  std::optional<Topic> topic;
  std::string told_as;  // instead, where an older version has told it: how its dialect called that
  std::string id;
  Millis at = 0;     // wall, of the event
  std::string text;  // JSON
};

// The event under the topic with that index; nullopt: its kind has no such topic.
std::optional<Event> event_under(const JournalEvent& event, int telling);
// `format` nullptr: without its text, unless an older version has told it.
std::optional<EventText> event_text(const JournalEvent& event, int telling, const EventFormat* format);

// Of rows that a delivery refers to. Belongs to the thread of its database.
class EventTexts {
 public:
  EventTexts(store::Database& database, std::shared_ptr<const EventFormat> format)
      : database_(database), format_(std::move(format)) {}

  // nullopt: there is no such event, or its row makes no sense.
  std::optional<EventText> whole(std::int64_t seq, int telling) const {
    return read(seq, telling, format_.get());
  }
  const EventFormat* format() const { return format_.get(); }  // nullptr: none
  std::optional<EventText> head(std::int64_t seq, int telling) const { return read(seq, telling, nullptr); }

 private:
  std::optional<EventText> read(std::int64_t seq, int telling, const EventFormat* format) const;

  store::Database& database_;
  const std::shared_ptr<const EventFormat> format_;
};

}  // namespace pigeond::gateway
