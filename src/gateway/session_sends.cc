// Texts that callers send over one session, and wait for.
#include <utility>

#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "gateway/session.h"
#include "store/messages.h"

namespace pigeond::gateway {
namespace {

// As whatsmeow's: the prefix marks a web companion.
std::string make_message_id(Random& random) {
  return "3EB0" + hex_upper(random.bytes(9));
}

}  // namespace

bool Session::working() const {
  const SessionStatus current = status();
  return current == SessionStatus::working || current == SessionStatus::starting;
}

Status Session::able_to_send(const TextRequest& request) const {
  const std::string shown = "session status is " + std::string(status_name(status()));
  // While it is being logged out or removed, its outbox is about to go.
  const bool leaves =
      ending_ && (ending_ == After::gone || !engine_ || engine_->state() != engine::State::stopped);
  const bool linked = engine_ ? engine_->credentials().linked() : me_.has_value();
  if (leaves || !linked)
    return fail(Cause::not_linked,
                shown + (request.queue || request.async ? ", and no account is linked" : ""));
  if (!working() && !request.queue && !request.async) return fail(Cause::not_linked, shown);
  if (sends_.size() + checks_.size() >= limits::kPendingSends)
    return fail(Cause::rate_limited, "too many requests wait for an answer");
  return {};
}

engine::Engine& Session::sender() {
  if (engine_) return *engine_;
  if (!clerk_) clerk_ = make_engine();
  return *clerk_;
}

void Session::send_text(TextRequest request, Millis deadline, Reply<SentMessage> reply) {
  if (!request.idempotency_key.empty() && answered_before(request, deadline, reply)) return;
  if (auto able = able_to_send(request); !able)
    return env_.host.answer<SentMessage>(std::move(reply), able.error());
  const std::string id = request.id.empty() ? make_message_id(env_.random) : request.id;
  if (!request.idempotency_key.empty()) keys_.remember(request, id, now().wall);
  request.id = id;
  const Millis patience = request.expires_in > 0 ? request.expires_in : config_.expires_in;
  engine::SendText text{next_request_, request.to, id, request.text, request.reply_to, request.mentions};
  if (patience > 0) text.expires = now().wall + patience;
  sender().send_text(now(), std::move(text));
  wait_for(std::move(request), deadline, std::move(reply));
}

void Session::wait_for(TextRequest request, Millis deadline, Reply<SentMessage> reply) {
  const auto number = next_request_++;
  SendWaiters::Waiter waiter{std::move(request), std::move(reply)};
  if (waiter.request.async || !working()) {
    at_once_.push_back(number);
  } else {
    waiter.timer = loop().after(deadline, [this, number] {
      if (auto late = sends_.take(number))
        answer_as_pending(std::move(*late), fail(Cause::timed_out, "not acknowledged in time"));
    });
  }
  sends_.add(number, std::move(waiter));
  env_.host.touched(*this);
}

// True: `reply` is taken care of, because the request's key is known.
bool Session::answered_before(const TextRequest& request, Millis deadline, Reply<SentMessage>& reply) {
  const auto known = keys_.find(request, now().wall);
  if (!known) {
    env_.host.answer<SentMessage>(std::move(reply), known.error());
    return true;
  }
  if (!known->has_value()) return false;
  const store::IdempotencyRow& first = **known;
  if (first.outcome) {
    env_.host.answer<SentMessage>(std::move(reply), ended_message(request, first.id, *first.outcome));
  } else if (!store::Outbox(env_.database, id_).find(first.id)) {
    env_.host.answer<SentMessage>(
        std::move(reply), fail(Cause::cancelled, "the message was dropped when its account was unlinked"));
  } else {
    TextRequest same = request;
    same.id = first.id;
    wait_for(std::move(same), deadline, std::move(reply));
  }
  return true;
}

Result<SentMessage> Session::ended_message(const TextRequest& request, const std::string& id,
                                           const store::IdempotencyOutcome& outcome) const {
  SentMessage out;
  out.id = id;
  out.failure = outcome.error;
  out.ack = outcome.error ? -1 : 1;
  out.text = request.text;
  out.timestamp = outcome.timestamp;
  if (auto me = info().me) out.me = std::move(*me);
  out.chat = outcome.chat;
  out.chat_pn = outcome.chat_pn;
  out.chat_lid = outcome.chat_lid;
  return out;
}

Result<SentMessage> Session::pending_message(const TextRequest& request, const Error& otherwise) {
  const auto row = store::Outbox(env_.database, id_).find(request.id);
  if (!row) return otherwise;
  SentMessage out;
  out.pending = queued_message(*row);
  out.id = request.id;
  out.text = request.text;
  out.timestamp = row->created / kSecond;
  out.ack = 0;
  if (auto me = info().me) out.me = std::move(*me);
  out.chat = out.pending->chat;
  out.chat_pn = out.pending->chat_pn;
  out.chat_lid = out.pending->chat_lid;
  return out;
}

void Session::answer_as_pending(SendWaiters::Waiter waiter, const Error& otherwise) {
  loop().cancel(waiter.timer);
  env_.host.answer<SentMessage>(std::move(waiter.reply), pending_message(waiter.request, otherwise));
}

void Session::answer_at_once() {
  for (const auto number : std::exchange(at_once_, {}))
    if (auto waiter = sends_.take(number))
      answer_as_pending(std::move(*waiter), fail(Cause::internal, "the message was not accepted"));
}

// Nobody knows when it goes on: callers are told that their messages stay queued, or that they are gone.
void Session::close_sends(const Error& why) {
  for (auto& waiter : sends_.take_all()) answer_as_pending(std::move(waiter), why);
}

void Session::handle(engine::SendDone& done) {
  const Forms chat = forms_of(done.chat.without_device());
  const store::IdempotencyOutcome outcome{done.timestamp, chat.shown, chat.pn, chat.lid,
                                          done.ack ? std::nullopt : std::optional<Error>(done.ack.error())};
  const auto answer = [&](SendWaiters::Waiter waiter) {
    loop().cancel(waiter.timer);
    env_.host.answer<SentMessage>(std::move(waiter.reply), ended_message(waiter.request, done.id, outcome));
  };
  if (done.request != 0) {  // refused, or known already: nothing was sent
    auto waiter = sends_.take(done.request);
    if (!waiter) return;
    const bool keyed = !waiter->request.idempotency_key.empty();
    if (outcome.error) {
      if (keyed) keys_.drop(waiter->request.idempotency_key);
      loop().cancel(waiter->timer);
      return env_.host.answer<SentMessage>(std::move(waiter->reply), *outcome.error);
    }
    if (keyed) keys_.end(done.id, outcome);
    return answer(std::move(*waiter));
  }
  judge(done, chat);
  keys_.end(done.id, outcome);
  for (auto& waiter : sends_.take_message(done.id)) answer(std::move(waiter));
}

}  // namespace pigeond::gateway
