// A session's life: the steps that its table asks for.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "gateway/session/session.h"
#include "store/api_keys.h"
#include "store/messages/messages.h"
#include "store/webhooks/webhooks.h"

namespace pigeond::gateway {
namespace {

// So long callers wait for the service to confirm that the device is unlinked.
constexpr Millis kUnlinkTime = 10 * kSecond;
// After a failed commit: a disk that is full or gone doesn't come back within a tick.
constexpr Millis kStoragePause = 5 * kSecond;
// What a removed session has to tell is given so long to reach its receivers.
constexpr Millis kLastWords = 3 * kSecond;
constexpr Millis kLastWordsLook = 200;
// Between tries of a session whose rows or stanzas break its part of the tick.
constexpr Millis kFirstPause = 5 * kSecond;
constexpr Millis kLongestPause = kHour;

Millis pause_after(int falls) {
  return std::min(kLongestPause, kFirstPause << std::min(falls - 1, 20));
}

}  // namespace

void Session::live(LifeEvent event, const std::optional<Error>& why) {
  const LifeMove move = life_move(phase_, event);
  if (log::debugs(name_))
    log::debug("session life", {{"session", name_},
                                {"phase", std::string(phase_name(phase_))},
                                {"event", std::string(life_event_name(event))},
                                {"next", std::string(phase_name(move.next))}});
  if (is_call(event) && (move.steps & step::refuse) == 0) {
    healing_.forget();
    falls_ = 0;
  }
  phase_ = move.next;
  if (event == LifeEvent::start || event == LifeEvent::stop || event == LifeEvent::restart) before_ = phase_;
  perform(move.steps, event, why);
  save_life();
}

void Session::perform(Steps steps, LifeEvent event, const std::optional<Error>& why) {
  const auto has = [steps](Steps one) { return (steps & one) != 0; };
  const bool confirmed = event == LifeEvent::unlinked;
  const bool had_account = linked();
  if (has(step::call_off)) partings_.called_off();
  if (has(step::pending)) {
    limit_.stop();
    const bool known = cause_ && cause_->cause != Cause::connecting;
    const Error reason = why     ? *why
                         : known ? *cause_
                                 : fail(Cause::timed_out, "the service could not be asked in time");
    departure_ = Departure{false, false, reason};
    cause_ = reason;
    partings_.pending(reason);
    board_.departed(*departure_);
  }
  if (has(step::stay)) {
    departure_.reset();
    plan_.stop();
    if (engine_) engine_->stay(now());
  }
  if (has(step::farewell) && engine_ && had_account && state_ == engine::State::online)
    engine_->depart(now());
  if (has(step::halt)) halt(steps);
  if (has(step::erase)) {
    Departure how{confirmed || !had_account, true, std::nullopt};
    if (!how.unlinked) how.cause = fail(Cause::cancelled, "the service was not waited for");
    erase(how);
  }
  if (has(step::launch) || (has(step::revive) && (!engine_ || state_ == engine::State::failed))) {
    if (engine_) halt(step::launch);
    launch();
  }
  if (has(step::plan)) plan_.set(plan_delay_, [this] { live(LifeEvent::due); });
  if (has(step::ask)) ask_to_depart();
  if (has(step::settle)) {
    last_words_until_ = now().mono + kLastWords;
    tell_the_last();
  }
  if (has(step::remove)) {
    store::SessionTable(database()).remove(id_);
    store::ApiKeys(database()).session_removed(name_);
    partings_.removed(departed_);
  }
  if (has(step::close)) {
    const Error closing = fail(Cause::shutting_down, "the gateway is stopping");
    codes_.close(closing);
    partings_.close(closing);
  }
}

// The row has what a restart of the program has to know.
void Session::save_life() {
  if (phase_ == Phase::gone || phase_ == Phase::closed) return;
  const std::pair life(runs(phase_), parting(phase_));
  if (saved_ == life) return;
  saved_ = life;
  store::SessionTable(database()).set_life(id_, life.first, static_cast<int>(life.second));
}

void Session::halt(Steps steps) {
  plan_.stop();
  limit_.stop();
  departure_.reset();
  const bool given_up = phase_ == Phase::failed;
  halting_ = true;
  if (engine_) {
    drain();
    if (given_up) engine_->end_troubled(now());
    engine_->stop(now());
    drain();
    engine_.reset();
    reading_.reset();
    outgoing_.emplace_back(engine::Disconnect{"the session was stopped"});
    load();
  }
  drain();
  clerk_.reset();
  halting_ = false;
  coming_.clear();  // it was about what has just ended
  state_ = engine::State::stopped;
  asked_.clear();
  const bool goes_on = (steps & step::launch) != 0;
  const Error stopped =
      fail(closing() ? Cause::shutting_down : Cause::cancelled,
           goes_on ? "the session was restarted" : "the session was stopped; what was accepted stays queued");
  questions_.close(stopped);
  if (goes_on || (steps & step::erase) != 0) return;  // who waits for a message is told its end
  sends_.close(given_up && healing_.trouble()   ? *healing_.trouble()
               : phase_ == Phase::ill && cause_ ? *cause_
                                                : stopped);
}

void Session::launch() {
  drain();
  clerk_.reset();
  cause_.reset();
  engine_ = make_engine();
  if (!engine_->credentials().linked()) env_.host.version_wanted();
  engine_->start(now());
  state_ = engine_->state();
}

// What was accepted ends here, and says so, before its rows go; first that there was such a message, where
// nobody was told of it.
void Session::erase(const Departure& how) {
  const Error why = fail(Cause::logged_out, "the message was dropped: its account was logged out on request");
  dropped_ = 0;
  halting_ = true;  // says nothing about the session's health
  for (const auto& row : store::Outbox(database(), id_).all()) {
    ++dropped_;
    if (row.untold) {
      clerk().tell(now(), row.id);
      drain();
    }
    engine::SendDone done{0, row.id, row.chat, row.created / kSecond, why};
    handle(done);
    engine::AckEvent ack = engine::dropped_message(row.id, row.chat, now().unix_seconds(), why);
    const Forms chat = forms_of(database(), id_, ack.chat);
    ack.chat = chat.shown;
    ack.chat_pn = chat.pn;
    ack.chat_lid = chat.lid;
    ack.told_chat = store::Messages(database(), id_).told_chat(row.id, chat.shown, chat.lid);
    handle(ack);
  }
  halting_ = false;
  clerk_.reset();
  store::SessionTable(database()).erase_account(id_);
  log::notice("account erased", {{"session", name_},
                                 {"unlinked", how.unlinked ? "yes" : "not confirmed"},
                                 {"messages_dropped", std::to_string(dropped_)}});
  sends_.close(why);
  cause_.reset();
  me_.reset();
  limits_.forget();
  departed_ = how;
  partings_.erased(how);
  board_.departed(how);
}

void Session::ask_to_depart() {
  plan_.stop();
  if (is_unlinking(phase_)) {
    limit_.set(kUnlinkTime, [this] { live(LifeEvent::unconfirmed); });
    departure_.reset();
    cause_.reset();
  }
  drain();
  clerk_.reset();
  if (!engine_) engine_ = make_engine();
  questions_.close(fail(Cause::logged_out, "the session is being logged out"));
  if (engine_->credentials().linked()) return engine_->depart(now());
  coming_.emplace_back(LifeEvent::unlinked, std::nullopt);
}

// A removed session's webhooks go with it: what has to be known outside is given a moment to get there.
void Session::tell_the_last() {
  if (dropped_ == 0 && departed_.unlinked) return coming_.emplace_back(LifeEvent::told, std::nullopt), void();
  plan_.set(kLastWordsLook, [this] {
    bool untold = false;
    for (const auto& queue : store::webhook_queues(database(), id_))
      untold = untold || store::webhook_queue_state(database(), queue.queue).pending > 0;
    if (!untold || now().mono >= last_words_until_) return live(LifeEvent::told);
    tell_the_last();
  });
}

// --- when rows are not what they were thought to be ---

void Session::throw_away() {
  link_->drop();
  outgoing_.clear();
  engine_.reset();
  reading_.reset();
  clerk_.reset();
  coming_.clear();
  state_ = engine::State::stopped;
  asked_.clear();
  saved_.reset();
  departure_.reset();
  plan_.stop();
  limit_.stop();
  wake_.stop();
  healing_.rolled_back();
}

void Session::broken(const Error& error, SessionConfig config) {
  throw_away();
  board_.part_rolled_back();
  configure(std::move(config));
  log::error("a session broke its part of the tick", {{"session", name_},
                                                      {"cause", std::string(cause_name(error.cause))},
                                                      {"detail", error.detail},
                                                      {"code", std::to_string(error.code)}});
  healing_.forget();
  sends_.part_rolled_back(error);
  questions_.close(error);
  codes_.close(error);
  partings_.close(error);
  cause_ = error;
  const Millis mono = now().mono;
  if (falls_ > 0 && mono - last_fall_ > 2 * kLongestPause) falls_ = 0;
  last_fall_ = mono;
  plan_delay_ = pause_after(++falls_);
  cause_->retry_after = plan_delay_;
  phase_ = phase_after_break(before_, phase_);
  live(LifeEvent::broken);
  board_.update(false);
}

void Session::storage_failed(const Error& error, const store::SessionRow* row, SessionConfig config) {
  throw_away();
  board_.rolled_back();
  sends_.rolled_back(error);
  if (row != nullptr) sends_.restored(error);
  questions_.close(error);
  codes_.close(error);
  partings_.close(error);
  configure(std::move(config));
  if (phase_ == Phase::closed) return;
  cause_ = error;
  phase_ = committed_;
  if (phase_ == Phase::failed) return;  // a person has to start it, and sees why
  healing_.forget();
  const std::pair life = row != nullptr ? std::pair(row->running, static_cast<Parting>(row->parting))
                                        : std::pair(runs(committed_), parting(committed_));
  if (row != nullptr) saved_ = life;
  phase_ = committed_ = phase_of(life.first, life.second);
  if (phase_ == Phase::planned)
    wait_for_storage(LifeEvent::due);
  else if (phase_ != Phase::stopped)
    wait_for_storage(LifeEvent::boot);
}

void Session::abandon(const Error& why) {
  throw_away();
  healing_.forget();
  phase_ = Phase::gone;
  sends_.abandon(why);
  questions_.close(why);
  codes_.close(why);
  partings_.close(why);
  for (auto& work : std::exchange(inbox_, {})) work();  // calls, which are refused
  codes_.close(why);
}

// While there is no database at all an engine would make keys that nobody can keep.
void Session::wait_for_storage(LifeEvent event) {
  plan_.set(kStoragePause, [this, event] {
    if (env_.host.storage_lost()) return wait_for_storage(event);
    live(event);
  });
}

}  // namespace pigeond::gateway
