// The journal as streams read it: over a connection of their own that sees what is committed, or over that of
// the thread that writes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "gateway/events/event.h"
#include "gateway/events/id.h"
#include "store/database/database.h"

namespace pigeond::gateway {

class EventReader {
 public:
  explicit EventReader(store::Database& database) : database_(database) {}
  // Its own connection, which goes with it.
  explicit EventReader(std::unique_ptr<store::Database> own) : own_(std::move(own)), database_(*own_) {}

  // In their order, with numbers above `after` and up to `until`; `limit` rows are looked at. What an older
  // version has told, and what makes no sense, is left out. `seen`: the number of the last row. storage: it
  // can't be read.
  struct Page {
    std::vector<JournalEvent> events;
    std::int64_t seen = 0;
    bool more = false;  // rows above `seen`, perhaps
  };
  Result<Page> after(std::int64_t after, std::int64_t until, std::size_t limit);
  Result<std::int64_t> floor();  // up to this number some may be missing

  // Where somebody goes on who has got the event with that id last: whether another telling of that event
  // follows; nullopt: another event has its number.
  struct Place {
    bool more_tellings = false;
  };
  std::optional<Place> find(const EventId& id);

 private:
  const std::unique_ptr<store::Database> own_;
  store::Database& database_;
};

}  // namespace pigeond::gateway
