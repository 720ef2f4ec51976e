#include "gateway/streams/streams.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "base/log.h"
#include "gateway/events/kinds.h"

namespace pigeond::gateway {
namespace {

constexpr Millis kKeepAlive = 20 * kSecond;
constexpr Millis kLookAgain = 100;     // at outlets that take no more
constexpr Millis kPatience = kMinute;  // with one that takes nothing
constexpr std::size_t kPage = 64;      // rows read at once
constexpr int kSteps = 4;              // in one turn of the loop

}  // namespace

EventStreams::EventStreams(net::Loop& loop, EventFeed& feed, std::shared_ptr<const EventFormat> format,
                           OpenReader open_reader)
    : loop_(loop), feed_(feed), format_(std::move(format)), open_reader_(std::move(open_reader)) {}

EventStreams::~EventStreams() {
  feed_.set_open(0);
  for (const auto timer : {keep_alive_timer_, blocked_timer_, more_timer_}) loop_.cancel(timer);
}

EventStreams::Id EventStreams::add(StreamFilter filter, const std::optional<EventId>& last,
                                   std::unique_ptr<StreamOutlet> outlet) {
  Stream stream;
  stream.filter = std::move(filter);
  stream.last = last;
  stream.outlet = std::move(outlet);
  stream.life = feed_.state().life;
  streams_.emplace(next_, std::move(stream));
  feed_.set_open(static_cast<int>(streams_.size()));
  if (keep_alive_timer_ == 0) keep_alive_timer_ = loop_.after(kKeepAlive, [this] { keep_alive(); });
  return next_++;
}

void EventStreams::start(Id id, std::int64_t begin) {
  const auto found = streams_.find(id);
  if (found == streams_.end() || found->second.started || found->second.closing) return;
  Stream& stream = found->second;
  stream.started = true;
  stream.cursor = stream.told_floor = begin;
  if (stream.last) {
    if (!open()) return lose(StreamOutlet::Why::journal_lost);
    begin_after(stream);
  }
  pump();
}

// From the event that it got last. One that is not of this journal says nothing: all that is complete here
// follows.
void EventStreams::begin_after(Stream& stream) {
  const EventId last = *stream.last;
  const auto floor = reader_->floor();
  const auto place = reader_->find(last);
  if (!floor) return lose(StreamOutlet::Why::journal_lost);
  stream.told_floor = 0;
  if (!place || last.seq > feed_.state().last) {
    stream.cursor = stream.told_floor = *floor;
    stream.outlet->send_gap(event_id(last));
    return;
  }
  stream.cursor = last.seq;
  tell_gap(stream, *floor);
  if (!place->more_tellings) return;
  stream.half_seq = last.seq;
  stream.half_telling = last.telling;
  --stream.cursor;
}

void EventStreams::tell_gap(Stream& stream, std::int64_t floor) {
  const std::int64_t at = std::max(stream.cursor, stream.half_seq);
  if (at >= floor || stream.told_floor >= floor) return;
  stream.told_floor = floor;
  stream.outlet->send_gap(stream.last ? event_id(*stream.last) : std::string());
}

void EventStreams::close(Id id, StreamOutlet::Why why) {
  const auto found = streams_.find(id);
  if (found == streams_.end() || std::exchange(found->second.closing, true)) return;
  found->second.outlet->close(why);
}

void EventStreams::close_all(StreamOutlet::Why why) {
  std::vector<Id> all;
  for (const auto& [id, stream] : streams_) all.push_back(id);
  for (const Id id : all) close(id, why);
}

void EventStreams::remove(Id id) {
  streams_.erase(id);
  feed_.set_open(static_cast<int>(streams_.size()));
  if (!streams_.empty()) return;
  reader_.reset();
  for (auto* timer : {&keep_alive_timer_, &blocked_timer_, &more_timer_})
    loop_.cancel(std::exchange(*timer, 0));
}

// --- the way of an event ---

bool EventStreams::open() {
  const auto state = feed_.state();
  if (!state.usable || state.life != life_) reader_.reset();
  if (!state.usable) return false;
  if (reader_) return true;
  life_ = state.life;
  reader_ = open_reader_();
  return reader_ != nullptr;
}

// Streams come back, and are told then what can't be told any more.
void EventStreams::lose(StreamOutlet::Why why) {
  reader_.reset();
  close_all(why);
}

bool EventStreams::ready(Stream& stream, std::int64_t until) {
  if (!stream.started || stream.closing || stream.cursor >= until) return false;
  if (stream.outlet->buffered() < limits::kEventStreamAhead) {
    stream.blocked_since = 0;
    return true;
  }
  if (stream.blocked_since == 0) stream.blocked_since = loop_.now().mono;
  return false;
}

void EventStreams::pump() {
  if (streams_.empty()) return;
  const auto state = feed_.state();
  if (!state.usable) return lose(StreamOutlet::Why::journal_lost);
  std::vector<Id> stale;
  for (const auto& [id, stream] : streams_)
    if (stream.life != state.life) stale.push_back(id);
  for (const Id id : stale) close(id, StreamOutlet::Why::journal_lost);
  for (int steps = 0; steps < kSteps; ++steps)
    if (!step(state.last)) return plan();
  if (more_timer_ == 0)
    more_timer_ = loop_.after(0, [this] {
      more_timer_ = 0;
      pump();
    });
  plan();
}

// A page for those that stand furthest behind, and for whom they meet on the way. False: nobody is behind who
// could be told.
bool EventStreams::step(std::int64_t until) {
  std::vector<Stream*> behind;
  std::int64_t from = until;
  for (auto& [id, stream] : streams_) {
    if (!ready(stream, until)) continue;
    behind.push_back(&stream);
    from = std::min(from, stream.cursor);
  }
  if (behind.empty()) return false;
  if (!open()) return lose(StreamOutlet::Why::journal_lost), false;
  const auto floor = reader_->floor();
  const auto page = reader_->after(from, until, kPage);
  if (!floor || !page) {
    log::error("the journal can't be read", {{"detail", (floor ? page.error() : floor.error()).detail}});
    return lose(StreamOutlet::Why::journal_lost), false;
  }
  for (Stream* stream : behind) tell_gap(*stream, *floor);
  std::vector<std::optional<EventText>> texts;
  for (const auto& event : page->events) {
    texts.assign(topics_of(event.kind).size(), std::nullopt);
    for (Stream* stream : behind)
      if (stream->cursor < event.seq && ready(*stream, until)) tell(*stream, event, texts);
  }
  for (Stream* stream : behind)
    if (stream->cursor < page->seen && ready(*stream, until)) stream->cursor = page->seen;
  return true;
}

void EventStreams::tell(Stream& stream, const JournalEvent& event,
                        std::vector<std::optional<EventText>>& texts) {
  stream.cursor = event.seq;
  if (!stream.filter.session.empty() && stream.filter.session != event.session.name) return;
  const auto topics = topics_of(event.kind);
  for (std::size_t i = 0; i < topics.size(); ++i) {
    const int telling = static_cast<int>(i);
    if (!stream.filter.topics.has(topics[i])) continue;
    if (event.seq == stream.half_seq && telling <= stream.half_telling) continue;
    if (!texts[i]) texts[i] = event_text(event, telling, format_.get());
    stream.last = EventId{event.at, event.seq, event.mark, telling};
    stream.outlet->send(*texts[i]);
  }
}

// --- time ---

void EventStreams::plan() {
  const bool blocked = std::any_of(streams_.begin(), streams_.end(),
                                   [](const auto& entry) { return entry.second.blocked_since != 0; });
  if (!blocked || blocked_timer_ != 0) return;
  blocked_timer_ = loop_.after(kLookAgain, [this] {
    blocked_timer_ = 0;
    std::vector<Id> late;
    for (const auto& [id, stream] : streams_)
      if (stream.blocked_since != 0 && loop_.now().mono - stream.blocked_since >= kPatience)
        late.push_back(id);
    for (const Id id : late) close(id, StreamOutlet::Why::does_not_read);
    pump();
  });
}

void EventStreams::keep_alive() {
  keep_alive_timer_ = loop_.after(kKeepAlive, [this] { keep_alive(); });
  std::vector<Id> silent;
  for (auto& [id, stream] : streams_)
    if (!stream.closing && !stream.outlet->keep_alive()) silent.push_back(id);
  for (const Id id : silent) close(id, StreamOutlet::Why::silent);
}

}  // namespace pigeond::gateway
