#include "gateway/session.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "gateway/ulid.h"
#include "store/credentials.h"

namespace pigeond::gateway {
namespace {

// An unlink that the service doesn't answer is not waited for longer.
constexpr Millis kLogoutTime = 10 * kSecond;
// After a failed commit: a disk that is full or gone doesn't come back within a tick.
constexpr Millis kStoragePause = 5 * kSecond;

SessionStatus map_state(engine::State state) {
  switch (state) {
    case engine::State::stopped:
      return SessionStatus::stopped;
    case engine::State::connecting:
      return SessionStatus::starting;
    case engine::State::pairing:
      return SessionStatus::scan_qr_code;
    case engine::State::online:
      return SessionStatus::working;
    case engine::State::failed:
      return SessionStatus::failed;
  }
  return SessionStatus::failed;
}

std::optional<Me> me_of(const store::Credentials& credentials) {
  if (!credentials.linked()) return std::nullopt;
  return Me{credentials.pn, credentials.lid, credentials.push_name, {}, {}};
}

}  // namespace

std::string_view status_name(SessionStatus status) {
  switch (status) {
    case SessionStatus::stopped:
      return "STOPPED";
    case SessionStatus::starting:
      return "STARTING";
    case SessionStatus::scan_qr_code:
      return "SCAN_QR_CODE";
    case SessionStatus::working:
      return "WORKING";
    case SessionStatus::failed:
      return "FAILED";
  }
  return "FAILED";
}

Session::Session(const SessionEnvironment& environment, const store::SessionRow& row, SessionConfig config)
    : env_(environment),
      id_(row.id),
      name_(row.name),
      config_(std::move(config)),
      should_run_(row.running),
      told_(SessionStatus::stopped),
      link_(environment.outside.make_link(
          row.name, {[this] { input([](engine::Engine& engine, Instant at) { engine.link_up(at); }); },
                     [this](ByteView message) {
                       activity_ = now().wall;
                       input([message](engine::Engine& engine, Instant at) { engine.receive(at, message); });
                     },
                     [this](const Error& why) {
                       input([&why](engine::Engine& engine, Instant at) { engine.link_down(at, why); });
                     }})),
      ladder_(environment.random, environment.restarts),
      health_log_(environment.database, row.id),
      keys_(environment.database, row.id) {
  load_me();
}

std::unique_ptr<engine::Engine> Session::make_engine() {
  auto engine = std::make_unique<engine::Engine>(env_.database, id_, name_, env_.profile, env_.random);
  engine->set_pacing(config_.pacing);
  return engine;
}

Session::~Session() {
  cancel_plans();
  loop().cancel(wake_timer_);
  for (auto& waiter : sends_.take_all()) loop().cancel(waiter.timer);
  for (auto& [id, check] : checks_) loop().cancel(check.timer);
  for (auto& [id, waiter] : qr_waiters_) loop().cancel(waiter.timer);
}

SessionStatus Session::status() const {
  if (given_up_) return SessionStatus::failed;
  if (engine_ && !ending_ && state_ != engine::State::stopped) {
    const SessionStatus current = map_state(state_);
    return current == SessionStatus::working && healing() ? SessionStatus::starting : current;
  }
  return should_run_ && !env_.host.shutting_down() ? SessionStatus::starting : SessionStatus::stopped;
}

SessionInfo Session::info() const {
  SessionInfo out;
  out.name = name_;
  out.status = status();
  if (out.status == SessionStatus::starting || out.status == SessionStatus::failed) out.cause = why();
  out.config = config_;
  out.me = me();
  out.activity = activity_;
  return out;
}

EventSession Session::event_view() const {
  return {name_, config_.metadata, me()};
}

std::optional<Me> Session::me() const {
  auto out = engine_ ? me_of(engine_->credentials()) : me_;
  if (out) {
    out->timelock = timelock_;
    out->capping = capping_;
  }
  return out;
}

void Session::load_me() {
  me_.reset();
  if (auto credentials = store::CredentialsTable(env_.database, id_).load()) me_ = me_of(*credentials);
  load_limits();
}

void Session::launch(Millis delay) {
  should_run_ = true;
  given_up_ = false;
  forget_health();
  // With `ending_` set there may be no engine (a second call of the same tick): collect() starts the next one
  // then.
  if (ending_ || (engine_ && state_ == engine::State::failed)) {
    end_engine(After::start);
  } else if (!engine_) {
    cancel_plans();
    if (delay > 0) {
      plan_start(delay, std::nullopt);
    } else {
      start_engine();
    }
  }
  env_.host.touched(*this);
}

void Session::stop() {
  should_run_ = false;
  given_up_ = false;
  forget_health();
  cancel_plans();
  end_engine(After::rest);
}

void Session::restart() {
  should_run_ = true;
  given_up_ = false;
  forget_health();
  cancel_plans();
  end_engine(After::start);
}

void Session::logout(std::function<void()> done) {
  when_ended_.push_back(std::move(done));
  given_up_ = false;
  forget_health();
  cancel_plans();
  const After after = should_run_ ? After::start : After::rest;
  if (engine_ && !ending_) {
    engine_->logout(now());
    ending_timer_ = loop().after(kLogoutTime, [this] {
      ending_timer_ = 0;
      input([](engine::Engine& engine, Instant at) { engine.stop(at); });
    });
  } else if (!engine_) {
    store::SessionTable(env_.database).erase_account(id_);
    clerk_.reset();
    close_sends(fail(Cause::logged_out, "logged out on request"));
  }
  if (ending_ != After::gone) ending_ = after;
  env_.host.touched(*this);
}

void Session::remove(std::function<void()> done) {
  should_run_ = false;
  logout(std::move(done));
  ending_ = After::gone;
  env_.host.touched(*this);
}

void Session::shutdown() {
  forget_health();
  cancel_plans();
  end_engine(After::rest);
}

void Session::start_engine() {
  cause_.reset();
  engine_ = make_engine();
  engine_->start(now());
}

void Session::end_engine(After after) {
  if (ending_ != After::gone) {
    if (engine_ && !ending_) engine_->stop(now());
    ending_ = after;
  }
  env_.host.touched(*this);
}

void Session::engine_stopped() {
  const After after = *std::exchange(ending_, std::nullopt);
  cancel_plans();
  engine_.reset();
  clerk_.reset();
  state_ = engine::State::stopped;
  outgoing_.emplace_back(engine::Disconnect{"the session was stopped"});
  const bool ends = after == After::rest || after == After::gone || !should_run_;
  const Error stopped =
      fail(env_.host.shutting_down() ? Cause::shutting_down : Cause::cancelled,
           ends ? "the session was stopped; what was accepted stays queued" : "the session was restarted");
  close_checks(stopped);
  if (ends)
    close_sends(given_up_ && trouble_ ? *trouble_
                                      : stopped);  // after a restart they are answered all the same
  load_me();
  if (after == After::start && should_run_) start_engine();
  removed_ = after == After::gone;
  for (auto& done : std::exchange(when_ended_, {})) done();
}

void Session::plan_start(Millis delay, std::optional<Error> cause) {
  cause_ = std::move(cause);
  start_timer_ = loop().after(delay, [this] {
    start_timer_ = 0;
    start_engine();
    env_.host.touched(*this);
  });
}

void Session::cancel_plans() {
  loop().cancel(std::exchange(start_timer_, 0));
  loop().cancel(std::exchange(ending_timer_, 0));
}

void Session::input(const std::function<void(engine::Engine&, Instant)>& work) {
  if (!engine_) return;
  work(*engine_, now());
  env_.host.touched(*this);
}

void Session::schedule_wake() {
  const engine::Engine* engine = current();
  const auto next = engine != nullptr ? engine->next_wake() : std::nullopt;
  const Millis at = next.value_or(0);
  if (at == wake_at_ && (wake_timer_ != 0) == next.has_value()) return;
  loop().cancel(std::exchange(wake_timer_, 0));
  wake_at_ = at;
  if (!next) return;
  wake_timer_ = loop().at(at, [this] {
    wake_timer_ = 0;
    if (engine::Engine* due = current()) due->wake(now());
    env_.host.touched(*this);
  });
}

Millis Session::overdue(Millis mono) const {
  const engine::Engine* engine = current();
  const auto next = engine != nullptr ? engine->next_wake() : std::nullopt;
  return next && *next < mono ? mono - *next : 0;
}

// Messages expire also while the session is stopped.
void Session::mind_expiry() {
  if (engine_ || clerk_ || removed_ || !store::Outbox(env_.database, id_).can_expire()) return;
  sender().wake(now());
}

void Session::collect() {
  for (;;) {
    mind_expiry();
    while (engine_ && engine_->has_effects()) {
      for (auto& effect : engine_->take_effects()) handle(effect);
    }
    while (clerk_ && clerk_->has_effects()) {
      for (auto& effect : clerk_->take_effects()) handle(effect);
    }
    if (engine_) state_ = engine_->state();
    const bool stopped = !engine_ || state_ == engine::State::stopped || state_ == engine::State::failed;
    if (!ending_ || !stopped) break;
    engine_stopped();
  }
  if (engine_ && !ending_) clerk_.reset();
  answer_at_once();
  status_changed(false);
  answer_qr_waiters();
  schedule_wake();
}

void Session::release() {
  sends_.committed();
  std::vector<Bytes> messages;  // leave in one piece: a system call each, and for TLS a record, is dear
  const auto flush = [&] {
    if (!messages.empty()) link_->write(std::exchange(messages, {}));
  };
  for (auto& effect : std::exchange(outgoing_, {})) {
    if (auto* write = std::get_if<engine::Write>(&effect)) {
      messages.push_back(std::move(write->bytes));
      continue;
    }
    flush();
    if (std::holds_alternative<engine::Connect>(effect)) link_->connect();
    if (std::holds_alternative<engine::Disconnect>(effect)) link_->disconnect();
  }
  flush();
}

bool Session::can_wait() const {
  return std::ranges::all_of(outgoing_, [](const engine::Effect& effect) {
    const auto* write = std::get_if<engine::Write>(&effect);
    return write != nullptr && write->can_wait;
  });
}

void Session::storage_failed(const Error& error, const store::SessionRow& row, SessionConfig config) {
  link_->drop();
  outgoing_.clear();
  engine_.reset();
  clerk_.reset();
  at_once_.clear();
  keys_.forget();
  state_ = engine::State::stopped;
  forget_health();
  health_log_.rolled_back();
  ending_.reset();
  when_ended_.clear();
  removed_ = false;
  cancel_plans();
  for (auto& waiter : sends_.take_uncommitted()) {
    loop().cancel(waiter.timer);
    waiter.reply(error);
  }
  for (auto& [id, check] : std::exchange(checks_, {})) {
    loop().cancel(check.timer);
    check.reply(error);
  }
  for (auto& [id, waiter] : std::exchange(qr_waiters_, {})) {
    loop().cancel(waiter.timer);
    waiter.reply(error);
  }
  config_ = std::move(config);
  should_run_ = row.running;
  load_me();
  schedule_wake();
  if (should_run_ && !given_up_ && !env_.host.shutting_down()) plan_start(kStoragePause, error);
}

void Session::status_changed(bool tell_again) {
  const SessionStatus current = status();
  const bool changed = current != told_;
  if (removed_ || (!changed && !tell_again)) return;
  told_ = current;
  if (changed) health_since_ = now().wall;
  const bool has_cause = current == SessionStatus::failed || current == SessionStatus::starting;
  const auto reason = has_cause ? why() : std::nullopt;
  if (changed) {
    log::notice(current == SessionStatus::working ? "session online" : "session status",
                {{"session", name_},
                 {"status", std::string(status_name(current))},
                 {"cause", reason ? std::string(cause_name(reason->cause)) : "none"},
                 {"detail", reason ? reason->detail : ""}});
  }
  // Each QR is told when it is there to be fetched.
  if (current == SessionStatus::scan_qr_code && !tell_again) return;
  const Instant at = now();
  recent_.emplace_back(current, at.wall);
  if (recent_.size() > 3) recent_.erase(recent_.begin());
  env_.host.tell(*this, make_event("session.status", StatusChange{current, recent_, reason}, at,
                                   make_ulid(at.wall, env_.random)));
  tell_limits();
}

void Session::handle(engine::Effect& effect) {
  std::visit(
      [this, &effect](auto& value) {
        using T = std::decay_t<decltype(value)>;
        constexpr bool outgoing = std::is_same_v<T, engine::Connect> || std::is_same_v<T, engine::Write> ||
                                  std::is_same_v<T, engine::Disconnect>;
        if constexpr (outgoing) {
          outgoing_.push_back(std::move(effect));
        } else {
          handle(value);
        }
      },
      effect);
}

void Session::handle(engine::StateChanged& changed) {
  state_ = changed.state;
  if (ending_) return;  // why it ends is known better here
  cause_ = std::move(changed.cause);
  if (state_ == engine::State::failed) {
    forget_health();
    close_sends(
        cause_.value_or(fail(Cause::not_linked, "the session failed; what was accepted stays queued")));
  }
  status_changed(false);
}

void Session::handle(engine::QrShown&) {
  state_ = engine::State::pairing;
  status_changed(true);
}

void Session::handle(engine::Linked& linked) {
  log::notice("linked", {{"session", name_},
                         {"pn", linked.pn.text()},
                         {"lid", linked.lid.text()},
                         {"platform", linked.platform}});
}

void Session::handle(engine::Unlinked& unlinked) {
  close_sends(unlinked.cause);
  me_.reset();
  timelock_.reset();
  capping_.reset();
  timelock_untold_ = capping_untold_ = false;
  log::warning("unlinked", {{"session", name_},
                            {"cause", std::string(cause_name(unlinked.cause.cause))},
                            {"detail", unlinked.cause.detail},
                            {"code", std::to_string(unlinked.cause.code)}});
}

void Session::handle(engine::MessageEvent& message) {
  const Instant at = now();
  for (auto& name : event_names(config_, message)) {
    env_.host.tell(*this, make_event(std::move(name), message, at, make_ulid(at.wall, env_.random)));
  }
}

void Session::handle(engine::AckEvent& ack) {
  const Instant at = now();
  for (auto& name : event_names(config_, ack)) {
    env_.host.tell(*this, make_event(std::move(name), ack, at, make_ulid(at.wall, env_.random)));
  }
}

}  // namespace pigeond::gateway
