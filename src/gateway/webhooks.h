// Webhooks leave from rows: an event is stored with the state that explains it, and sent after the commit. At
// least once, and in order for each session and URL; each has a queue of its own, and waits for no other.
//
// What a receiver has taken, or has refused until its retries were used up (a dead letter), is noted by a
// small row. These notes wait for a tick that writes anyway, a second at most: a process that is killed
// meanwhile delivers again what it had delivered in that second. Tries are counted in memory only.
//
// Everything runs on the loop thread. Rows are added inside the tick's unit of work; requests start in
// committed() and report back through the loop, in later ticks.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "gateway/events.h"
#include "gateway/types.h"
#include "gateway/webhook_log.h"
#include "net/http_client.h"
#include "net/loop.h"
#include "store/database.h"
#include "store/webhooks.h"

namespace pigeond::gateway {

class Webhooks {
 public:
  struct Options {
    std::string ca_file;     // for https targets; empty: the system's
    std::string user_agent;  // e.g. "pigeond/0.1.0"
  };
  // The config of the session with that row id; nullptr when there is none any more.
  using ConfigOf = std::function<const SessionConfig*(std::int64_t session)>;

  Webhooks(net::Loop& loop, net::HttpSender& http, store::Database& database, Random& random, Options options,
           ConfigOf config_of);

  void resume();  // takes up what an earlier process left behind; once, before the first tick
  // One row for each webhook of the session that subscribes to the event. `body` is asked for at most once.
  void add(std::int64_t session, const SessionConfig& config, const Event& event,
           const std::function<std::string()>& body);
  void collect();        // the tick is about to commit: notes what has ended, if that costs little
  void save_outcomes();  // notes it in any case
  void committed();      // the tick's rows are safe: send what is first in its queue
  void rolled_back();    // nothing of this tick happened
  void forget(std::int64_t session);

  // --- the log, inside a unit of work ---
  std::vector<DeliveryInfo> deliveries(std::int64_t session, const DeliveryFilter& filter);
  Result<DeliveryInfo> delivery(std::int64_t session, std::int64_t id);  // not_found
  // Puts an ended delivery at the end of its queue once more, and tells its new id. A dead letter moves; what
  // was delivered is copied. not_found; already_exists (pending); bad_input (no such webhook any more);
  // rate_limited (queue full).
  Result<std::int64_t> replay(std::int64_t session, std::int64_t id);
  // In the order of ids, at most limits::kWebhookReplay of them. bad_input; rate_limited.
  Result<Replayed> replay(std::int64_t session, const ReplayRange& range);
  // Removes ended rows beyond the limits, or that ended before `ended_before` (wall ms); at most `limit`. How
  // many.
  std::int64_t prune(Millis ended_before, std::size_t limit);
  std::int64_t ended() const { return ended_; }  // outcomes noted since the start, to know when to prune

 private:
  struct Queue {
    std::int64_t row = 0;
    std::int64_t session = 0;
    std::string url;
    std::int64_t last = 0;     // id of the newest row
    std::int64_t pending = 0;  // committed rows without an outcome
    std::int64_t head = 0;     // id of the row that was taken up last
    bool busy = false;         // `head` is under way, or waits for its next try
    int failures = 0;          // of `head`
    std::string why;           // the last of them
    Millis next_try = 0;       // wall
    net::HttpSender::Id request = 0;
    net::Loop::TimerId retry = 0;
    bool overflowed = false;         // said so already
    std::int64_t overflow_head = 0;  // id of the last row that had to go
    // What this tick changed, until it is committed:
    bool created = false;  // its row
    bool touched = false;
    std::int64_t added = 0;
    std::int64_t ended = 0;  // without being sent
  };

  Queue& open(std::int64_t session, const std::string& url);
  Queue& insert(std::int64_t row, std::int64_t session, const std::string& url);
  void erase(std::int64_t row);
  void touch(Queue& queue);
  bool full(const Queue& queue) const;
  const WebhookConfig* config_of(const Queue& queue) const;
  Queue* find(std::int64_t row);

  void make_room(Queue& queue);
  void send_next(Queue& queue);
  void send(Queue& queue, const store::WebhookDelivery& delivery);
  void drop_later(Queue& queue);
  void answered(Queue& queue, const Result<net::HttpResponse>& answer);
  void end(Queue& queue, bool dead);
  void try_again(Queue& queue, const RetryPolicy& policy, Millis at_least);
  void save_within(Millis time);

  DeliveryInfo info(const Queue& queue, const store::WebhookLogEntry& entry) const;
  std::vector<Queue*> queues_of(std::int64_t session, const std::string& url);
  std::int64_t replay(Queue& queue, std::int64_t id, bool copy);

  net::Loop& loop_;
  net::HttpSender& http_;
  store::Database& database_;
  Random& random_;
  Options options_;
  ConfigOf config_of_;
  std::map<std::int64_t, Queue> queues_;                                 // by their rows
  std::map<std::pair<std::int64_t, std::string>, std::int64_t> by_url_;  // session, URL
  std::vector<std::int64_t> touched_;  // queues to be looked at after the commit

  std::vector<store::WebhookOutcome> unsaved_;
  std::size_t saving_ = 0;  // so many of them are in this tick
  net::Loop::TimerId save_timer_ = 0;
  bool save_due_ = false;
  std::int64_t ended_ = 0;
  std::int64_t prune_next_ = 0;  // the queue to begin with
};

}  // namespace pigeond::gateway
