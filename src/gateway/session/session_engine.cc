// A session's engine: what it is told, and what becomes of what it wants.
#include <utility>

#include "base/log.h"
#include "gateway/events/kinds.h"
#include "gateway/session/session.h"

namespace pigeond::gateway {

std::unique_ptr<engine::Engine> Session::make_engine() {
  auto engine = std::make_unique<engine::Engine>(database(), id_, name_, env_.profile, env_.random);
  engine->set_pacing(now(), config_->pacing);
  engine->set_ignored(config_->ignored);
  return engine;
}

// What a link says counts only as long as it is the one that was asked for last.
void Session::from_link(std::function<void(engine::Engine&)> work) {
  later([this, link = link_of_, work = std::move(work)] {
    if (engine_ && link == connects_) work(*engine_);
  });
}

void Session::schedule_wake() {
  const engine::Engine* engine = current();
  const auto next = engine != nullptr ? engine->next_wake() : std::nullopt;
  if (!next) return wake_.stop();
  if (wake_.is_set() && wake_.at() == *next) return;
  wake_.set_at(*next, [this] {
    if (engine::Engine* due = current()) due->wake(now());
  });
}

// Each piece is worked off in a turn of its own, so that a long history holds up nobody; the next one is read
// after that.
void Session::read_history(engine::FetchHistory wanted) {
  const std::int64_t row = wanted.row;
  const std::uint64_t number = ++readings_;
  HistoryReading::Callbacks callbacks;
  callbacks.piece = [this, row, number](engine::HistoryItems items) {
    later([this, row, number, items = std::move(items)] {
      if (number != readings_ || !engine_ || !reading_) return;
      engine_->take_history(now(), row, items);
      reading_->more();
    });
  };
  callbacks.ended = [this, row, number](const Status& status) {
    later([this, row, number, status] {
      if (number != readings_) return;
      reading_.reset();
      if (engine_) engine_->history_ended(now(), row, status);
    });
  };
  reading_.reset();
  reading_ = std::make_unique<HistoryReading>(loop(), env_.outside, env_.history_turns, config_->proxy,
                                              std::move(wanted), std::move(callbacks));
}

// Neither a link goes on the former way any more, nor a history that is being fetched, which is asked for
// again. Only a request that deletes a file which was read may still be under way there.
void Session::reroute() {
  log::notice("the way to the service was changed",
              {{"session", name_}, {"proxy", config_->proxy ? config_->proxy->text() : "none"}});
  if (const auto former = std::exchange(reading_, nullptr)) {
    ++readings_;
    if (engine_)
      engine_->history_ended(now(), former->row(),
                             fail(Cause::link_lost, "the way to the service was changed"));
  }
  if (engine_) engine_->reroute(now());
}

// Whether it worked is of no consequence: the service forgets old files by itself.
void Session::delete_history(const engine::DeleteHistory& read) {
  auto request = env_.outside.media_request(read.host, read.path);
  request.proxy = config_->proxy;
  request.method = "DELETE";
  request.status_only = true;
  request.headers = media_headers();
  if (!read.secret.empty()) request.headers.push_back({"Companion_User_Secret", read.secret});
  env_.outside.media().send(request, [name = name_](const Result<net::HttpResponse>& answer) {
    log::debug(
        "history file deleted",
        {{"session", name}, {"status", answer ? std::to_string(answer->status) : answer.error().detail}});
  });
}

std::optional<Millis> Session::service_time() const {
  return engine_ ? engine_->service_time(now()) : std::nullopt;
}

Millis Session::overdue(Millis mono) const {
  const engine::Engine* engine = current();
  const auto next = engine != nullptr ? engine->next_wake() : std::nullopt;
  return next && *next < mono ? mono - *next : 0;
}

// Messages expire also while the session is stopped.
void Session::mind_expiry() {
  if (engine_ || clerk_ || is_gone() || !store::Outbox(database(), id_).can_expire()) return;
  clerk().wake(now());
}

void Session::drain() {
  while (engine_ && engine_->has_effects())
    for (auto& effect : engine_->take_effects()) handle(effect);
  while (clerk_ && clerk_->has_effects())
    for (auto& effect : clerk_->take_effects()) handle(effect);
  if (engine_) state_ = engine_->state();
}

void Session::handle(engine::Effect& effect) {
  std::visit(
      [this, &effect](auto& value) {
        using T = std::decay_t<decltype(value)>;
        constexpr bool outgoing = std::is_same_v<T, engine::Connect> || std::is_same_v<T, engine::Write> ||
                                  std::is_same_v<T, engine::Disconnect> ||
                                  std::is_same_v<T, engine::FetchHistory> ||
                                  std::is_same_v<T, engine::DeleteHistory>;
        if constexpr (outgoing) {
          if constexpr (std::is_same_v<T, engine::Connect>) ++connects_;
          outgoing_.push_back(std::move(effect));
        } else {
          handle(value);
        }
      },
      effect);
}

void Session::handle(engine::StateChanged& changed) {
  state_ = changed.state;
  asked_ = std::move(changed.asked);
  if (halting_) return;  // why it ends is known better here
  if (!is_parting(phase_) || changed.cause) cause_ = std::move(changed.cause);
  if (state_ == engine::State::failed) {
    healing_.forget();
    sends_.close(
        cause_.value_or(fail(Cause::not_linked, "the session failed; what was accepted stays queued")));
    if (is_unlinking(phase_)) coming_.emplace_back(LifeEvent::unconfirmed, cause_);
  }
  // Who only hears of changes would take a refusal for a link that takes long.
  const bool refused = cause_ && (cause_->cause == Cause::outdated || cause_->cause == Cause::proxy);
  if (board_.update(refused)) limits_.tell();
}

void Session::handle(engine::QrShown&) {
  state_ = engine::State::pairing;
  if (board_.update(true)) limits_.tell();
}

void Session::handle(engine::Linked& linked) {
  log::notice("linked", {{"session", name_},
                         {"pn", linked.pn.text()},
                         {"lid", linked.lid.text()},
                         {"platform", linked.platform}});
}

void Session::handle(engine::Unlinked& unlinked) {
  sends_.close(unlinked.cause);
  me_.reset();
  limits_.forget();
  log::warning("unlinked", {{"session", name_},
                            {"cause", std::string(cause_name(unlinked.cause.cause))},
                            {"detail", unlinked.cause.detail},
                            {"code", std::to_string(unlinked.cause.code)}});
  if (taking_leave()) coming_.emplace_back(LifeEvent::unlinked, std::nullopt);
}

void Session::handle(engine::Departed& departed) {
  if (departed.confirmed) return coming_.emplace_back(LifeEvent::unlinked, std::nullopt), void();
  // A link that broke, or a service that says nothing, is asked once more within the callers' time.
  const Error& why = departed.confirmed.error();
  cause_ = why;
  if (why.cause != Cause::link_lost && why.cause != Cause::timed_out)
    coming_.emplace_back(LifeEvent::unconfirmed, why);
}

void Session::handle(engine::MessageEvent& message) {
  if (message.from_api) sends_.told(message);
  if (const auto kind = kind_of(*config_, message)) tell(*kind, std::move(message));
}

void Session::handle(engine::RawPartEvent& part) {
  tell(EventKind::raw_part, std::move(part));
}

void Session::handle(engine::AboutEvent& about) {
  if (about.by.from_api) sends_.told(about.by);
  if (const auto kind = kind_of(*config_, about)) tell(*kind, std::move(about));
}

void Session::handle(engine::AckEvent& ack) {
  if (const auto kind = kind_of(*config_, ack)) tell(*kind, std::move(ack));
}

void Session::handle(engine::CallEvent& call) {
  if (const auto kind = kind_of(*config_, call)) tell(*kind, std::move(call));
}

void Session::handle(engine::GroupEvent& event) {
  if (const auto kind = kind_of(*config_, event)) tell(*kind, std::move(event));
}

void Session::handle(engine::PresenceEvent& presence) {
  if (const auto kind = kind_of(*config_, presence)) tell(*kind, std::move(presence));
}

void Session::handle(engine::IdentityEvent& identity) {
  if (const auto kind = kind_of(*config_, identity)) tell(*kind, std::move(identity));
}

void Session::handle(engine::SendDone& done) {
  const Forms chat = sends_.ended(done);
  if (done.request == 0) healing_.ended(done, chat);
}

}  // namespace pigeond::gateway
