#include "engine/messages/out/outgoing.h"

#include <algorithm>

#include "base/log.h"
#include "engine/messages/about/hearing.h"
#include "engine/messages/out/acks.h"
#include "wire/codec.h"

namespace pigeond::engine {
namespace {

constexpr Millis kAckTimeout = 10 * kSecond;  // as long as zapo waits

}  // namespace

Destination Outgoing::destination_of(const Job& job) {
  return resolve(desk_, job.chat, job.form);
}

void Outgoing::await_backlog() {
  jobs_.load();
  awaits_backlog_ = true;
}

void Outgoing::online() {
  jobs_.load();
  end_expired();
  online_ = true;
  awaits_backlog_ = false;
  jobs_.each([](Job& job) { job.held = false; });  // another login may be all that they need
  ask_trust_anew();
  resume();
}

void Outgoing::resume() {
  const auto all = jobs_.in_order();
  for (const auto seq : all) {
    Job* job = jobs_.find(seq);
    if (job == nullptr || job->distrust.in_question) continue;
    if (job->encrypted) {
      if (!job->written && !paused()) write_again(*job);
    } else {
      const std::string queue = job->queue;
      pump(queue);
    }
  }
}

void Outgoing::offline() {
  online_ = awaits_backlog_ = false;
  deadlines_.clear();
  waiting_.clear();
  pinging_ = false;
  jobs_.each([](Job& job) {
    job.in_doubt = job.in_doubt || job.written;
    job.written = false;
    job.waiting = job.asked_contact = job.asked_group = false;
    job.not_before = 0;
    job.asked_devices = 0;
    job.asked_keys.clear();
  });
}

void Outgoing::forget() {
  paced_.clear();
  turn_.reset();
  absent_.clear();
  jobs_.clear();
  deadlines_.clear();
  waiting_.clear();
  paused_until_.reset();
  online_ = awaits_backlog_ = false;
}

void Outgoing::pump(const std::string& queue) {
  while (online_ && !paused()) {
    Job* job = jobs_.first_in_line(queue);
    if (job == nullptr) return;
    const std::int64_t seq = job->seq;
    Error why;
    const Prepared prepared = prepare(*job, why);
    if (prepared == Prepared::waiting) return;
    if (job = jobs_.first_in_line(queue); job == nullptr || job->seq != seq)
      continue;  // preparing may have answered at once, and gone through here
    jobs_.leave_line(queue, seq);
    if (prepared == Prepared::failed) finish(seq, Result<int>(why), 0);
  }
}

void Outgoing::write(Job& job, const wire::Node& stanza) {
  ++job.attempts;
  job.written = true;
  jobs_.keep(job);
  expect_ack(job);
  desk_.stanzas.send(stanza);
}

void Outgoing::expect_ack(Job& job) {
  job.deadline = desk_.context.now.mono + kAckTimeout;
  deadlines_.emplace_back(job.deadline, job.seq);
}

void Outgoing::prepare_again(Job& job) {
  job.encrypted = job.written = false;
  jobs_.back_in_line(job);
  const std::string queue = job.queue;
  pump(queue);
}

// The same id and, unless devices came or went, the same ciphertexts: whoever has the message already sees a
// duplicate and drops it.
void Outgoing::write_again(Job& job) {
  const auto bytes = desk_.outbox.stanza(job.seq);
  auto stanza =
      bytes ? wire::decode(*bytes) : Result<wire::Node>(fail(Cause::internal, "the stanza is gone"));
  if (!stanza) return finish(job.seq, Result<int>(stanza.error()), 0);
  if (job.attempts >= kAttempts) {
    const Error why = job.troubled ? job.trouble : unacknowledged();
    return finish(job.seq, Result<int>(why), 0);
  }
  if (job.chat.is_group()) return write_group_again(job, *stanza);
  Destination destination = destination_of(job);
  // What may have arrived at one address is not sent to the other, whatever was learnt of the account since.
  if (const auto to = stanza->jid("to"); to && destination.to != *to) {
    const auto other = resolve(desk_, job.chat, to->is_lid() ? AddressForm::lid : AddressForm::pn);
    if (other.to == *to) destination = other;
  }
  const auto found = targets(desk_, destination);
  if (!found || found->hash() != job.phash) return prepare_again(job);
  write_stored(job, *stanza, destination.to);
}

// With the privacy token that is to be shown now: one may have come since it was encrypted, or have expired.
void Outgoing::write_stored(Job& job, const wire::Node& stanza, const wire::Jid& to) {
  const auto token = to.is_group() ? std::nullopt : desk_.tokens.node_for(to);
  if ((token ? token->bytes() : Bytes()) == presented_token(stanza)) {
    desk_.outbox.set_attempts(job.seq, job.attempts + 1);
    return write(job, stanza);
  }
  const wire::Node renewed = with_token(stanza, token);
  desk_.outbox.set_stanza(job.seq, wire::encode(renewed), job.phash, job.attempts + 1);
  write(job, renewed);
}

void Outgoing::acked(const wire::Node& ack) {
  Job* job = jobs_.find(ack.attr("id"));
  if (job == nullptr) return;
  const std::int64_t seq = job->seq;
  const AckVerdict verdict = classify_ack(ack, job->phash);
  if (verdict.stale_devices && !verdict.error && job->chat.is_group()) {
    doubt_group(job->chat);
  } else if (verdict.stale_devices && !verdict.error) {
    desk_.devices.drop(job->chat);
    desk_.devices.drop(desk_.context.credentials.pn);
  }
  // The service says so on its own; a refusal has its own remedies.
  if (verdict.stale_mapping && !verdict.error) desk_.lids.doubt(desk_.lids.pn(job->chat).without_device());
  const bool on_its_way_again = !job->written;
  if (verdict.error && on_its_way_again) return;
  const bool in_group = job->chat.is_group();
  if (verdict.error && !in_group && Trust::judges(verdict.error->code))
    distrusted(*job, verdict.error->code, verdict.timestamp);
  else if (verdict.error && !in_group && distrusts_still(*job, verdict.error->code))
    distrusted(*job, job->trouble.code, verdict.timestamp);
  else if (verdict.error)
    refused(*job, *verdict.error, verdict.timestamp);
  else
    finish(seq, Result<int>(1), verdict.timestamp);
}

void Outgoing::seen_by_recipient(const std::string& id) {
  const Job* job = jobs_.find(id);
  if (job != nullptr && job->encrypted) finish(job->seq, Result<int>(1), 0);
}

void Outgoing::wake() {
  jobs_.load();  // messages expire also where nothing was ever sent
  while (!deadlines_.empty() && deadlines_.front().first <= desk_.context.now.mono) {
    const auto [deadline, seq] = deadlines_.front();
    deadlines_.pop_front();
    Job* job = jobs_.find(seq);
    if (job == nullptr || !job->written || job->deadline != deadline) continue;
    log::warning("no_ack", {{"session", desk_.context.session_name},
                            {"id", job->id},
                            {"attempts", std::to_string(job->attempts)}});
    if (online_) overdue(*job);
  }
  end_expired();
  release_paced();
  wake_waiting();
}

std::optional<Millis> Outgoing::next_wake() const {
  std::optional<Millis> next;
  const auto consider = [&next](Millis at) { next = next ? std::min(*next, at) : at; };
  if (!deadlines_.empty()) consider(deadlines_.front().first);
  if (const auto expiry = jobs_.next_expiry()) consider(mono_of(*expiry));
  if (turn_ && online_) consider(*turn_);
  if (!waiting_.empty()) consider(waiting_.begin()->first);
  if (paused_until_ && online_) consider(*paused_until_);
  return next;
}

void Outgoing::finish(std::int64_t seq, const Result<int>& outcome, std::int64_t timestamp) {
  auto job = jobs_.take(seq);
  if (!job) return;
  while (!deadlines_.empty() && jobs_.find(deadlines_.front().second) == nullptr) deadlines_.pop_front();
  const bool stood_in_line = jobs_.leave_line(job->queue, seq);
  paced_.erase(seq);
  if (job->untold) tell_accepted(*job);
  desk_.outbox.remove(seq);
  if (outcome) {
    pauses_ = 0;
    if (job->form != AddressForm::usual) desk_.forms.found(job->chat, job->form);
  }
  if (job->hands_out) groups_.ended(job->chat, seq, outcome.ok());
  tell(*job, outcome, timestamp);
  if (outcome && !job->chat.is_group()) desk_.tokens.sent(job->chat);
  // One that was to be encrypted anew may be acknowledged after all: those behind it go on. So does what
  // waited for a group's key to be handed out.
  if (stood_in_line || job->hands_out) pump(job->queue);
}

void Outgoing::tell(const Job& job, const Result<int>& outcome, std::int64_t timestamp) {
  if (timestamp == 0) timestamp = job.accepted;
  const Forms chat = forms_of(desk_, job.chat);
  desk_.context.emit(SendDone{0, job.id, chat.shown.without_device(), timestamp, outcome});
  for (const auto& row : desk_.messages.heads(job.id)) {
    if (!row.from_me) continue;
    const int level = outcome ? 1 : -1;
    if (outcome) apply_own(desk_, row);
    if (row.ack >= 1) continue;  // a receipt was faster
    desk_.messages.set_ack(row.seq, level, timestamp);
    AckEvent event;
    event.id = job.id;
    event.chat = chat.shown;
    event.chat_pn = chat.pn;
    event.chat_lid = chat.lid;
    event.ack = level;
    event.timestamp = timestamp;
    event.told_chat = row.told_chat(chat.shown, chat.lid);
    if (!outcome) event.cause = outcome.error();
    desk_.context.emit(std::move(event));
  }
}

}  // namespace pigeond::engine
