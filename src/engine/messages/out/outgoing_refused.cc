// The way of a message out, when it is refused or not acknowledged: it goes out again under its id, once that
// can help, or waits in line until it can.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "engine/messages/out/outgoing.h"

namespace pigeond::engine {
namespace {

constexpr Millis kShared = 10 * kSecond;

// Whatever the service has against a message to a group is that group's matter: who is in it and how they are
// addressed may not be what it was, and is asked for once.
HealingPlan plan_group_healing(const Error& refusal, const HealingTried& tried, Random& random) {
  switch (send_cause_of(refusal).remedy) {
    case Remedy::wait:
    case Remedy::back_off:
    case Remedy::reconnect:
      return plan_healing(refusal, tried, random);
    case Remedy::none:
      if (refusal.code == 0) return {HealingStep::end, 0};  // it is not the service's word
      [[fallthrough]];
    case Remedy::renew_chat:
    case Remedy::present_token:
    case Remedy::restart:
      return {tried.renewals == 0 ? HealingStep::renew_chat : HealingStep::end, 0};
  }
  return {HealingStep::end, 0};
}

}  // namespace

bool Outgoing::other_form_is(const Job& job) {
  return !job.chat.is_group() && !job.distrust.other_form && other_form_of(desk_, destination_of(job).to);
}

void Outgoing::refused(Job& job, const Error& error, std::int64_t timestamp) {
  const HealingTried tried{job.renewals, job.waits, job.unanswered, pauses_, other_form_is(job)};
  const HealingPlan plan = job.chat.is_group() ? plan_group_healing(error, tried, desk_.context.random)
                                               : plan_healing(error, tried, desk_.context.random);
  job.trouble = error;
  job.troubled = true;
  const bool spent = job.attempts >= kAttempts && plan.step != HealingStep::pause;
  if (plan.step == HealingStep::end || spent) return finish(job.seq, Result<int>(error), timestamp);
  const Millis until = desk_.context.now.mono + plan.delay;
  job.encrypted = job.written = false;
  switch (plan.step) {
    case HealingStep::renew_chat:
      renew(job);
      break;
    case HealingStep::other_form:
      change_form(job);
      break;
    case HealingStep::later:
      ++job.waits;
      job.not_before = until;
      waiting_.emplace(until, job.seq);
      break;
    case HealingStep::pause:
      // What else was under way is refused too: one pause for all of it.
      if (!paused()) ++pauses_;
      paused_until_ = std::max(paused_until_.value_or(0), until);
      break;
    default:
      job.held = true;
      break;
  }
  save_trouble(job);
  jobs_.back_in_line(job);
  const std::string queue = job.queue;
  tell_trouble(job, plan);
  pump(queue);
}

// Nothing that is known of the recipient is trusted any longer. Messages that were refused together share one
// renewal.
void Outgoing::renew(Job& job) {
  ++job.renewals;
  job.phash.clear();
  job.form = AddressForm::usual;
  desk_.outbox.set_distrust(job.seq, job.distrust, job.form);
  desk_.outbox.drop_stanza(job.seq);
  const Millis mono = desk_.context.now.mono;
  std::erase_if(renewed_, [mono](const auto& chat) { return chat.second + kShared <= mono; });
  if (!renewed_.emplace(job.queue, mono).second) return;
  job.renew_address = job.renew_keys = true;
  job.asked_contact = job.asked_group = false;
  job.asked_devices = 0;
  job.asked_keys.clear();
  if (job.chat.is_group()) {
    drop_lists(job.chat);
    return groups_.renew(job.chat);
  }
  desk_.devices.drop(job.chat);
  desk_.devices.drop(desk_.context.credentials.pn);
}

// Whom it goes to stays the same, and so do their keys: sessions are kept under the LID in either form.
void Outgoing::change_form(Job& job) {
  job.form = other_form_of(desk_, destination_of(job).to).value_or(AddressForm::usual);
  job.distrust.other_form = true;
  job.phash.clear();
  desk_.outbox.set_distrust(job.seq, job.distrust, job.form);
  desk_.outbox.drop_stanza(job.seq);
}

void Outgoing::save_trouble(const Job& job) {
  desk_.outbox.set_trouble(job.seq, job.attempts, job.renewals, cause_name(job.trouble.cause),
                           job.trouble.code);
}

void Outgoing::tell_trouble(const Job& job, const HealingPlan& plan) {
  log::warning("send_trouble", {{"session", desk_.context.session_name},
                                {"id", job.id},
                                {"cause", std::string(cause_name(job.trouble.cause))},
                                {"code", std::to_string(job.trouble.code)},
                                {"step", std::string(healing_step_name(plan.step))},
                                {"attempts", std::to_string(job.attempts)}});
  desk_.context.emit(
      SendTrouble{job.id, desk_.lids.shown(job.chat).without_device(), job.trouble, plan.step, plan.delay});
}

// An ack that is lost while the link is well: the message goes out again once somebody has answered at all.
void Outgoing::overdue(Job& job) {
  ++job.unanswered;
  job.in_doubt = true;
  const Error error = unacknowledged();
  const HealingTried tried{job.renewals, job.waits, job.unanswered, pauses_, false};
  const HealingPlan plan = plan_healing(error, tried, desk_.context.random);
  if (plan.step == HealingStep::hold) return refused(job, error, 0);
  job.trouble = error;
  job.troubled = true;
  save_trouble(job);
  tell_trouble(job, plan);
  if (plan.step == HealingStep::reconnect) return desk_.stanzas.give_up_link(error);
  expect_ack(job);
  ping();
}

void Outgoing::ping() {
  if (std::exchange(pinging_, true)) return;
  wire::Node iq("iq");
  iq.set("type", "get").set("xmlns", "w:p");
  desk_.query(std::move(iq), [this](const Result<wire::Node>& answer) {
    pinging_ = false;
    if (!answer || !online_) return;
    for (const auto seq : jobs_.in_order())
      if (Job* job = jobs_.find(seq); job != nullptr && job->written && job->unanswered == 1)
        write_again(*job);
  });
}

void Outgoing::wake_waiting() {
  const Millis mono = desk_.context.now.mono;
  if (paused_until_ && mono >= *paused_until_) {
    paused_until_.reset();
    if (online_) resume();
  }
  while (!waiting_.empty() && waiting_.begin()->first <= mono) {
    const auto seq = waiting_.begin()->second;
    waiting_.erase(waiting_.begin());
    if (Job* job = jobs_.find(seq)) {
      const std::string queue = job->queue;
      pump(queue);
    }
  }
}

void Outgoing::end_held(const std::string& id) {
  const Job* job = jobs_.find(id);
  if (job == nullptr || !job->held) return;
  const Error why = job->trouble;
  finish(job->seq, Result<int>(why), 0);
}

void Outgoing::end_troubled() {
  online_ = false;  // those behind them stay where they are
  for (const auto seq : jobs_.in_order()) {
    const Job* job = jobs_.find(seq);
    if (job == nullptr || !job->troubled) continue;
    const Error why = job->trouble;
    finish(seq, Result<int>(why), 0);
  }
}

}  // namespace pigeond::engine
