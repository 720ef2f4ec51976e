#include "gateway/streams/reader.h"

#include "gateway/events/kinds.h"
#include "gateway/events/payload.h"
#include "store/events.h"

namespace pigeond::gateway {

Result<EventReader::Page> EventReader::after(std::int64_t after, std::int64_t until, std::size_t limit) {
  const auto rows = store::events_after(database_, after, until, limit);
  if (database_.failed()) return database_.failure();
  Page page;
  page.seen = rows.size() < limit ? until : rows.back().seq;
  page.more = page.seen < until;
  for (const auto& row : rows) {
    auto event = decode_event(row);
    if (event && event->kind != EventKind::as_told) page.events.push_back(std::move(*event));
  }
  return page;
}

Result<std::int64_t> EventReader::floor() {
  const auto floor = store::journal_state(database_).floor;
  if (database_.failed()) return database_.failure();
  return floor;
}

std::optional<EventReader::Place> EventReader::find(const EventId& id) {
  const auto row = store::find_event(database_, id.seq);
  if (!row) return Place{};  // pruned, or erased with its session: nothing speaks against it
  const auto event = decode_event(*row);
  if (!event || event->at != id.at || event->mark != id.mark) return std::nullopt;
  return Place{static_cast<std::size_t>(id.telling) + 1 < topics_of(event->kind).size()};
}

}  // namespace pigeond::gateway
