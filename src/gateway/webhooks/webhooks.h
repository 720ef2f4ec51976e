// Webhooks leave from rows: an event is in the journal with the state that explains it, and a row for each
// webhook says that it is to be sent there, after the commit. A dialect's words are made when it leaves. At
// least once, and in order: for each chat and for the session itself, or in one line where the webhook is
// configured as strict (gateway/webhooks/lines.h). Lines of one URL go side by side over a few connections. A
// URL waits for others only where limits::kWebhookCalls are under way, or kWebhookCallsOfHost to its host.
//
// What a receiver has taken, or has refused until its retries were used up (a dead letter), is noted by a
// small row. These notes wait for a tick that writes anyway, a second at most: a process that is killed
// meanwhile delivers again what it had delivered in that second. Tries are counted in memory only.
//
// A receiver that takes nothing is spared: once as many events in a row have failed as it has connections,
// only these are tried again, and one more each half a minute, until it takes something.
//
// Everything runs on the loop thread. Rows are added inside the part of the tick that the event belongs to;
// requests start when they are committed, and report back through the loop.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "gateway/events/texts.h"
#include "gateway/types.h"
#include "gateway/webhooks/board.h"
#include "gateway/webhooks/lines.h"
#include "gateway/webhooks/log.h"
#include "gateway/webhooks/queue.h"
#include "gateway/webhooks/request.h"
#include "net/http/client/client.h"
#include "net/loop.h"
#include "store/database/database.h"
#include "store/webhooks/webhooks.h"

namespace pigeond::gateway {

class Webhooks {
 public:
  using Options = WebhookRequestOptions;
  // The config of the session with that row id; nullptr when there is none any more.
  using ConfigOf = std::function<const SessionConfig*(std::int64_t session)>;

  Webhooks(net::Loop& loop, net::HttpSender& http, store::Database& database, const EventTexts& texts,
           Random& random, Options options, ConfigOf config_of);
  ~Webhooks();

  void resume();                      // takes up what an earlier process left behind; once
  void resume(std::int64_t session);  // the same of one session, before anything else of it
  // How many rows add() will add: a row for each webhook of the session and each of the event's topics that
  // it has chosen.
  static std::int64_t deliveries_of(const SessionConfig& config, std::span<const Topic> topics);
  void add(std::int64_t session, const SessionConfig& config, std::span<const Topic> topics,
           std::int64_t event, const WebhookLine& line);
  // What add() has done since the last part stands, or is undone. Rows that no queue has room for push out
  // the oldest.
  void part_ended(bool stands);
  void collect();        // the tick is about to commit: notes what has ended, if that costs little
  void save_outcomes();  // notes it in any case
  void committed();      // the tick's rows are safe: sends what may leave
  void rolled_back();    // nothing of this tick happened
  void forget(std::int64_t session);
  void start_over();  // the database is another one: nothing that is known of it holds

  // What waits and how its tries go, for shown.h on other threads.
  const WebhookBoard& board() const { return board_; }

  // --- the log, inside a unit of work ---
  Result<DeliveryInfo> delivery(std::int64_t session, std::int64_t id);  // as it is now; not_found
  // Puts an ended delivery at the end of its queue once more, or of that of `to_url`, and tells its new id. A
  // dead letter moves; what was delivered is copied. not_found; already_exists (pending); bad_input (no such
  // webhook any more); rate_limited (queue full).
  Result<std::int64_t> replay(std::int64_t session, std::int64_t id, const std::string& to_url = "");
  // In the order of ids, at most limits::kWebhookReplay of them. bad_input; rate_limited.
  Result<Replayed> replay(std::int64_t session, const ReplayRange& range);
  // Removes ended rows beyond the limits, or that ended before `ended_before` (wall ms); at most `limit`. How
  // many. Queues of URLs that are not configured any more go when nothing is left in them.
  std::int64_t prune(Millis ended_before, std::size_t limit);
  std::int64_t ended() const { return ended_; }  // outcomes noted since the start, to know when to prune

 private:
  struct Receiver {  // one URL of one session
    Receiver(store::Database& database, std::int64_t row, std::int64_t session, const std::string& url);

    WebhookQueue queue;
    std::string host;
    std::size_t troubles = 0;  // calls that failed at their first try, since one was taken
    Millis probed = 0;         // mono; when the last new call left
    std::string why;           // the last failure; "": the last call was taken
    net::Loop::TimerId timer = 0;
    std::int64_t dropped = 0;            // because the queue was full, since that was last said
    std::optional<Millis> dropped_said;  // mono
    bool starved = false;                // waits for others' calls to end
    bool unshown = false;                // the board does not say yet how it is
    // What this tick changed, until it is committed:
    bool created = false, removed = false, touched = false;
  };

  Receiver* open(std::int64_t session, const std::string& url);
  void take_up(const std::vector<store::WebhookQueueRow>& rows);
  Receiver& insert(std::int64_t row, std::int64_t session, const std::string& url);
  void erase(std::int64_t row);
  void touch(Receiver& receiver);
  const WebhookConfig* config_of(const Receiver& receiver) const;
  Receiver* find(std::int64_t row);
  void changed(Receiver& receiver);
  void show_changed();
  static std::shared_ptr<const ShownQueue::Trouble> trouble_of(WebhookCall& call);
  std::int64_t line_for(const Receiver& receiver, const WebhookLine& line);
  void forget_created(const std::vector<std::int64_t>& rows);

  // --- webhooks_sending.cc ---
  bool make_room(Receiver& receiver);
  void pump(Receiver& receiver);
  bool has_room(Receiver& receiver, const WebhookConfig& webhook);
  bool may_begin(Receiver& receiver, const WebhookConfig& webhook) const;
  bool is_down(const Receiver& receiver, const WebhookConfig& webhook) const;
  void send(Receiver& receiver, const WebhookConfig& webhook, WebhookCall& call);
  void answered(Receiver& receiver, std::uint64_t number, const Result<net::HttpResponse>& answer);
  void taken(Receiver& receiver, const WebhookConfig& webhook, bool recovered);
  void end(Receiver& receiver, WebhookCall& call, bool dead);
  void try_again(WebhookCall& call, Millis wait);
  void plan(Receiver& receiver, const WebhookConfig& webhook);
  void under_way(Receiver& receiver, int change);
  void pump_starved();
  void drop_later(Receiver& receiver);
  void save_within(Millis time);

  std::vector<Receiver*> receivers_of(std::int64_t session, const std::string& url);
  Result<Receiver*> target_of(std::int64_t session, const std::string& url);
  std::int64_t replay(Receiver& to, std::int64_t id, bool copy);
  void remove_if_former(Receiver& receiver, std::map<std::int64_t, std::size_t>& former);

  net::Loop& loop_;
  net::HttpSender& http_;
  store::Database& database_;
  const EventTexts& texts_;
  Random& random_;
  Options options_;
  ConfigOf config_of_;
  std::map<std::int64_t, Receiver> receivers_;                           // by the rows of their queues
  std::map<std::pair<std::int64_t, std::string>, std::int64_t> by_url_;  // session, URL
  std::vector<std::int64_t> touched_;                                    // to be looked at after the commit
  std::vector<std::int64_t> part_;  // that add() has used since the last part
  std::vector<std::int64_t> part_created_;
  std::vector<std::int64_t> unshown_;
  WebhookBoard board_;

  std::size_t calls_ = 0;                       // under way
  std::map<std::string, std::size_t> of_host_;  // of them
  std::vector<std::int64_t> starved_;           // first come, first served
  net::Loop::TimerId wake_timer_ = 0;           // for these, where calls went without an answer

  std::vector<store::WebhookOutcome> unsaved_;
  std::size_t saving_ = 0;  // so many of them are in this tick
  net::Loop::TimerId save_timer_ = 0;
  bool save_due_ = false;
  std::int64_t ended_ = 0;
  std::int64_t prune_next_ = 0;  // the queue to begin with
};

}  // namespace pigeond::gateway
