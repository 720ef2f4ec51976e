#include "gateway/core.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/limits.h"
#include "base/log.h"
#include "gateway/events/kinds.h"
#include "store/database/backup.h"
#include "store/database/trouble.h"
#include "store/messages/pruning.h"

namespace pigeond::gateway {
namespace {

constexpr Millis kLoadAgain = 1 * kSecond;  // after rows that could not be read
constexpr Millis kStagger = 20;             // between autostarts: their key agreements share one core
constexpr Millis kShutdownTime = 1 * kSecond;
constexpr Millis kOverdue = 10 * kSecond;  // an engine's timer this late was not served

void log_recovery(const store::Recovery& recovery) {
  if (recovery.restored) {
    log::error("the database was damaged: the last backup is in its place",
               {{"reason", recovery.reason},
                {"kept", recovery.damaged.empty() ? "nothing" : recovery.damaged},
                {"backup_ms", std::to_string(recovery.backup_time)}});
  } else if (recovery.checked) {
    log::notice("the last stop was unclean: the database was checked, and is sound");
  }
}

}  // namespace

Result<std::unique_ptr<Core>> Core::open(Options options, Clock& clock, Random& random, Outside* outside) {
  options.store_path = store::real_path(options.store_path);
  PIGEOND_TRY(auto opened, store::recover_and_open(options.store_path, clock.now().wall));
  log_recovery(opened.recovery);
  auto core =
      std::unique_ptr<Core>(new Core(std::move(options), clock, random, std::move(opened.database), outside));
  core->storage_.started(std::move(opened.recovery), store::backup_time(core->options_.store_path));
  if (opened.damage) {
    core->mending_.begin_without(*opened.damage);
    return core;
  }
  core->database_->begin();
  core->retention_.clock.begin(core->loop_.now(), store::newest_service_time(*core->database_));
  core->client_version_.load();
  core->journal_.resume();
  core->feed_.committed(core->journal_.committed_last());
  const Status read = core->database_->commit();
  if (!read && !store::is_damage(read.error())) return read.error();
  if (read)
    core->loading_ = true;
  else
    core->mending_.found(read.error());
  return core;
}

Core::Core(Options options, Clock& clock, Random& random, std::unique_ptr<store::Database> database,
           Outside* outside)
    : options_(std::move(options)),
      random_(random),
      loop_(clock),
      network_(loop_, random),
      database_(std::move(database)),
      table_(*database_),
      retention_{RetentionClock([this] { return service_time(); }),
                 KeyRoom(*database_, options_.idempotency_keys)},
      internet_(network_, {options_.whatsapp_url, options_.ca_file}, options_.webhook_networks,
                std::filesystem::path(options_.store_path).parent_path().string()),
      outside_(outside != nullptr ? *outside : internet_),
      journal_(*database_, random, feed_, options_.version, options_.keep_events),
      texts_(*database_, options_.event_format),
      webhooks_(loop_, outside_.http(), *database_, texts_, random, {options_.ca_file, options_.user_agent},
                [this](std::int64_t id) -> const SessionConfig* {
                  const auto found = by_id_.find(id);
                  return found == by_id_.end() ? nullptr : &found->second->config();
                }),
      client_version_(loop_, outside_.web(), *database_, options_.profile, options_.client_version,
                      options_.ca_file,
                      {[this] {
                         for (auto& [name, session] : sessions_) session->version_raised();
                       },
                       [this] { return !mending_.under_way(); }, [this] { return way_to_the_site(); }}),
      storage_probe_(loop_, *database_, storage_),
      mending_(loop_, *database_, storage_, outside_.has_threads(),
               {[this](const Error& why) { database_lost(why); }, [this] { database_back(); },
                [this](auto& lock, Millis wall, const auto& suspicion) {
                  return outside_.recover(lock, wall, suspicion);
                }}),
      backups_(loop_, *database_, storage_, options_.store_path, options_.backup_interval,
               outside_.has_threads(), [this](const Error& damage) { mending_.found(damage); }),
      chores_(loop_, *database_, webhooks_, retention_.clock,
              {options_.keep, options_.keep_messages, options_.keep_events, options_.most_events}),
      views_(options_.store_path, clock, board_, webhooks_.board(), storage_, options_.event_format,
             [this](const Error& damage) { loop_.post([this, damage] { mending_.found(damage); }); }) {}

Core::~Core() = default;

// A row that no longer can be read (an older version wrote it) still is a session, without webhooks.
SessionConfig Core::stored_config(const store::SessionRow& row) const {
  if (options_.read_config) {
    auto config = options_.read_config(row.config);
    if (config) return std::move(*config);
    log::error("stored config is not usable", {{"session", row.name}, {"detail", config.error().detail}});
  }
  SessionConfig fallback;
  fallback.raw = row.config;
  return fallback;
}

// Whose row is not there: whoever asked something of it is told why.
void Core::drop_session(Sessions::iterator session, const Error& why) {
  session->second->abandon(why);
  forget_session(session);
}

void Core::forget_session(Sessions::iterator session) {
  std::erase(touched_, session->second.get());
  board_.erase(session->first);
  webhooks_.forget(session->second->id());
  by_id_.erase(session->second->id());
  sessions_.erase(session);
}

// The client's version is everybody's matter, and its site is asked for it without an account: as long as
// some session that shall run links directly, that tells the service nothing new. Where all of them have a
// proxy this machine's address stays unseen: it is asked through the proxy of one, best of one that works.
net::ProxyRef Core::way_to_the_site() const {
  net::ProxyRef way;
  int best = 0;
  for (const auto& [name, session] : sessions_) {
    const auto& proxy = session->config().proxy;
    if (!proxy && session->should_run()) return nullptr;
    if (!proxy) continue;
    int rank = session->status() == SessionStatus::working ? 4 : session->should_run() ? 3 : 2;
    if (!proxy->trouble.empty()) rank = 1;
    if (rank <= best) continue;
    best = rank;
    way = proxy;
  }
  return way;
}

// --- the start ---

// Some more of them, by their names. Whether there are more, and none is in the way.
bool Core::load_step() {
  if (!loading_ || shutting_down_) return false;
  const auto rows = table_.after(loaded_to_, options_.load_step);
  if (database_->failed()) {  // the tick sees to it that nothing is done with what was read
    board_.cut(database_->failure());
    loop_.after(kLoadAgain, [this] { load_on(); });
    return false;
  }
  for (const auto& row : rows)
    if (!sessions_.contains(row.name)) load(row);
  if (rows.size() < options_.load_step) {
    loading_ = false;
    return false;
  }
  loaded_to_ = rows.back().name;
  return true;
}

void Core::load_on() {
  if (load_step()) loop_.post([this] { load_on(); });
}

// What waits for its webhooks is there before the session can tell more.
void Core::load(const store::SessionRow& row) {
  Session& session = add(row, stored_config(row));
  webhooks_.resume(row.id);
  next_start_ = std::max(next_start_, loop_.now().mono);
  session.boot(next_start_ - loop_.now().mono);
  if (session.should_run()) next_start_ += kStagger;
}

// Once all of them are there, and those that shall run have been launched.
void Core::started() {
  if (loading_ || std::exchange(started_, true)) return;
  if (hooks_.on_started) hooks_.on_started();
  client_version_.start();
  backups_.start();
  chores_.start();
  if (hooks_.on_heartbeat && hooks_.heartbeat > 0) loop_.post([this] { beat(); });
}

// --- sessions ---

Session& Core::add(const store::SessionRow& row, SessionConfig config) {
  const SessionEnvironment environment{loop_, outside_,   *database_,     random_,          options_.profile,
                                       *this, retention_, history_turns_, options_.restarts};
  auto session = std::make_unique<Session>(environment, row, std::move(config));
  Session& added = *session;
  by_id_[row.id] = &added;
  sessions_[row.name] = std::move(session);
  show_anew(added);  // a part of its own: rows that make no sense keep nobody else from starting
  return added;
}

void Core::run(const RunHooks& hooks) {
  begin(hooks);
  while (turn()) {
  }
  finish();
}

void Core::begin(const RunHooks& hooks) {
  hooks_ = hooks;
  database_->begin();
  load_on();
  tick();
  started();
}

bool Core::turn(std::optional<Millis> deadline_mono) {
  if (shutting_down_) deadline_mono = std::min(deadline_mono.value_or(goodbye_until_), goodbye_until_);
  if (!loop_.run_once(deadline_mono)) return false;
  tick();
  started();
  return !shutting_down_ || (!links_closed() && loop_.now().mono < goodbye_until_);
}

void Core::finish() {
  webhooks_.save_outcomes();
  tick();
  database_->rollback();
  board_.cut(fail(Cause::shutting_down, "the gateway is stopping"));
  backups_.finish();
}

void Core::shut_down() {
  if (std::exchange(shutting_down_, true)) return;
  goodbye_until_ = loop_.now().mono + kShutdownTime;
  for (auto& [name, session] : sessions_) session->shut_down();
}

bool Core::links_closed() const {
  return !outside_.says_goodbye() && std::none_of(sessions_.begin(), sessions_.end(), [](const auto& entry) {
    return entry.second->link_exists();
  });
}

// --- the tick ---

void Core::touched(Session& session) {
  if (!session.mark_touched(true)) touched_.push_back(&session);
}

// Kept until the session's work is done: what is written for it stands behind that in the part.
void Core::tell(Session& session, EventKind kind, EventPayload payload) {
  JournalEvent event;
  event.at = loop_.now().wall;
  event.kind = kind;
  event.session = session.event_view();
  event.payload = std::move(payload);
  part_events_.push_back({&session, std::move(event)});
}

void Core::write_events() {
  if (database_->failed()) return;
  for (auto& [session, event] : part_events_) {
    const auto topics = topics_of(event.kind);
    const bool told = options_.event_format && !session->is_gone();  // its queues have gone with its row
    const std::int64_t deliveries = told ? Webhooks::deliveries_of(session->config(), topics) : 0;
    if (deliveries == 0 && !journal_.has_streams(event.at)) {
      journal_.skip();
      continue;
    }
    journal_.write(session->id(), event, deliveries);
    webhooks_.add(session->id(), session->config(), topics, event.seq, webhook_line(event.payload));
  }
}

void Core::after_commit(std::function<void(const Status&)> task) {
  (in_part_ ? part_tasks_ : tasks_).push_back(std::move(task));
}

void Core::version_doubted() {
  after_commit([this](const Status& committed) {
    if (committed) client_version_.doubted();
  });
}

void Core::version_wanted() {
  after_commit([this](const Status& committed) {
    if (committed) client_version_.linking();
  });
}

// What is written for it goes with the next commit: a round of the loop that may be far off otherwise.
void Core::expiry_told(const engine::ExpiryTold& expiry) {
  after_commit([this, expiry](const Status& committed) {
    if (!committed) return;
    client_version_.told(expiry);
    loop_.post([] {});
  });
}

// Does what one session has to do in one part of the unit of work; the error that rolled that back, if one
// did.
template <typename Work>
Status Core::in_part(const Work& work) {
  database_->begin_part();
  in_part_ = true;
  work();
  write_events();
  in_part_ = false;
  const Status stands = database_->end_part();
  journal_.part_ended(stands.ok());
  webhooks_.part_ended(stands.ok());
  for (auto& task : std::exchange(part_tasks_, {})) {
    if (stands)
      tasks_.push_back(std::move(task));
    else
      tasks_.emplace_back([task = std::move(task), stands](const Status& committed) {
        task(committed ? stands : committed);
      });
  }
  auto events = std::exchange(part_events_, {});
  if (!stands || !hooks_.on_event) return stands;
  for (auto& told : events) {
    after_commit([this, event = std::move(told.event)](const Status& committed) {
      if (committed) hooks_.on_event(event.session, *event_under(event, 0));
    });
  }
  return stands;
}

// In a part of its own: what it breaks is nobody else's.
void Core::work(const std::function<Result<Found>(store::Database&, Instant)>& task, Reply<Found> reply) {
  if (mending_.under_way()) return answer<Found>(std::move(reply), storage_.failure());
  Result<Found> result = fail(Cause::storage);
  const Status stands = in_part([&] { result = task(*database_, loop_.now()); });
  answer<Found>(std::move(reply), stands ? std::move(result) : Result<Found>(stands.error()));
}

void Core::collect(Session& session) {
  const Status stands = in_part([&] { session.collect(); });
  if (!stands) part_failed(session, stands.error());
}

// Everybody else goes on as if it were not there.
void Core::part_failed(Session& session, const Error& error) {
  const auto work = [&] {
    const auto row = table_.find(session.name());
    session.broken(error, row ? stored_config(*row) : session.config());
  };
  if (auto told = in_part(work); !told)
    log::error("a broken session's state can't be kept",
               {{"session", session.name()}, {"detail", told.error().detail}});
  show_anew(session);
}

// What can't be read is not shown.
void Core::show_anew(Session& session) {
  static_cast<void>(in_part([&] { session.load(); }));
}

void Core::collect() {
  // Collecting may touch others (none does today): the list can grow.
  for (std::size_t i = 0; i < touched_.size(); ++i) collect(*touched_[i]);
  webhooks_.collect();
}

bool Core::gathers() {
  if (!database_->changed() || shutting_down_ || !started_) return false;  // looks wait for a start
  std::size_t callers = 0;
  bool somebody_waits = !tasks_.empty();
  for (const Session* session : touched_) {
    callers += session->callers();
    somebody_waits = somebody_waits || !session->can_wait();
  }
  const Millis due = group_commit_.due(somebody_waits, callers);
  if (due <= loop_.now().mono) return false;
  loop_.cancel(commit_timer_);
  commit_timer_ = loop_.at(due, [this] { commit_timer_ = 0; });
  return true;
}

void Core::tick() {
  collect();
  if (gathers()) return;
  chores_.collect();
  loop_.cancel(std::exchange(commit_timer_, 0));
  const bool changed = !touched_.empty();
  const bool writes = database_->changed();
  const Status committed = database_->commit();
  if (writes) group_commit_.committed(loop_.now().mono);
  if (writes) storage_.committed(database_->commits());
  database_->begin();
  if (committed) {
    created_.clear();
    show_touched();  // who is told next may look at once
    storage_probe_.committed();
    journal_.committed();
    feed_.committed(journal_.committed_last());
    webhooks_.committed();
    chores_.committed();
    for (Session* session : touched_) session->release();
  } else {
    storage_failed(committed.error());
  }
  released(committed);
  if (changed) report_counts();
  if (writes) plan_tidy();
}

// Answers callers, once what they may look at says the same. Sessions whose rows are gone go with them, and
// those whose rows were never made.
void Core::released(const Status& committed) {
  if (!committed) {
    for (const auto& name : std::exchange(created_, {}))
      if (const auto found = sessions_.find(name); found != sessions_.end())
        drop_session(found, committed.error());
    show_touched();
  }
  for (Session* session : std::exchange(touched_, {})) {
    session->mark_touched(false);
    if (!session->is_gone()) continue;
    log::info("session removed", {{"session", session->name()}});
    if (hooks_.on_removed) hooks_.on_removed(session->name());
    forget_session(sessions_.find(session->name()));
  }
  for (auto& task : std::exchange(tasks_, {})) task(committed);
}

void Core::storage_failed(const Error& error) {
  chores_.rolled_back();
  if (mending_.under_way() || store::is_damage(error)) {
    mending_.found(error);
    journal_.rolled_back();
    webhooks_.rolled_back();
    return drop(touched_, storage_.failure());
  }
  ++failed_commits_;
  log::error("commit failed, nothing of this tick leaves", {{"detail", error.detail},
                                                            {"code", std::to_string(error.code)},
                                                            {"times", std::to_string(failed_commits_)}});
  storage_probe_.failed(error);
  journal_.rolled_back();
  webhooks_.rolled_back();
  reload(error);
}

// Makes the sessions in memory agree with the rows again. Untouched ones go on undisturbed.
void Core::reload(const Error& error) {
  std::map<std::string, store::SessionRow> rows;
  for (auto& row : table_.all()) rows.emplace(row.name, std::move(row));
  const bool readable = !database_->failed();
  if (!readable)  // keep what there is, and say so
    log::error("database can't be read", {{"detail", database_->failure().detail}});
  std::vector<Session*> stay;
  for (Session* session : std::exchange(touched_, {})) {
    const auto found = rows.find(session->name());
    if (readable && found == rows.end()) {  // created in this tick
      drop_session(sessions_.find(session->name()), error);
      continue;
    }
    stay.push_back(session);
    static_cast<void>(in_part([&] {
      if (found == rows.end())
        session->storage_failed(error, nullptr, session->config());
      else
        session->storage_failed(error, &found->second, stored_config(found->second));
    }));
    show_anew(*session);
  }
  touched_ = std::move(stay);
}

std::optional<Millis> Core::service_time() const {
  for (const auto& [name, session] : sessions_)
    if (const auto told = session->service_time()) return told;
  return std::nullopt;
}

// As far as they are known without their rows.
void Core::drop(const std::vector<Session*>& sessions, const Error& error) {
  for (Session* session : sessions) session->storage_failed(error, nullptr, session->config());
}

Counts Core::count() const {
  Counts out;
  for (const auto& [name, session] : sessions_) {
    const SessionStatus status = session->status();
    ++out.all;
    if (session->should_run()) ++out.running;
    if (status == SessionStatus::working) ++out.working;
    if (status == SessionStatus::failed) ++out.failed;
    if (session->is_outdated()) ++out.outdated;
  }
  return out;
}

void Core::show_touched() {
  std::vector<Session*> stay;
  for (Session* session : touched_)
    if (!session->is_gone()) stay.push_back(session);
  show(stay);
}

// None whose row is not committed.
void Core::show(const std::vector<Session*>& sessions) {
  for (Session* session : sessions)
    if (std::ranges::find(created_, session->name()) == created_.end()) board_.put(session->shown());
  if (!loading_) board_.complete();
}

void Core::report_counts() {
  const Counts current = count();
  if (current == told_counts_) return;
  told_counts_ = current;
  if (hooks_.on_counts) hooks_.on_counts(current);
}

void Core::plan_tidy() {
  if (!hooks_.on_tidy || std::exchange(tidy_planned_, true)) return;
  loop_.after(hooks_.tidy, [this] {
    tidy_planned_ = false;
    database_->release_memory();
    hooks_.on_tidy();
  });
}

// --- the heartbeat ---

void Core::beat() {
  loop_.after(hooks_.heartbeat, [this] { beat(); });
  if (!hooks_.probe) return beat_if_alive();
  if (std::exchange(probing_, true)) return log::error("the API does not answer the watchdog's probe");
  hooks_.probe([this] {
    loop_.post([this] {
      probing_ = false;
      beat_if_alive();
    });
  });
}

void Core::beat_if_alive() {
  for (const auto& [name, session] : sessions_) {
    if (session->overdue(loop_.now().mono) > kOverdue) {
      log::error("timers are not served", {{"session", name}});
      return;
    }
  }
  prove([this](const Result<bool>& proved) {
    if (proved && *proved) hooks_.on_heartbeat();
  });
}

void Core::prove(Reply<bool> reply) {
  if (mending_.under_way()) return reply(true);  // there is nothing to be read, which is told elsewhere
  bool read = false;
  {
    auto row = database_->prepare("SELECT count(*) FROM sqlite_schema");
    read = row.step();
  }
  answer<bool>(std::move(reply), read);
}

}  // namespace pigeond::gateway
