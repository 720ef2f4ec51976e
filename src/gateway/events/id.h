// The ids under which programs are told of events: "evt_" and a ULID (github.com/ulid/spec) in lower case:
//
//   01jd2x9k7m 0000000a 3f9k2c1
//   |          |        |
//   time, ms   number   mark and telling     48, 48 and 24 + 8 bits, in Crockford's base 32
//
// The number is that of the journal, so that an id says where a stream that has got it goes on; the mark
// tells apart what has the same number in another database, or before a backup took its place. Ids sort in
// the order of what they name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace pigeond::gateway {

struct EventId {
  Millis at = 0;           // wall
  std::int64_t seq = 0;    // in the journal
  std::uint32_t mark = 0;  // 24 bits of chance
  int telling = 0;         // which of the topics of the event's kind, 0 to 255
  bool operator==(const EventId&) const = default;
};

std::string event_id(const EventId& id);
std::optional<EventId> parse_event_id(std::string_view text);  // upper case counts too

}  // namespace pigeond::gateway
