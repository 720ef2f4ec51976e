// Where each stanza goes, and who acknowledges it: Chat what it handles, the engine everything else.
#include <utility>

#include "base/log.h"
#include "engine/engine_impl.h"
#include "engine/link/acks.h"
#include "engine/link/ib.h"
#include "engine/messages/desk.h"

namespace pigeond::engine {
namespace {

constexpr Millis kRestart = 20 * kSecond;  // for the 515 that follows a pairing

}  // namespace

void Engine::Impl::route(wire::Node&& node) {
  if (log::debugs(context.session_name))
    log::debug("received", {{"session", context.session_name}, {"stanza", wire::outline(node)}});
  if (node.tag == "iq") return route_iq(std::move(node));
  if (node.tag == "stream:error") return end(classify_stream_error(node));
  if (node.tag == "failure") return end(classify_failure(node));
  if (node.tag == "success") return logged_in(node);
  if (node.tag == "ib") {
    // What happened in groups may not have been told.
    node.each("dirty", [this](const wire::Node& dirty) {
      if (dirty.is("type", "groups")) chat->desk().groups.doubt_all();
    });
    return handle_ib(context, *this, backlog, announced, node);
  }
  if (authenticated) {
    route_account(node);
    return backlog.received(node);
  }
  if (node.tag == "notification" && pairing.notification(node)) return;
  if (needs_ack(node)) send(ack_for(node));
}

void Engine::Impl::route_account(const wire::Node& node) {
  const bool about_keys = node.tag == "notification" && pre_keys.notification(node);
  const bool answered = !about_keys && chat->handle(node);
  // The service said that it did not get, or not take, the answer of the last time.
  const bool again = owed.settles(node);
  if (answered && !again) return;
  if (needs_ack(node)) return send(ack_for(node));
  if (!is_answerable(node)) return;
  log::warning("stanza not known", {{"session", context.session_name}, {"stanza", wire::outline(node)}});
  send(nack_for(node, kUnrecognizedStanza, context.credentials.pn));
}

// What can't be read is owed an answer all the same, as long as its head says whose it is.
void Engine::Impl::refuse_head(const Link::Undecodable& undecodable) {
  log_warning("frame dropped", undecodable.why);
  const auto& head = undecodable.head;
  if (!authenticated || !head || (!needs_ack(*head) && !is_answerable(*head))) return;
  send(nack_for(*head, kUnparsable, context.credentials.pn));
}

void Engine::Impl::route_iq(wire::Node&& iq) {
  if (iq.is("type", "result") || iq.is("type", "error")) {
    if (!iqs.answer(std::move(iq)))
      log::debug("answer to no question of ours", {{"session", context.session_name}});
    return;
  }
  if (iq.is("xmlns", "urn:xmpp:ping") || iq.child("ping")) {
    wire::Node reply("iq");
    reply.set("to", iq.jid("from").value_or(wire::service())).set("type", "result").set("id", iq.attr("id"));
    return send(reply);
  }
  if (iq.child("pair-success")) return pair_success(iq);
  if (iq.child("pair-device")) {
    if (context.credentials.linked() || authenticated) return;
    if (!pairing.pair_device(iq)) return lose(fail(Cause::malformed, "pair-device without a ref"));
    phase = Phase::pairing;
    deadline.reset();
    return;  // settle() tells it
  }
  log::debug("request of the server not known",
             {{"session", context.session_name}, {"stanza", wire::outline(iq)}});
}

void Engine::Impl::pair_success(const wire::Node& iq) {
  switch (pairing.pair_success(iq)) {
    case Pairing::Outcome::ignored:
      return;
    case Pairing::Outcome::refused:
      return lose(fail(Cause::bad_signature, "pairing refused"));
    case Pairing::Outcome::linked:
      break;
  }
  chat->forget();  // what waits is now what the database kept for this account
  send(unified_session(context));
  phase = Phase::authenticating;
  deadline = context.now.mono + kRestart;
  set_state(State::connecting);
}

void Engine::Impl::logged_in(const wire::Node& success) {
  // whatsmeow too ignores a success that comes before the pairing is done.
  if (authenticated || !context.credentials.linked() || phase != Phase::authenticating) return;
  authenticated = true;
  logged_in_at = context.now.mono;
  phase = Phase::authenticated;
  deadline.reset();
  refusals = 0;
  if (departing) return ask_to_forget();
  login.success(success, [this](const Status& status) {
    if (!status) {
      if (!broken) broken = status.error();  // given up once the stack has unwound
      return;
    }
    if (phase != Phase::authenticated) return;
    phase = Phase::online;
    log::notice("online", {{"session", context.session_name}, {"pn", context.credentials.pn.text()}});
    set_state(State::online);
    pre_keys.online();
    chat->online(true);
    backlog.online();
  });
}

}  // namespace pigeond::engine
