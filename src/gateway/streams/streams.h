// Streams of events: programs that keep a connection and are told over it, and come back with the id of the
// last event that they got.
//
// A stream is a cursor in the journal, a filter and an outlet. Events are read once for all that stand at the
// same place, and put in words once. An outlet that takes no more makes its own stream wait, which goes on
// where it stood; who takes nothing for a minute is closed. What the journal has given up meanwhile is told.
//
// Everything runs on the loop of the outlets, which holds no thread for any of them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "gateway/events/event.h"
#include "gateway/events/feed.h"
#include "gateway/events/texts.h"
#include "gateway/streams/reader.h"
#include "net/loop.h"

namespace pigeond::gateway {

// Whom a stream tells. It is not called any more after close(); its end of the connection calls
// EventStreams::remove().
class StreamOutlet {
 public:
  virtual ~StreamOutlet() = default;
  virtual void send(const EventText& event) = 0;
  // Events before the next one are missing. `last_id`: what was asked for, or the last that was sent; "":
  // none.
  virtual void send_gap(const std::string& last_id) = 0;
  virtual std::size_t buffered() const = 0;  // bytes that are not on their way yet
  virtual bool keep_alive() = 0;             // false: the other side has not answered to the last one
  enum class Why { stopping, does_not_read, silent, journal_lost };
  virtual void close(Why why) = 0;  // remove() follows, never from inside of it
};

struct StreamFilter {
  std::string session;  // empty: all
  Topics topics;
};

class EventStreams {
 public:
  using Id = std::uint64_t;
  // nullptr: there is no database to be read. Called anew where what it gave could not be read, or `life` of
  // the feed has grown.
  using OpenReader = std::function<std::unique_ptr<EventReader>()>;

  EventStreams(net::Loop& loop, EventFeed& feed, std::shared_ptr<const EventFormat> format,
               OpenReader open_reader);
  ~EventStreams();

  // Told nothing until start(). `last`: the event that it got last.
  Id add(StreamFilter filter, const std::optional<EventId>& last, std::unique_ptr<StreamOutlet> outlet);
  // The journal keeps for it what happens after event number `begin`, where streams without a last event
  // begin.
  void start(Id id, std::int64_t begin);
  void close(Id id, StreamOutlet::Why why);
  void remove(Id id);
  void pump();  // the feed rang
  void close_all(StreamOutlet::Why why);
  std::size_t size() const { return streams_.size(); }
  Id next() const { return next_; }  // what add() will return

 private:
  struct Stream {
    StreamFilter filter;
    std::unique_ptr<StreamOutlet> outlet;
    std::optional<EventId> last;  // until it starts
    std::int64_t cursor = 0;      // events up to this number are behind it
    std::int64_t half_seq =
        0;  // the event after the cursor, of which tellings up to half_telling are behind it
    int half_telling = 0;
    std::int64_t told_floor = 0;
    std::uint64_t life = 0;    // of the feed, which all of this is of
    Millis blocked_since = 0;  // mono; 0: it is not
    bool started = false, closing = false;
  };

  bool ready(Stream& stream, std::int64_t until);
  bool step(std::int64_t until);
  void tell(Stream& stream, const JournalEvent& event, std::vector<std::optional<EventText>>& texts);
  void begin_after(Stream& stream);
  void tell_gap(Stream& stream, std::int64_t floor);
  bool open();
  void lose(StreamOutlet::Why why);
  void keep_alive();
  void plan();

  net::Loop& loop_;
  EventFeed& feed_;
  const std::shared_ptr<const EventFormat> format_;
  const OpenReader open_reader_;
  std::unique_ptr<EventReader> reader_;
  std::uint64_t life_ = 0;
  std::map<Id, Stream> streams_;
  Id next_ = 1;
  net::Loop::TimerId keep_alive_timer_ = 0, blocked_timer_ = 0, more_timer_ = 0;
};

}  // namespace pigeond::gateway
