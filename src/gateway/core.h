// The loop thread's world: the database, the sessions, and the tick that ties them together.
//
//   round of the loop (frames, calls, timers)  ->  collect  ->  COMMIT, once for all sessions  ->  release
//
// All of it inside one unit of work of the only writing connection. Nothing leaves (frames, answers,
// webhooks) before the commit; when the commit fails nothing leaves at all, callers get Cause::storage, and
// what was touched starts again from what the database says.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "gateway/client_version/client_version.h"
#include "gateway/events/journal.h"
#include "gateway/events/texts.h"
#include "gateway/gateway.h"
#include "gateway/outside.h"
#include "gateway/session/session.h"
#include "gateway/session/session_board.h"
#include "gateway/storage/backups.h"
#include "gateway/storage/chores.h"
#include "gateway/storage/group_commit.h"
#include "gateway/storage/health.h"
#include "gateway/storage/mending.h"
#include "gateway/storage/probe.h"
#include "gateway/storage/retention.h"
#include "gateway/views/views.h"
#include "gateway/webhooks/webhooks.h"
#include "net/network.h"
#include "store/database/database.h"

namespace pigeond::gateway {

class Core final : public SessionHost {
 public:
  // `outside` outlives it; nullptr: the network.
  static Result<std::unique_ptr<Core>> open(Options options, Clock& clock, Random& random,
                                            Outside* outside = nullptr);
  ~Core() override;

  void run(const RunHooks& hooks);
  // run() in its parts: begin(), turns until one says false, finish().
  void begin(const RunHooks& hooks);
  bool is_started() const { return started_; }                    // all sessions are loaded
  bool turn(std::optional<Millis> deadline_mono = std::nullopt);  // a round of the loop, and its tick
  void finish();
  net::Loop& loop() { return loop_; }
  store::Database& database() { return *database_; }

  // What is only looked at, from any thread.
  Views& views() { return views_; }

  // Calls, on the loop thread. Each replies once, after the commit. A session's health comes without what of
  // it is rows: Views::complete() adds that.
  void create(const std::string& wanted, bool start, SessionConfig config, Reply<SessionInfo> reply);
  void update(const std::string& name, SessionConfig config, Reply<SessionInfo> reply);
  void remove(const std::string& name, bool force, Reply<Departure> reply);
  void start(const std::string& name, Reply<SessionInfo> reply);
  void stop(const std::string& name, Reply<SessionInfo> reply);
  void restart(const std::string& name, Reply<SessionInfo> reply);
  void logout(const std::string& name, bool force, Reply<SessionInfo> reply);
  void qr(const std::string& name, Millis wait, Reply<Qr> reply);
  void send(SendRequest request, Reply<SentMessage> reply);
  void cancel_message(const std::string& session, const std::string& id, Reply<bool> reply);
  void ask(const std::string& session, Asking asking, Reply<Found> reply);
  void work(const std::function<Result<Found>(store::Database&, Instant)>& task, Reply<Found> reply);
  void replay(const std::string& session, std::int64_t id, const std::string& to_url,
              Reply<DeliveryInfo> reply);
  void replay(const std::string& session, const ReplayRange& range, Reply<Replayed> reply);
  // What happens after the event with the number that is replied is in the journal, for a stream to read.
  void begin_stream(Reply<std::int64_t> reply);
  void prove(Reply<bool> reply);  // true once a read of the database was part of a committed tick
  void shut_down();

  Gateway::Counts count() const;
  EventFeed& feed() { return feed_; }  // from any thread
  const Options& options() const { return options_; }
  StorageState storage() const { return storage_.state(); }                      // from any thread
  ClientVersionState client_version() const { return client_version_.state(); }  // from any thread

  // SessionHost
  void touched(Session& session) override;
  void tell(Session& session, EventKind kind, EventPayload payload) override;
  void after_commit(std::function<void(const Status&)> task) override;
  bool storage_lost() const override { return mending_.under_way(); }
  void version_doubted() override;
  void version_wanted() override;
  void expiry_told(const engine::ExpiryTold& expiry) override;

 private:
  Core(Options options, Clock& clock, Random& random, std::unique_ptr<store::Database> database,
       Outside* outside);

  using Sessions = std::map<std::string, std::unique_ptr<Session>>;

  SessionConfig stored_config(const store::SessionRow& row) const;
  bool load_step();
  void load_on();
  void load(const store::SessionRow& row);
  void started();
  void forget_session(Sessions::iterator session);
  net::ProxyRef way_to_the_site() const;
  void drop_session(Sessions::iterator session, const Error& why);
  Session& add(const store::SessionRow& row, SessionConfig config);
  Session* find(const std::string& name);
  Error not_found(const std::string& name) const;
  template <typename T>
  Session* find_for(const std::string& name, Reply<T>& reply);
  void with(const std::string& name, Reply<SessionInfo> reply, const std::function<void(Session&)>& work);
  void reply_info(const std::string& name, Reply<SessionInfo> reply);
  Result<SessionInfo> info_of(const std::string& name);

  void tick();
  void collect(Session& session);
  void part_failed(Session& session, const Error& error);
  void show_anew(Session& session);
  template <typename Work>
  Status in_part(const Work& work);
  void write_events();
  bool gathers();  // the open unit of work may take more before it is committed
  void collect();
  void released(const Status& committed);
  void storage_failed(const Error& error);
  void reload(const Error& error);
  void drop(const std::vector<Session*>& sessions, const Error& error);
  void database_lost(const Error& error);
  void database_back();
  std::optional<Millis> service_time() const;
  void show(const std::vector<Session*>& sessions);
  void show_touched();
  void report_counts();
  bool links_closed() const;

  void plan_tidy();
  void beat();
  void beat_if_alive();

  Options options_;
  Random& random_;
  net::Loop loop_;
  net::Network network_;
  std::unique_ptr<store::Database> database_;
  store::SessionTable table_;
  Retention retention_;
  HistoryTurns history_turns_{loop_};
  NetworkOutside internet_;
  Outside& outside_;
  EventFeed feed_;
  Journal journal_;
  EventTexts texts_;
  Webhooks webhooks_;
  ClientVersionWatch client_version_;
  StorageHealth storage_;
  StorageProbe storage_probe_;
  Mending mending_;
  Backups backups_;
  Chores chores_;
  Sessions sessions_;
  std::map<std::int64_t, Session*> by_id_;
  SessionBoard board_;
  Views views_;

  GroupCommit group_commit_;
  net::Loop::TimerId commit_timer_ = 0;
  std::vector<Session*> touched_;
  std::vector<std::function<void(const Status&)>> tasks_;
  // Of the session whose turn it is: they count only if its part of the unit of work stands.
  struct Told {
    Session* session;
    JournalEvent event;
  };
  bool in_part_ = false;
  std::vector<Told> part_events_;
  std::vector<std::function<void(const Status&)>> part_tasks_;
  std::vector<std::string> created_;  // sessions whose rows are made in this tick
  std::uint64_t failed_commits_ = 0;

  // At a start the API listens first; then sessions are loaded, some in each turn by their names, and any
  // other when it is asked for (find()).
  bool loading_ = false;
  std::string loaded_to_;  // the name up to which all are there
  Millis next_start_ = 0;  // mono; of the next session that shall run
  bool started_ = false;

  RunHooks hooks_;
  bool probing_ = false;  // the last probe has not called back yet
  Gateway::Counts told_counts_;
  bool tidy_planned_ = false;
  bool shutting_down_ = false;
  Millis goodbye_until_ = 0;  // mono; while shutting down
};

}  // namespace pigeond::gateway
