// One supervised account: its engine, its link, what callers wait for, and its status, which is computed from
// the engine's state each time it is asked for.
//
// Everything runs on the loop thread. Inputs (calls, frames, timers) change the engine inside the tick's unit
// of work; collect() turns its effects into events and answers before the commit, release() performs those
// towards WhatsApp after it. When the commit fails, storage_failed() throws all of it away and starts again
// from the database.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "gateway/events.h"
#include "gateway/health.h"
#include "gateway/health_log.h"
#include "gateway/idempotency.h"
#include "gateway/outside.h"
#include "gateway/reply.h"
#include "gateway/send_waiters.h"
#include "gateway/types.h"
#include "net/loop.h"
#include "store/database.h"
#include "store/outbox.h"
#include "store/sessions.h"

namespace pigeond::gateway {

class Session;

// What sessions share, and what they ask of the world around them.
class SessionHost {
 public:
  virtual ~SessionHost() = default;
  virtual void touched(Session& session) = 0;  // it has to be collected in this tick
  virtual void tell(Session& session, const Event& event) = 0;
  virtual void after_commit(std::function<void(const Status& committed)> task) = 0;
  virtual bool shutting_down() const = 0;

  // Answers a caller once what was done for it is safe, or with why it isn't.
  template <typename T>
  void answer(Reply<T> reply, Result<T> result) {
    after_commit([reply = std::move(reply), result = std::move(result)](const Status& committed) {
      reply(committed ? result : Result<T>(committed.error()));
    });
  }
};

struct SessionEnvironment {
  net::Loop& loop;
  Outside& outside;
  store::Database& database;
  Random& random;
  const engine::ClientProfile& profile;
  SessionHost& host;
  int restarts = SendHealth::kRestarts;  // within an hour, of a session whose sends fail
};

class Session {
 public:
  // The row exists.
  Session(const SessionEnvironment& environment, const store::SessionRow& row, SessionConfig config);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  std::int64_t id() const { return id_; }
  const std::string& name() const { return name_; }
  const SessionConfig& config() const { return config_; }
  void set_config(SessionConfig config) { config_ = std::move(config); }
  SessionStatus status() const;
  SessionInfo info() const;
  SessionHealth health(bool with_steps);
  EventSession event_view() const;
  bool should_run() const { return should_run_; }

  void launch(Millis delay);  // shall run, from `delay` ms on; the row is the caller's matter
  void stop();                // shall not run
  void restart();
  // Unlinks and erases the account; starts again if it was running. `done` is called inside a tick, when that
  // is so.
  void logout(std::function<void()> done);
  void remove(std::function<void()> done);  // unlinks and ends; `done` may not delete this
  void shutdown();                          // the process ends: closes the link, shall still run

  void send_text(TextRequest request, Millis deadline, Reply<SentMessage> reply);
  std::vector<QueuedMessage> outbox(std::size_t limit, std::size_t offset);
  void cancel_message(const std::string& id, Reply<bool> reply);
  void check_number(const std::string& digits, Millis deadline, Reply<NumberStatus> reply);
  void qr(Millis wait, Reply<Qr> reply);

  void collect();
  void release();
  // What was collected holds nothing but acknowledgements and receipts.
  bool can_wait() const;
  std::size_t callers() const { return sends_.size() + checks_.size(); }
  void storage_failed(const Error& error, const store::SessionRow& row, SessionConfig config);
  bool link_exists() const { return link_->exists(); }
  // How long ago, in ms, the engine wanted to be woken and was not: 0 for a loop that keeps up.
  Millis overdue(Millis mono) const;

 private:
  struct Check {
    Reply<NumberStatus> reply;
    net::Loop::TimerId timer = 0;
  };
  struct QrWaiter {
    Reply<Qr> reply;
    net::Loop::TimerId timer = 0;
  };
  struct Forms {
    wire::Jid shown, pn, lid;  // PN where known; either; both
  };
  enum class After { rest, start, gone };  // what follows when the engine has stopped

  Instant now() const { return env_.loop.now(); }
  net::Loop& loop() const { return env_.loop; }
  void start_engine();
  void end_engine(After after);
  void engine_stopped();
  void close_checks(const Error& why);
  void close_sends(const Error& why);
  void plan_start(Millis delay, std::optional<Error> cause);
  void cancel_plans();
  void schedule_wake();
  void mind_expiry();

  void input(const std::function<void(engine::Engine&, Instant)>& work);
  void handle(engine::Effect& effect);
  void handle(engine::StateChanged& changed);
  void handle(engine::QrShown& shown);
  void handle(engine::Linked& linked);
  void handle(engine::Unlinked& unlinked);
  void handle(engine::MessageEvent& message);
  void handle(engine::AckEvent& ack);
  void handle(engine::SendDone& done);
  void handle(engine::NumberCheck& check);
  void handle(engine::TimelockChanged& changed);
  void handle(engine::CappingChanged& changed);

  // session_health.cc
  void handle(engine::SendTrouble& trouble);
  void follow(const SendHealth::Verdict& verdict, const Error* why);
  void plan_restart(Millis delay);
  void give_up();
  void forget_health();
  bool judged() const;
  bool backing_off() const;
  bool healing() const;
  std::optional<Error> why() const;  // of a status that is not WORKING

  Forms forms_of(const wire::Jid& chat) const;
  std::string health_name(const Forms& chat);
  void judge(const engine::SendDone& done, const Forms& chat);
  QueuedMessage queued_message(const store::OutboxRow& row);
  Result<SentMessage> ended_message(const TextRequest& request, const std::string& id,
                                    const store::IdempotencyOutcome& outcome) const;
  Result<SentMessage> pending_message(const TextRequest& request, const Error& otherwise);
  void answer_as_pending(SendWaiters::Waiter waiter, const Error& otherwise);
  void answer_at_once();

  std::optional<Me> me() const;
  void load_me();
  void load_limits();
  void tell_limits();
  void status_changed(bool tell_again);
  bool working() const;  // or about to
  Status able_to_ask() const;
  Status able_to_send(const TextRequest& request) const;
  bool answered_before(const TextRequest& request, Millis deadline, Reply<SentMessage>& reply);
  void wait_for(TextRequest request, Millis deadline, Reply<SentMessage> reply);
  std::unique_ptr<engine::Engine> make_engine();
  engine::Engine& sender();
  engine::Engine* current() const { return engine_ ? engine_.get() : clerk_.get(); }
  void answer_qr(QrWaiter& waiter, Result<Qr> result);
  bool answer_qr_waiters();

  SessionEnvironment env_;
  const std::int64_t id_;
  const std::string name_;
  SessionConfig config_;
  std::optional<Me> me_;
  std::optional<store::ReachoutTimelock> timelock_;
  std::optional<store::MessageCapping> capping_;
  bool timelock_untold_ = false, capping_untold_ = false;
  bool should_run_ = false;
  bool given_up_ = false;              // the restart budget is spent
  std::optional<Error> cause_;         // of connecting, or of failed
  std::optional<SessionStatus> told_;  // the last status that was told
  std::vector<std::pair<SessionStatus, Millis>> recent_;
  Millis activity_ = 0;

  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<engine::Engine>
      clerk_;  // takes messages while there is no engine, and ends what expires; never started
  engine::State state_ = engine::State::stopped;
  std::optional<After> ending_;
  bool removed_ = false;  // its row is gone: nothing can be told any more
  std::vector<std::function<void()>> when_ended_;
  std::unique_ptr<Link> link_;
  engine::Effects outgoing_;  // towards WhatsApp, of this tick

  SendHealth ladder_;
  HealthLog health_log_;
  std::optional<Error> trouble_;          // that a restart is planned for, or that it was given up for
  std::optional<Millis> back_off_until_;  // mono
  Millis health_since_ = 0;               // wall; of the status
  net::Loop::TimerId heal_timer_ = 0;

  net::Loop::TimerId wake_timer_ = 0;
  Millis wake_at_ = 0;
  net::Loop::TimerId start_timer_ = 0;
  net::Loop::TimerId ending_timer_ = 0;

  engine::RequestId next_request_ = 1;
  SendWaiters sends_;
  std::vector<engine::RequestId> at_once_;  // of this tick: they don't wait for the end
  Idempotency keys_;
  std::map<engine::RequestId, Check> checks_;
  std::map<std::uint64_t, QrWaiter> qr_waiters_;
};

}  // namespace pigeond::gateway
