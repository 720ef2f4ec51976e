// One link after the other: connecting, handshake, loss, delay, and the ends that a person has to look at.
#include <algorithm>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "engine/engine_impl.h"
#include "engine/pairing/client_payload.h"
#include "store/account/signal_rows.h"

namespace pigeond::engine {
namespace {

constexpr Millis kConnect = 60 * kSecond;    // DNS, TCP, TLS and WebSocket have their own, shorter ones
constexpr Millis kHandshake = 20 * kSecond;  // for each answer of the server
// Between tries with a version that was refused.
constexpr Millis kFirstRefusal = 5 * kMinute;
constexpr Millis kLongestRefusal = kHour;
// A connection that lasted so long was a good one: the next delay is the shortest again. The web client's
// number (whatsapp-rust src/client/lifecycle.rs).
constexpr Millis kStable = 30 * kSecond;
// After another program took this device's place: that one may go again, but while it is there, each try
// takes its place in turn. One that held so long was not disputed.
constexpr Millis kGiveWay[] = {10 * kMinute, kHour, 3 * kHour, 6 * kHour};
constexpr Millis kUndisputed = kHour;

}  // namespace

void Engine::Impl::log_warning(std::string_view event, const Error& why) const {
  log::warning(event, {{"session", context.session_name},
                       {"cause", std::string(cause_name(why.cause))},
                       {"code", std::to_string(why.code)},
                       {"detail", why.detail}});
}

void Engine::Impl::set_state(State next, std::optional<Error> cause, const std::string& asked) {
  const auto same = [](const std::optional<Error>& a, const std::optional<Error>& b) {
    return a.has_value() == b.has_value() &&
           (!a || (a->cause == b->cause && a->code == b->code && a->detail == b->detail));
  };
  if (next == state && same(cause, state_cause) && asked == state_asked) return;
  state = next;
  state_cause = cause;
  state_asked = asked;
  context.emit(StateChanged{next, std::move(cause), asked});
}

void Engine::Impl::connect() {
  connect_at.reset();
  outdated = false;
  phase = Phase::connecting;
  connected = true;
  deadline = context.now.mono + kConnect;
  set_state(State::connecting, state == State::connecting ? state_cause : std::nullopt);
  context.emit(Connect{});
}

void Engine::Impl::link_up() {
  if (phase != Phase::connecting) return;
  const auto& credentials = context.credentials;
  announced = context.profile.version;
  Link::Options options;
  options.ephemeral = crypto::generate_key_pair(context.random);
  options.identity = credentials.noise;
  options.root_key = context.profile.root_key;
  options.routing_info = credentials.routing_info;
  if (credentials.linked()) {
    options.client_payload = login_payload(context.profile, credentials);
  } else {
    const auto signed_pre_key =
        store::SignalRows(context.database, context.session).signed_pre_key(credentials.signed_pre_key_id);
    if (!signed_pre_key) return lose(fail(Cause::storage, "the signed pre-key is missing"));
    options.client_payload = registration_payload(context.profile, credentials, *signed_pre_key);
  }
  link = std::make_unique<Link>(std::move(options));
  auto hello = link->hello();
  if (!hello) return lose(hello.error());
  const auto random = context.random.array<2>();
  id_prefix = std::to_string(random[0]) + "." + std::to_string(random[1]) + "-";
  id_count = 0;
  phase = Phase::handshake;
  deadline = context.now.mono + kHandshake;
  log::info("link up", {{"session", context.session_name}, {"linked", credentials.linked() ? "yes" : "no"}});
  context.emit(Write{std::move(*hello)});
}

void Engine::Impl::receive(ByteView bytes) {
  if (!link) return;
  keepalive.received(context.now.mono);
  link->feed(bytes);
  while (link) {
    auto event = link->next(context.server_seconds());
    if (!event) return lose(event.error());
    if (!*event) return;
    take(std::move(**event));
  }
}

void Engine::Impl::take(Link::Event event) {
  if (auto* write = std::get_if<Link::Write>(&event)) {
    context.emit(Write{std::move(write->bytes)});
    phase = Phase::authenticating;
    deadline = context.now.mono + kHandshake;
    keepalive.start(context.now.mono, context.random);
  } else if (auto* node = std::get_if<wire::Node>(&event)) {
    route(std::move(*node));
  } else if (const auto* undecodable = std::get_if<Link::Undecodable>(&event)) {
    refuse_head(*undecodable);
  } else {
    lose(fail(Cause::link_lost, "the server ended the stream"));
  }
}

void Engine::Impl::send(const wire::Node& node) {
  if (!link || !link->established()) return;
  auto bytes = link->seal(node);
  if (!bytes) {
    if (!broken) broken = bytes.error();
    return;
  }
  context.emit(Write{std::move(*bytes), node.tag == "ack" || node.tag == "receipt"});
}

std::string Engine::Impl::next_id() {
  return id_prefix + std::to_string(++id_count);
}

void Engine::Impl::query(wire::Node iq, IqCallback callback) {
  if (!link || !link->established()) {
    if (callback) callback(fail(Cause::link_lost, "no link"));
    return;
  }
  const std::string id = next_id();
  iq.set("id", id);
  if (!iq.has("to")) iq.set("to", wire::service());
  if (!iqs.add(id, context.now.mono, callback)) {
    if (callback) callback(fail(Cause::rate_limited, "too many questions wait for their answers"));
    return;
  }
  send(iq);
}

void Engine::Impl::give_up_link(const Error& why) {
  if (!broken) broken = why;
}

void Engine::Impl::ping() {
  wire::Node iq("iq");
  iq.set("to", wire::service()).set("type", "get").set("xmlns", "w:p");
  query(std::move(iq), nullptr);
}

void Engine::Impl::drop_link(const Error& why) {
  const bool was_authenticated = std::exchange(authenticated, false);
  if (const auto since = std::exchange(logged_in_at, std::nullopt)) {
    if (context.now.mono - *since >= kStable) backoff.reset();
    if (context.now.mono - *since >= kUndisputed) displaced = 0;
  }
  link.reset();
  broken.reset();
  deadline.reset();
  keepalive.stop();
  backlog.link_down();
  pairing.link_down();
  pre_keys.link_down();
  login.link_down();
  iqs.fail_all(fail(Cause::link_lost, why.detail, why.code));
  if (was_authenticated) chat->offline(why);
  if (std::exchange(connected, false)) context.emit(Disconnect{why.detail});
}

void Engine::Impl::lose(const Error& why) {
  if (phase == Phase::departing) return not_departed(why);
  drop_link(why);
  if (!running()) return;
  if (pairing.exhausted() && !context.credentials.linked()) return fail_session(unscanned());
  reconnect(why, false);
}

void Engine::Impl::reconnect(const Error& why, bool now) {
  const Millis delay = now ? 0 : backoff.next(context.random);
  log::notice("reconnecting", {{"session", context.session_name},
                               {"delay_ms", std::to_string(delay)},
                               {"cause", std::string(cause_name(why.cause))},
                               {"code", std::to_string(why.code)},
                               {"detail", why.detail}});
  phase = Phase::waiting;
  set_state(State::connecting, why);
  if (now) return connect();
  connect_at = context.now.mono + delay;
}

void Engine::Impl::end(const StreamEnd& how) {
  if (phase == Phase::departing && how.action == EndAction::erase) return departed();
  // A restart that is asked for is the ordinary end of a pairing.
  const bool ordinary = how.action == EndAction::reconnect_now;
  log::write(ordinary ? log::Level::info : log::Level::warning, "stream ended by the server",
             {{"session", context.session_name},
              {"action", std::string(end_action_name(how.action))},
              {"cause", std::string(cause_name(how.error.cause))},
              {"code", std::to_string(how.error.code)},
              {"detail", how.error.detail}});
  switch (how.action) {
    case EndAction::reconnect_now:
      link_confirmed = true;
      drop_link(how.error);
      return reconnect(how.error, true);
    case EndAction::reconnect:
      owed.named(how.owed_class, how.owed_id);
      if (how.penalty > 0) logged_in_at.reset();  // however long it lasted: what it earned stays
      drop_link(how.error);
      backoff.penalize(how.penalty);
      return lose(how.error);
    case EndAction::give_way:
      return give_way(how.error);
    case EndAction::stop:
      return fail_session(how.error);
    case EndAction::refresh_version:
      return refused_as_outdated(how.error);
    case EndAction::stop_until:
      fail_session(how.error);
      connect_at = context.now.mono + how.wait_seconds * kSecond;
      return;
    case EndAction::erase: {
      // The process ended between the pair-success and the service's word that it has our answer: the account
      // does not know this device, and nobody has removed it. Its next QR is as good as the last.
      const bool half_linked = !link_confirmed && context.credentials.linked() &&
                               context.credentials.login_count == 0 && how.error.cause == Cause::logged_out;
      drop_link(how.error);
      phase = Phase::failed;
      chat->forget();
      erase(how.error);
      return half_linked ? start() : fail_session(how.error);
    }
  }
}

// No matter for a person: the newest version is looked up, and a version that some of the service's machines
// refuse others still take. What was accepted for sending waits.
void Engine::Impl::refused_as_outdated(const Error& why) {
  drop_link(why);
  context.emit(VersionDoubted{announced, true});
  if (announced < context.profile.version) return reconnect(why, true);
  const Millis pause =
      jittered(std::min(kLongestRefusal, kFirstRefusal << std::min(refusals, 8)), context.random);
  ++refusals;
  log::error("client outdated", {{"session", context.session_name},
                                 {"version", announced.text()},
                                 {"again_in_s", std::to_string(pause / kSecond)},
                                 {"detail", why.detail}});
  phase = Phase::waiting;
  outdated = true;
  connect_at = context.now.mono + pause;
  Error told = why;
  told.detail = "client outdated: the service refuses version " + announced.text();
  told.retry_after = pause;
  set_state(State::connecting, std::move(told));
}

// A person may have to do something, but need not: the other program may have gone by then. With growing
// pauses, so that two of a kind don't take turns for ever.
void Engine::Impl::give_way(const Error& why) {
  drop_link(why);  // before `displaced` is looked at: it may have held for long
  const int times = std::min<int>(displaced++, static_cast<int>(std::size(kGiveWay)) - 1);
  const Millis pause = jittered(kGiveWay[times], context.random);
  Error told = why;
  told.detail += "; tried again in " + std::to_string((pause + kMinute - 1) / kMinute) + " minutes";
  told.retry_after = pause;
  fail_session(told);
  connect_at = context.now.mono + pause;
}

void Engine::Impl::version_raised() {
  const Error why = fail(Cause::outdated, "a newer version of the client is known");
  if (phase == Phase::waiting && outdated) {
    log::notice("a newer version of the client is tried",
                {{"session", context.session_name}, {"version", context.profile.version.text()}});
    connect();
  } else if (phase == Phase::pairing && !pairing.busy()) {  // what a person is at goes on as it is
    drop_link(why);
    reconnect(why, true);
  }
}

// What a refused version waits for is no matter of the way.
void Engine::Impl::reroute() {
  if (!running() || (phase == Phase::waiting && outdated)) return;
  const Error why = fail(Cause::link_lost, "the way to the service was changed");
  drop_link(why);
  backoff.reset();
  reconnect(why, true);
}

void Engine::Impl::fail_session(const Error& why) {
  drop_link(why);
  connect_at.reset();
  if (phase != Phase::failed) chat->forget();
  phase = Phase::failed;
  log::error("session failed", {{"session", context.session_name},
                                {"cause", std::string(cause_name(why.cause))},
                                {"code", std::to_string(why.code)},
                                {"detail", why.detail}});
  set_state(State::failed, why);
}

}  // namespace pigeond::engine
