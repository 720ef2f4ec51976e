// One supervised account: its life (life.h), its engine and link, and the rooms of those who ask something of
// it.
//
// Inputs (calls, frames, timers) are kept until the session's turn in the tick. collect() is that turn: it
// works them off inside the session's part of the unit of work, and turns what the engine wants into events,
// answers and frames; release() performs the frames after the commit. What was rolled back alone is told by
// broken(), what the disk did not take by storage_failed(): both throw away what is in memory, and go on from
// the database.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/history/history_reading.h"
#include "gateway/session/account.h"
#include "gateway/session/codes.h"
#include "gateway/session/healing.h"
#include "gateway/session/life.h"
#include "gateway/session/limits.h"
#include "gateway/session/partings.h"
#include "gateway/session/questions.h"
#include "gateway/session/sends.h"
#include "gateway/session/session_board.h"
#include "gateway/session/shown_outbox.h"
#include "gateway/session/status_board.h"
#include "store/sessions.h"

namespace pigeond::gateway {

class Session final : public Account {
 public:
  // The row exists. Shows its account from the first load() on.
  Session(const SessionEnvironment& environment, const store::SessionRow& row, SessionConfig config);
  ~Session() override;

  SessionStatus status() const override;
  SessionInfo info() const;
  SessionInfo whole_info() const;  // with its health, as far as it is no rows
  // What others may look at, after a commit.
  SessionBoard::Shown shown();
  EventSession event_view() const { return {name_, config_->metadata, me()}; }
  bool should_run() const { return runs(phase_); }
  bool is_gone() const { return phase_ == Phase::gone; }  // its row goes, or has gone, with this tick

  // --- calls, worked off in its turn ---
  void boot(Millis delay);     // the process has begun: starts after `delay` ms if it shall run
  void call(LifeEvent event);  // start, stop or restart
  // logout, remove, and the forced ones. Answered within 15 s.
  void part(LifeEvent event, Reply<Departure> reply);
  void shut_down();       // closes the link, shall still run
  void version_raised();  // of the client, in the profile
  void update(SessionConfig config);
  void send(SendRequest request, Millis deadline, Reply<SentMessage> reply);
  void cancel_message(std::string id, Reply<bool> reply);
  void ask(Asking asking, Millis deadline, Reply<Found> reply);  // questions.h
  void qr(Millis wait, Reply<Qr> reply);

  // --- the tick ---
  void collect();
  void release();
  bool can_wait() const;  // what was collected holds nothing but acknowledgements and receipts
  std::size_t callers() const override { return sends_.size() + questions_.size(); }
  // `config`, here and below: what the row says, as far as that is known.
  void broken(const Error& error, SessionConfig config);
  // `row` nullptr: it can't be read.
  void storage_failed(const Error& error, const store::SessionRow* row, SessionConfig config);
  void abandon(const Error& why);  // its row is not there: before it is forgotten, everybody is told
  void load();                     // what it shows of its account
  bool mark_touched(bool touched) { return std::exchange(touched_, touched); }
  bool link_exists() const { return link_->exists(); }
  std::optional<Millis> service_time() const;  // Unix ms; none before a login
  // How long ago, in ms, the engine wanted to be woken and was not: 0 for a loop that keeps up.
  Millis overdue(Millis mono) const;

  // --- Account ---
  std::optional<Error> cause() const override;
  bool is_outdated() const { return cause_ && cause_->cause == Cause::outdated; }  // says the service
  const std::string& asked() const override { return asked_; }
  std::optional<Me> me() const override;
  engine::Engine* engine() const override;
  engine::Engine& clerk() override;
  bool linked() const override;
  bool taking_leave() const override;
  bool closing() const override { return phase_ == Phase::closed; }
  void later(std::function<void()> work) override;
  void tell(EventKind kind, EventPayload payload) override {
    env_.host.tell(*this, kind, std::move(payload));
  }

 private:
  void configure(SessionConfig config);
  void on_call(std::function<void()> work);
  // life
  void live(LifeEvent event, const std::optional<Error>& why = std::nullopt);
  void perform(Steps steps, LifeEvent event, const std::optional<Error>& why);
  void halt(Steps steps);
  void launch();
  void erase(const Departure& how);
  void ask_to_depart();
  void tell_the_last();
  void save_life();
  void throw_away();
  template <typename T>
  bool refuses(Reply<T>& reply) const;
  void wait_for_storage(LifeEvent event);
  std::optional<NextStep> next() const;
  Millis wall_of(Millis mono) const { return now().wall + std::max<Millis>(mono - now().mono, 0); }

  // the engine
  std::unique_ptr<engine::Engine> make_engine();
  engine::Engine* current() const { return engine_ ? engine_.get() : clerk_.get(); }
  void from_link(std::function<void(engine::Engine&)> work);
  void read_history(engine::FetchHistory wanted);
  void reroute();
  void delete_history(const engine::DeleteHistory& read);
  void drain();
  void schedule_wake();
  void mind_expiry();
  void handle(engine::Effect& effect);
  void handle(engine::StateChanged& changed);
  void handle(engine::QrShown& shown);
  void handle(engine::Linked& linked);
  void handle(engine::Unlinked& unlinked);
  void handle(engine::Departed& departed);
  void handle(engine::VersionDoubted&) { env_.host.version_doubted(); }
  void handle(engine::ExpiryTold& expiry) { env_.host.expiry_told(expiry); }
  void handle(engine::MessageEvent& message);
  void handle(engine::RawPartEvent& part);
  void handle(engine::AboutEvent& about);
  void handle(engine::AckEvent& ack);
  void handle(engine::CallEvent& call);
  void handle(engine::GroupEvent& event);
  void handle(engine::PresenceEvent& presence);
  void handle(engine::IdentityEvent& identity);
  void handle(engine::SendDone& done);
  void handle(engine::SendTrouble& trouble) { healing_.troubled(trouble); }
  void handle(engine::TimelockChanged& changed) { limits_.changed(changed); }
  void handle(engine::CappingChanged& changed) { limits_.changed(changed); }

  Phase phase_;
  Phase before_;                                                    // see phase_after_break()
  Phase committed_;                                                 // the phase of the last commit
  std::vector<std::pair<LifeEvent, std::optional<Error>>> coming_;  // found while effects were handled
  std::optional<std::pair<bool, Parting>> saved_;                   // what the row says; nullopt: not known
  std::optional<Error> cause_;                                      // of connecting, of failed, or of ill
  std::optional<Departure> departure_;                              // while the device is to be unlinked
  Departure departed_;                                              // the last one that was done
  std::size_t dropped_ = 0;                                         // messages, with the last account
  Millis last_words_until_ = 0;                                     // mono; of removing
  int falls_ = 0;                                                   // in a row, that its part was rolled back
  Millis last_fall_ = 0;                                            // mono
  Millis plan_delay_ = 0;
  Alarm plan_, limit_;

  std::optional<Me> me_;  // while there is no engine
  Millis activity_ = 0;
  std::unique_ptr<engine::Engine> engine_;
  // Takes messages while there is no engine, and ends what expires; never started.
  std::unique_ptr<engine::Engine> clerk_;
  engine::State state_ = engine::State::stopped;
  std::string asked_;     // of a person, in that state
  bool halting_ = false;  // what it says now is about its end
  Alarm wake_;
  std::unique_ptr<Link> link_;
  engine::Effects outgoing_;                 // towards WhatsApp, of this tick
  std::uint64_t connects_ = 0;               // that the engines asked for
  std::uint64_t link_of_ = 0;                // which of them the link is of
  std::unique_ptr<HistoryReading> reading_;  // that the engine asked for last
  std::uint64_t readings_ = 0;               // how many there were: what an earlier one says does not count
  std::vector<std::function<void()>> inbox_;
  bool touched_ = false;

  StatusBoard board_;
  Limits limits_;
  Healing healing_;
  Sends sends_;
  ShownOutbox outbox_;
  Questions questions_;
  Codes codes_;
  Partings partings_;
};

}  // namespace pigeond::gateway
