#include "gateway/session/sends.h"

#include <utility>

#include "base/limits.h"
#include "base/text.h"
#include "gateway/session/queued.h"
#include "store/messages/messages.h"

namespace pigeond::gateway {
namespace {

// As whatsmeow's: the prefix marks a web companion.
std::string make_message_id(Random& random) {
  return "3EB0" + hex_upper(random.bytes(9));
}

}  // namespace

Sends::~Sends() {
  for (auto& waiter : waiters_.take_all()) account_.loop().cancel(waiter.timer);
}

bool Sends::working() const {
  const SessionStatus current = account_.status();
  return current == SessionStatus::working || current == SessionStatus::starting;
}

Status Sends::able(const SendRequest& request) const {
  if (account_.closing()) return fail(Cause::shutting_down, "the gateway is stopping");
  // While it is being logged out or removed, its outbox is about to go.
  if (account_.taking_leave() || !account_.linked())
    return fail(Cause::not_linked, request.queue || request.async ? "no account is linked" : "");
  if (!working() && !request.queue && !request.async) return fail(Cause::not_linked);
  if (account_.callers() >= limits::kPendingSends)
    return fail(Cause::rate_limited, "too many requests wait for an answer");
  return {};
}

void Sends::send(SendRequest request, Millis deadline, Reply<SentMessage> reply) {
  if (!request.idempotency_key.empty() && answered_before(request, deadline, reply)) return;
  if (auto status = able(request); !status)
    return account_.answer<SentMessage>(std::move(reply), status.error());
  const Instant now = account_.now();
  const std::string id = request.id.empty() ? make_message_id(account_.random()) : request.id;
  if (!request.idempotency_key.empty()) keys_.remember(request, id, now);
  request.id = id;
  const Millis patience = request.expires_in > 0 ? request.expires_in : account_.config().expires_in;
  engine::Send message{next_, request.to, id, request.content, request.answers, request.mentions};
  message.quote_optional = request.quote_optional;
  message.mentions_all = request.mentions_all;
  message.about = request.about;
  if (patience > 0) message.expires = now.wall + patience;
  message.told_at_once = request.async || !working();
  account_.clerk().send(now, std::move(message));
  wait_for(std::move(request), deadline, std::move(reply));
}

void Sends::wait_for(SendRequest request, Millis deadline, Reply<SentMessage> reply) {
  const auto number = next_++;
  SendWaiters::Waiter waiter{std::move(request), std::move(reply)};
  waiter.since = account_.now().wall;
  if (waiter.request.async || !working()) {
    at_once_.push_back(number);
  } else {
    waiter.timer = account_.loop().after(deadline, [this, number] {
      account_.later([this, number] {
        if (auto late = waiters_.take(number))
          answer_as_pending(std::move(*late), fail(Cause::timed_out, "not acknowledged in time"));
      });
    });
  }
  waiters_.add(number, std::move(waiter));
}

// True: `reply` is taken care of, because the request's key is known.
bool Sends::answered_before(const SendRequest& request, Millis deadline, Reply<SentMessage>& reply) {
  const auto known = keys_.find(request, account_.now());
  if (!known) {
    account_.answer<SentMessage>(std::move(reply), known.error());
    return true;
  }
  if (!known->has_value()) return false;
  const store::IdempotencyRow& first = **known;
  if (first.outcome) {
    const auto& outcome = *first.outcome;
    const Told as = told(first.id, request, {outcome.chat, outcome.chat_pn, outcome.chat_lid});
    account_.answer<SentMessage>(std::move(reply), ended_message(first.id, outcome, as));
  } else if (!store::Outbox(account_.database(), account_.id()).find(first.id)) {
    account_.answer<SentMessage>(
        std::move(reply), fail(Cause::cancelled, "the message was dropped when its account was unlinked"));
  } else {
    SendRequest same = request;
    same.id = first.id;
    wait_for(std::move(same), deadline, std::move(reply));
  }
  return true;
}

// Of a message that was accepted before: as its row says; and as it was asked for, where there is none.
SendWaiters::Told Sends::told(const std::string& id, const SendRequest& request, const Forms& chat) {
  if (!account_.database().failed()) {
    store::Messages messages(account_.database(), account_.id());
    for (const auto& row : messages.heads(id))
      if (row.from_me)
        return {engine::describe(engine::Content{messages.content(row.seq)}),
                row.told_chat(chat.shown, chat.lid)};
  }
  return {engine::describe(request.content), chat.shown};
}

SentMessage Sends::sent_message(const std::string& id, const Forms& chat, const Told& told) const {
  SentMessage out;
  out.id = id;
  out.chat = chat.shown;
  out.chat_pn = chat.pn;
  out.chat_lid = chat.lid;
  out.told_chat = told.chat;
  out.shown = told.shown;
  if (auto me = account_.me()) out.me = std::move(*me);
  return out;
}

SentMessage Sends::ended_message(const std::string& id, const store::IdempotencyOutcome& outcome,
                                 const Told& told) const {
  SentMessage out = sent_message(id, {outcome.chat, outcome.chat_pn, outcome.chat_lid}, told);
  out.failure = outcome.error;
  out.ack = outcome.error ? -1 : 1;
  out.timestamp = outcome.timestamp;
  return out;
}

QueuedMessage Sends::queued(const store::OutboxRow& row, const Forms& chat) const {
  const engine::Engine* engine = account_.engine();
  return queued_message(row, chat, engine != nullptr ? engine->standing(row.id) : std::nullopt,
                        account_.status());
}

SentMessage Sends::pending_message(const SendWaiters::Waiter& waiter, const store::OutboxRow& row) {
  const Forms chat = forms(row.chat);
  const Told as = waiter.told ? *waiter.told : told(waiter.request.id, waiter.request, chat);
  SentMessage out = sent_message(waiter.request.id, chat, as);
  out.pending = queued(row, chat);
  out.pending->told_chat = as.chat;
  out.timestamp = row.created / kSecond;
  out.ack = 0;
  return out;
}

Result<SentMessage> Sends::pending_message(const SendWaiters::Waiter& waiter, const Error& otherwise) {
  if (const auto row = store::Outbox(account_.database(), account_.id()).find(waiter.request.id))
    return pending_message(waiter, *row);
  if (waiter.accepted && account_.database().failed()) return accepted_message(waiter);
  return otherwise;
}

// As far as it is known without its row.
SentMessage Sends::accepted_message(const SendWaiters::Waiter& waiter) {
  store::OutboxRow row;
  row.id = waiter.request.id;
  row.chat = waiter.request.to;
  row.created = waiter.since;
  return pending_message(waiter, row);
}

// Where the answer does not stand, because its part of the tick or the commit fails, what was accepted in an
// earlier tick waits as before: who was told of a failure would send it again.
void Sends::answer(SendWaiters::Waiter waiter, Result<SentMessage> result) {
  account_.loop().cancel(waiter.timer);
  if (!waiter.accepted) return account_.answer<SentMessage>(std::move(waiter.reply), std::move(result));
  account_.host().after_commit([reply = std::move(waiter.reply), result = std::move(result),
                                pending = accepted_message(waiter)](const Status& committed) {
    reply(committed ? result : Result<SentMessage>(pending));
  });
}

void Sends::answer_as_pending(SendWaiters::Waiter waiter, const Error& otherwise) {
  if (!waiter.told && !account_.database().failed()) account_.clerk().tell(account_.now(), waiter.request.id);
  auto result = pending_message(waiter, otherwise);
  answer(std::move(waiter), std::move(result));
}

void Sends::refuse(SendWaiters::Waiter waiter, const Error& why) {
  answer(std::move(waiter), why);
}

void Sends::answer_at_once() {
  for (const auto number : std::exchange(at_once_, {}))
    if (auto waiter = waiters_.take(number))
      answer_as_pending(std::move(*waiter), fail(Cause::internal, "the message was not accepted"));
}

void Sends::close(const Error& why) {
  for (auto& waiter : waiters_.take_all()) answer_as_pending(std::move(waiter), why);
}

void Sends::abandon(const Error& why) {
  at_once_.clear();
  for (auto& waiter : waiters_.take_all()) {
    account_.loop().cancel(waiter.timer);
    account_.answer<SentMessage>(std::move(waiter.reply), why);
  }
}

void Sends::rolled_back(const Error& why) {
  at_once_.clear();
  keys_.forget();
  for (auto& waiter : waiters_.take_uncommitted()) refuse(std::move(waiter), why);
}

void Sends::part_rolled_back(const Error& why) {
  at_once_.clear();
  keys_.forget();
  store::Outbox outbox(account_.database(), account_.id());
  for (auto& waiter : waiters_.take_uncommitted()) {
    if (outbox.find(waiter.request.id))
      answer_as_pending(std::move(waiter), why);
    else
      refuse(std::move(waiter), why);
  }
}

void Sends::restored(const Error& why) {
  store::Outbox outbox(account_.database(), account_.id());
  for (const auto& id : waiters_.messages()) {
    if (outbox.find(id) || account_.database().failed()) continue;
    for (auto& waiter : waiters_.take_message(id)) {
      account_.loop().cancel(waiter.timer);
      account_.answer<SentMessage>(std::move(waiter.reply), why);
    }
  }
}

void Sends::cancel(const std::string& id, Reply<bool> reply) {
  const Status done = account_.clerk().cancel(account_.now(), id);
  account_.answer<bool>(std::move(reply), done ? Result<bool>(true) : Result<bool>(done.error()));
}

Forms Sends::ended(const engine::SendDone& done) {
  Forms chat = forms(done.chat);
  const store::IdempotencyOutcome outcome{done.timestamp, chat.shown, chat.pn, chat.lid,
                                          done.ack ? std::nullopt : std::optional<Error>(done.ack.error())};
  const auto answer_end = [&](SendWaiters::Waiter waiter) {
    const Told as = waiter.told ? *waiter.told : told(done.id, waiter.request, chat);
    auto message = ended_message(done.id, outcome, as);
    answer(std::move(waiter), std::move(message));
  };
  if (done.request != 0) {  // refused, or known already: nothing was sent
    auto waiter = waiters_.take(done.request);
    if (!waiter) return chat;
    const bool keyed = !waiter->request.idempotency_key.empty();
    if (outcome.error) {
      if (keyed) keys_.drop(waiter->request.idempotency_key);
      refuse(std::move(*waiter), *outcome.error);
      return chat;
    }
    if (keyed) keys_.end(done.id, outcome);
    answer_end(std::move(*waiter));
    return chat;
  }
  keys_.end(done.id, outcome);
  for (auto& waiter : waiters_.take_message(done.id)) answer_end(std::move(waiter));
  return chat;
}

}  // namespace pigeond::gateway
