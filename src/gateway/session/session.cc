#include "gateway/session/session.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "store/account/credentials.h"

namespace pigeond::gateway {
namespace {

SessionStatus map_state(engine::State state) {
  switch (state) {
    case engine::State::stopped:
    case engine::State::connecting:
      return SessionStatus::starting;
    case engine::State::pairing:
      return SessionStatus::pairing;
    case engine::State::passkey:
      return SessionStatus::passkey;
    case engine::State::comparison:
      return SessionStatus::comparison;
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

Error no_session(const std::string& name) {
  return fail(Cause::not_found, "Session \"" + name + "\" does not exist");
}

std::string_view status_word(SessionStatus status) {
  switch (status) {
    case SessionStatus::stopped:
      return "stopped";
    case SessionStatus::starting:
      return "starting";
    case SessionStatus::pairing:
      return "pairing";
    case SessionStatus::working:
      return "working";
    case SessionStatus::passkey:
      return "passkey";
    case SessionStatus::comparison:
      return "comparison";
    case SessionStatus::failed:
      break;
  }
  return "failed";
}

Session::Session(const SessionEnvironment& environment, const store::SessionRow& row, SessionConfig config)
    : Account(environment, row.id, row.name, std::move(config)),
      phase_(phase_of(row.running, static_cast<Parting>(row.parting))),
      before_(phase_),
      committed_(phase_),
      saved_(std::pair(row.running, static_cast<Parting>(row.parting))),
      plan_(*this),
      limit_(*this),
      wake_(*this),
      board_(*this),
      limits_(*this, board_),
      healing_(*this, environment.restarts,
               {[this](const Error& why) {
                  if (phase_ != Phase::running) return;
                  halt(step::launch);
                  launch();
                  cause_ = why;
                },
                [this] { coming_.emplace_back(LifeEvent::given_up, std::nullopt); }}),
      sends_(*this),
      outbox_(*this),
      questions_(*this),
      codes_(*this),
      partings_(*this) {
  Link::Callbacks callbacks;
  callbacks.on_up = [this] { from_link([this](engine::Engine& engine) { engine.link_up(now()); }); };
  callbacks.on_message = [this](ByteView message) {
    activity_ = now().wall;
    from_link([this, bytes = to_bytes(message)](engine::Engine& engine) { engine.receive(now(), bytes); });
  };
  callbacks.on_down = [this](const Error& why) {
    from_link([this, why](engine::Engine& engine) { engine.link_down(now(), why); });
  };
  link_ = env_.outside.make_link(name_, std::move(callbacks));
  log::watch(name_, config_->debug);
}

Session::~Session() {
  log::watch(name_, false);
}

void Session::configure(SessionConfig config) {
  config_ = std::make_shared<const SessionConfig>(std::move(config));
  log::watch(name_, config_->debug);
}

// --- how it is doing ---

SessionStatus Session::status() const {
  switch (phase_) {
    case Phase::stopped:
    case Phase::removing:
    case Phase::gone:
    case Phase::closed:
      return SessionStatus::stopped;
    case Phase::planned:
      return SessionStatus::starting;
    case Phase::failed:
    case Phase::ill:
      return SessionStatus::failed;
    case Phase::running: {
      const SessionStatus current = map_state(state_);
      return current == SessionStatus::working && healing_.heals() ? SessionStatus::starting : current;
    }
    default:  // unlinking, parting: nothing can be sent, whatever the link does
      return state_ == engine::State::failed ? SessionStatus::failed : SessionStatus::starting;
  }
}

std::optional<Error> Session::cause() const {
  if ((phase_ == Phase::failed || healing_.heals()) && healing_.trouble()) return healing_.trouble();
  if (cause_) return cause_;
  if (taking_leave()) return fail(Cause::connecting, "the device is being unlinked");
  return fail(Cause::connecting,
              phase_ == Phase::planned ? "it starts in a moment" : "the link is being made");
}

std::optional<NextStep> Session::next() const {
  const SessionStatus current = status();
  if (current == SessionStatus::failed && engine_) {
    if (const auto connect = engine_->next_connect()) return NextStep{"connect", wall_of(*connect)};
  }
  if (current != SessionStatus::starting && phase_ != Phase::ill) return std::nullopt;
  if (plan_.is_set()) return NextStep{is_parting(phase_) ? "unlink" : "start", wall_of(plan_.at())};
  if (limit_.is_set()) return NextStep{"unlink", wall_of(limit_.at())};
  if (const auto healing = healing_.next()) return healing;
  if (const auto connect = engine_ ? engine_->next_connect() : std::nullopt)
    return NextStep{"connect", wall_of(*connect)};
  const auto wake = engine_ ? engine_->next_wake() : std::nullopt;
  return NextStep{link_->exists() ? "login" : "connect", wall_of(wake.value_or(now().mono))};
}

SessionInfo Session::info() const {
  SessionInfo out;
  out.name = name_;
  out.status = status();
  if (out.status == SessionStatus::starting || out.status == SessionStatus::failed) out.cause = cause();
  if (is_linking(out.status)) {
    out.cause = cause_;
    out.asked = asked_;
  }
  out.next = next();
  out.departure = departure_;
  out.config = config_;
  out.me = me();
  out.online = out.status == SessionStatus::working && engine_ && engine_->available();
  out.activity = activity_;
  return out;
}

SessionInfo Session::whole_info() const {
  SessionInfo out = info();
  out.health = healing_.health(board_.since());
  if (const Millis until = healing_.back_off_until(); until > 0) out.health->retry_after = until - now().mono;
  return out;
}

SessionBoard::Shown Session::shown() {
  auto out = std::make_shared<ShownSession>();
  out->row = id_;
  out->info = info();
  out->health = healing_.health(board_.since());
  out->back_off_until = healing_.back_off_until();
  out->open_steps = healing_.log().open_steps();
  out->newest_step = healing_.log().newest_step();
  out->outbox = outbox_.look();
  return out;
}

std::optional<Me> Session::me() const {
  auto out = engine_ ? me_of(engine_->credentials()) : me_;
  if (out) limits_.show(*out);
  return out;
}

void Session::load() {
  me_.reset();
  if (auto name = store::CredentialsTable(database(), id_).name())
    me_ = Me{std::move(name->pn), std::move(name->lid), std::move(name->push_name), {}, {}};
  limits_.load();
  healing_.load();
}

engine::Engine* Session::engine() const {
  return phase_ == Phase::running && !halting_ ? engine_.get() : nullptr;
}

engine::Engine& Session::clerk() {
  if (engine_) return *engine_;
  if (!clerk_) clerk_ = make_engine();
  return *clerk_;
}

bool Session::linked() const {
  return engine_ ? engine_->credentials().linked() : me_.has_value();
}

bool Session::taking_leave() const {
  return is_unlinking(phase_) || is_parting(phase_) || phase_ == Phase::removing || phase_ == Phase::gone;
}

// --- calls ---

void Session::later(std::function<void()> work) {
  inbox_.push_back(std::move(work));
  env_.host.touched(*this);
}

// What has happened in this round comes first: else a text that was just acknowledged has left the outbox,
// and who asks for it again does not find its end.
void Session::on_call(std::function<void()> work) {
  later([this, work = std::move(work)] {
    drain();
    work();
  });
}

void Session::boot(Millis delay) {
  later([this, delay] {
    plan_delay_ = delay;
    live(LifeEvent::boot);
  });
}

void Session::call(LifeEvent event) {
  later([this, event] { live(event); });
}

void Session::part(LifeEvent event, Reply<Departure> reply) {
  later([this, event, reply = std::move(reply)]() mutable {
    if ((life_move(phase_, event).steps & step::refuse) != 0)
      return answer<Departure>(std::move(reply), closing()
                                                     ? fail(Cause::shutting_down, "the gateway is stopping")
                                                     : fail(Cause::not_found, "the session is gone"));
    partings_.add(event == LifeEvent::remove || event == LifeEvent::force_remove, std::move(reply));
    live(event);
  });
}

void Session::shut_down() {
  later([this] { live(LifeEvent::shutdown); });
}

void Session::version_raised() {
  later([this] {
    if (engine_) engine_->version_raised(now());
  });
}

void Session::update(SessionConfig config) {
  later([this, config = std::move(config)]() mutable {
    if (is_gone()) return;
    store::SessionTable(database()).set_config(id_, config.raw);
    const bool rerouted = !net::same_way(config_->proxy, config.proxy);
    configure(std::move(config));
    if (engine_) {
      engine_->set_pacing(now(), config_->pacing);
      engine_->set_ignored(config_->ignored);
    }
    if (rerouted) reroute();
  });
}

// Its rows are not there any more, and another session's may have its id.
template <typename T>
bool Session::refuses(Reply<T>& reply) const {
  if (!is_gone()) return false;
  answer<T>(std::move(reply), fail(Cause::not_found, "the session is gone"));
  return true;
}

void Session::send(SendRequest request, Millis deadline, Reply<SentMessage> reply) {
  on_call([this, request = std::move(request), deadline, reply = std::move(reply)]() mutable {
    if (!refuses(reply)) sends_.send(std::move(request), deadline, std::move(reply));
  });
}

void Session::cancel_message(std::string id, Reply<bool> reply) {
  on_call([this, id = std::move(id), reply = std::move(reply)]() mutable {
    if (!refuses(reply)) sends_.cancel(id, std::move(reply));
  });
}

void Session::ask(Asking asking, Millis deadline, Reply<Found> reply) {
  on_call([this, asking = std::move(asking), deadline, reply = std::move(reply)]() mutable {
    questions_.ask(std::move(asking), deadline, std::move(reply));
  });
}

void Session::qr(Millis wait, Reply<Qr> reply) {
  on_call([this, wait, reply = std::move(reply)]() mutable { codes_.ask(wait, std::move(reply)); });
}

// --- the tick ---

void Session::collect() {
  before_ = phase_;
  board_.begin_part();
  while (!inbox_.empty())
    for (auto& work : std::exchange(inbox_, {})) work();
  for (;;) {
    mind_expiry();
    drain();
    if (coming_.empty()) break;
    const auto [event, why] = coming_.front();
    coming_.erase(coming_.begin());
    live(event, why);
  }
  sends_.answer_at_once();
  drain();  // a message that was not told yet is told before it is answered
  if (!is_gone() && board_.update(false)) limits_.tell();
  codes_.settle();
  schedule_wake();
}

void Session::release() {
  committed_ = phase_;
  board_.committed();
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
    if (std::holds_alternative<engine::Connect>(effect)) link_->connect(config_->proxy);
    if (std::holds_alternative<engine::Disconnect>(effect)) link_->disconnect();
    if (auto* wanted = std::get_if<engine::FetchHistory>(&effect)) read_history(std::move(*wanted));
    if (const auto* read = std::get_if<engine::DeleteHistory>(&effect)) delete_history(*read);
  }
  flush();
  link_of_ = connects_;
}

bool Session::can_wait() const {
  return std::ranges::all_of(outgoing_, [](const engine::Effect& effect) {
    const auto* write = std::get_if<engine::Write>(&effect);
    return write != nullptr && write->can_wait;
  });
}

}  // namespace pigeond::gateway
