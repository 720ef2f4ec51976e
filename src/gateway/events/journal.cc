#include "gateway/events/journal.h"

#include "gateway/events/payload.h"
#include "store/events.h"

namespace pigeond::gateway {

void Journal::resume() {
  last_ = part_ = committed_ = store::journal_state(database_).last;
}

void Journal::write(std::int64_t session, JournalEvent& event, std::int64_t holders) {
  event.seq = ++last_;
  event.mark = static_cast<std::uint32_t>(random_.below(1u << 24));
  event.session.version = version_;
  store::add_event(database_,
                   {event.seq, session, static_cast<int>(event.kind), event.at,
                    encode_payload(event.mark, event.session, event.payload)},
                   holders);
}

void Journal::part_ended(bool stands) {
  if (!stands) last_ = part_;
  part_ = last_;
}

}  // namespace pigeond::gateway
