#include "gateway/events/journal.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "gateway/events/payload.h"
#include "store/events.h"

namespace pigeond::gateway {
namespace {

constexpr Millis kNoted = kHour;  // between notes that a stream is open

}  // namespace

void Journal::resume() {
  const auto state = store::journal_state(database_);
  now_ = part_ = committed_ = State{state.last, state.streamed_ms};
}

bool Journal::has_streams(Millis wall) const {
  return feed_.open() > 0 || (now_.streamed > 0 && wall - now_.streamed < keep_);
}

void Journal::stream_begins(Millis wall) {
  if (now_.streamed > 0 && std::llabs(wall - now_.streamed) < kNoted) return;
  // Whoever was told something before may have missed what was not written: his id is below this number.
  if (now_.streamed == 0) store::raise_journal_floor(database_, ++now_.last);
  now_.streamed = std::max<Millis>(wall, 1);
  store::set_streamed(database_, now_.streamed);
}

void Journal::skip() {
  if (std::exchange(now_.streamed, 0) != 0) store::set_streamed(database_, 0);
}

void Journal::write(std::int64_t session, JournalEvent& event, std::int64_t holders) {
  if (feed_.open() > 0) stream_begins(event.at);  // or goes on
  event.seq = ++now_.last;
  event.mark = static_cast<std::uint32_t>(random_.below(1u << 24));
  event.session.version = version_;
  store::add_event(database_,
                   {event.seq, session, static_cast<int>(event.kind), event.at,
                    encode_payload(event.mark, event.session, event.payload)},
                   holders);
}

void Journal::part_ended(bool stands) {
  if (!stands) now_ = part_;
  part_ = now_;
}

}  // namespace pigeond::gateway
