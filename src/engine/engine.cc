#include "engine/engine.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "engine/engine_impl.h"
#include "engine/messages/desk.h"
#include "engine/pairing/new_device.h"
#include "store/sessions.h"

namespace pigeond::engine {
namespace {

constexpr Millis kDepartureAnswer = 3 * kSecond;  // whatsapp-rust waits as long

Error unanswered() {
  return fail(Cause::timed_out, "the service did not answer the request to unlink the device");
}

}  // namespace

Error unscanned() {
  return fail(Cause::timed_out, "no one scanned the QR");
}

Engine::Impl::Impl(store::Database& database, std::int64_t session, std::string name,
                   const ClientProfile& profile, Random& random)
    : context{{}, random, database, session, std::move(name), profile, {}, {}, {}},
      backlog(context, *this,
              [this] {
                if (phase == Phase::online) chat->backlog_in();
              }),
      pre_keys(context, *this),
      pairing(context, *this),
      login(context, *this, pre_keys),
      chat(std::make_unique<Chat>(context, *this)) {
  load_credentials();
}

bool Engine::Impl::load_credentials() {
  if (credentials_loaded) return true;
  auto stored = store::CredentialsTable(context.database, context.session).load();
  if (!stored) return false;
  context.credentials = std::move(*stored);
  credentials_loaded = true;
  return true;
}

void Engine::Impl::settle() {
  if (broken) {
    const Error why = *std::exchange(broken, std::nullopt);
    if (link) lose(why);
  }
  if (phase != Phase::pairing) return;
  if (!pairing.wants_new_link()) return set_state(pairing.state(), pairing.trouble(), pairing.asked());
  const Error why = fail(Cause::connecting, "a new link is made to link the account on");
  drop_link(why);
  reconnect(why, true);
}

void Engine::Impl::start() {
  if (running()) return;
  if (!load_credentials()) {
    // A database that can't be read must not look like a session without an account.
    if (context.database.failed()) return;
    context.credentials =
        create_device(context.database, context.session, context.now.unix_seconds(), context.random);
    credentials_loaded = true;
  }
  connect_at.reset();
  pairing.restart();
  backoff.reset();
  refusals = displaced = 0;
  if (context.credentials.linked()) chat->load();
  connect();
}

void Engine::Impl::stop() {
  if (phase == Phase::stopped) return;
  const Error why = fail(Cause::shutting_down, "the session was stopped");
  departing = false;
  drop_link(why);
  connect_at.reset();
  phase = Phase::stopped;
  chat->forget();
  set_state(State::stopped);
}

void Engine::Impl::depart() {
  if (!context.credentials.linked()) return;
  departing = true;
  if (!running()) return start();
  if (authenticated && phase != Phase::departing) return ask_to_forget();
  if (phase != Phase::waiting) return;
  backoff.reset();  // somebody waits
  connect();
}

void Engine::Impl::ask_to_forget() {
  wire::Node remove("remove-companion-device");
  remove.set("jid", context.credentials.pn).set("reason", "user_initiated");
  wire::Node iq("iq");
  iq.set("to", wire::service()).set("type", "set").set("xmlns", "md");
  iq.add(std::move(remove));
  phase = Phase::departing;
  set_state(State::connecting, fail(Cause::connecting, "the device is being unlinked"));
  deadline = context.now.mono + kDepartureAnswer;
  query(std::move(iq), [this](Result<wire::Node> answer) {
    if (phase != Phase::departing || !link) return;
    if (answer) return departed();
    broken = answer.error();  // given up once the stack has unwound
  });
}

void Engine::Impl::departed() {
  drop_link(fail(Cause::logged_out, "logged out on request"));
  connect_at.reset();
  phase = Phase::stopped;
  departing = false;
  chat->forget();
  context.emit(Departed{});
  set_state(State::stopped);
}

// It is asked again on the next link, should it not have heard the question.
void Engine::Impl::not_departed(const Error& why) {
  log_warning("the device was not unlinked", why);
  context.emit(Departed{why});
  drop_link(why);
  reconnect(why, false);
}

void Engine::Impl::stay() {
  if (!std::exchange(departing, false)) return;
  const Error why = fail(Cause::link_lost, "the unlink was called off");
  if (phase == Phase::departing) {
    drop_link(why);
    reconnect(why, true);
  }
}

void Engine::Impl::erase(const Error& why) {
  const bool linked = context.credentials.linked();
  store::SessionTable(context.database).unlink_account(context.session);
  context.credentials = {};
  credentials_loaded = false;
  chat = std::make_unique<Chat>(context, *this);
  log::notice("account erased",
              {{"session", context.session_name}, {"cause", std::string(cause_name(why.cause))}});
  if (linked) context.emit(Unlinked{why});
}

void Engine::Impl::wake() {
  const Millis mono = context.now.mono;
  if (connect_at && mono >= *connect_at) connect();
  if (deadline && mono >= *deadline) {
    if (phase == Phase::departing) return not_departed(unanswered());
    deadline.reset();
    return lose(
        fail(Cause::timed_out, phase == Phase::connecting ? "connecting" : "waiting for the server's word"));
  }
  if (link) {
    iqs.expire(mono);
    switch (keepalive.wake(mono, context.random)) {
      case Keepalive::Action::none:
        break;
      case Keepalive::Action::ping:
        ping();
        break;
      case Keepalive::Action::dead:
        return lose(fail(Cause::timed_out, "no sign of life from the server"));
    }
  }
  if (pairing.wake()) {
    const Error lapsed = fail(Cause::timed_out, "the codes lapsed");
    drop_link(lapsed);
    context.emit(VersionDoubted{announced});
    if (pairing.exhausted()) return fail_session(unscanned());
    reconnect(lapsed, true);
  }
  if (authenticated) pre_keys.wake();
  backlog.wake();
  chat->wake();
}

std::optional<Millis> Engine::Impl::next_wake() const {
  std::optional<Millis> next;
  const auto consider = [&next](std::optional<Millis> other) {
    if (other && (!next || *other < *next)) next = other;
  };
  consider(connect_at);
  consider(deadline);
  if (link) {
    consider(iqs.next_wake());
    consider(keepalive.next_wake());
  }
  consider(pairing.next_wake());
  if (authenticated) consider(pre_keys.next_wake());
  consider(backlog.next_wake());
  consider(chat->next_wake());
  return next;
}

// --- the face of it ---

Engine::Engine(store::Database& database, std::int64_t session, std::string session_name,
               const ClientProfile& profile, Random& random)
    : impl_(std::make_unique<Impl>(database, session, std::move(session_name), profile, random)) {}

Engine::~Engine() = default;

void Engine::start(Instant now) {
  impl_->enter(now);
  impl_->start();
  impl_->settle();
}

void Engine::stop(Instant now) {
  impl_->enter(now);
  impl_->stop();
  impl_->settle();
}

void Engine::depart(Instant now) {
  impl_->enter(now);
  impl_->depart();
  impl_->settle();
}

void Engine::stay(Instant now) {
  impl_->enter(now);
  impl_->stay();
  impl_->settle();
}

void Engine::link_up(Instant now) {
  impl_->enter(now);
  impl_->link_up();
  impl_->settle();
}

void Engine::receive(Instant now, ByteView bytes) {
  impl_->enter(now);
  impl_->receive(bytes);
  impl_->settle();
}

void Engine::link_down(Instant now, const Error& why) {
  impl_->enter(now);
  if (!std::exchange(impl_->connected, false)) return;
  impl_->lose(why);
  impl_->settle();
}

void Engine::wake(Instant now) {
  impl_->enter(now);
  impl_->wake();
  impl_->settle();
}

std::optional<Millis> Engine::next_wake() const {
  return impl_->next_wake();
}

std::optional<Millis> Engine::next_connect() const {
  return impl_->connect_at;
}

void Engine::send(Instant now, Send request) {
  impl_->enter(now);
  if (impl_->phase == Impl::Phase::departing || !impl_->context.credentials.linked()) {
    impl_->context.emit(SendDone{request.request, std::move(request.id), std::move(request.to), 0,
                                 fail(Cause::not_linked, "the session has no account")});
    return;
  }
  impl_->chat->send(std::move(request));
  impl_->settle();
}

void Engine::version_raised(Instant now) {
  impl_->enter(now);
  impl_->version_raised();
  impl_->settle();
}

void Engine::reroute(Instant now) {
  impl_->enter(now);
  impl_->reroute();
  impl_->settle();
}

void Engine::set_pacing(Instant now, PacingPolicy policy) {
  impl_->enter(now);
  if (std::exchange(impl_->context.pacing, policy) != policy) impl_->chat->pacing_changed();
  impl_->settle();
}

void Engine::set_ignored(const IgnoredChats& chats) {
  impl_->context.ignored = chats;
}

Status Engine::cancel(Instant now, const std::string& id) {
  impl_->enter(now);
  const Status done = impl_->chat->cancel(id);
  impl_->settle();
  return done;
}

bool Engine::available() const {
  return impl_->chat->desk().presence.available();
}

void Engine::tell(Instant now, const std::string& id) {
  impl_->enter(now);
  impl_->chat->tell(id);
  impl_->settle();
}

std::optional<Standing> Engine::standing(const std::string& id) const {
  return impl_->chat->standing(id);
}

std::map<std::int64_t, Standing> Engine::standings() const {
  return impl_->chat->standings();
}

std::size_t Engine::waiting() const {
  return impl_->chat->waiting();
}

void Engine::ask(Instant now, const std::function<void(Desk&)>& question) {
  impl_->enter(now);
  question(impl_->chat->desk());
  impl_->settle();
}

void Engine::ask_pairing(Instant now, const std::function<void(Pairing&)>& question) {
  impl_->enter(now);
  question(impl_->pairing);
  impl_->settle();
}

void Engine::end_held(Instant now, const std::string& id) {
  impl_->enter(now);
  if (impl_->running()) impl_->chat->end_held(id);
  impl_->settle();
}

void Engine::end_troubled(Instant now) {
  impl_->enter(now);
  if (impl_->running()) impl_->chat->end_troubled();
  impl_->settle();
}

void Engine::take_history(Instant now, std::int64_t row, const HistoryItems& items) {
  impl_->enter(now);
  if (impl_->context.credentials.linked()) impl_->chat->take_history(row, items);
  impl_->settle();
}

void Engine::history_ended(Instant now, std::int64_t row, const Status& status) {
  impl_->enter(now);
  if (impl_->context.credentials.linked()) impl_->chat->history_ended(row, status);
  impl_->settle();
}

std::optional<Millis> Engine::service_time(Instant now) const {
  const auto& clock = impl_->context.server_clock;
  return clock.known() ? std::optional(clock.at(now)) : std::nullopt;
}

State Engine::state() const {
  return impl_->state;
}

const std::optional<QrShown>& Engine::qr() const {
  return impl_->pairing.qr();
}

const store::Credentials& Engine::credentials() const {
  return impl_->context.credentials;
}

Effects Engine::take_effects() {
  return std::exchange(impl_->context.effects, {});
}

bool Engine::has_effects() const {
  return !impl_->context.effects.empty();
}

}  // namespace pigeond::engine
