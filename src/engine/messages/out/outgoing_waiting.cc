// The way of a message out, as long as it has not left: what it waits for, its turn, its expiry, its
// cancellation.
#include <algorithm>

#include "engine/messages/out/outgoing.h"

namespace pigeond::engine {

Status Outgoing::cancel(const std::string& id) {
  jobs_.load();
  if (const Job* job = jobs_.find(id)) {
    if (job->maybe_sent) return fail(Cause::too_late, "the message may have reached the service already");
    finish(job->seq, Result<int>(fail(Cause::cancelled, "cancelled before it was sent")), 0);
    return {};
  }
  for (const auto& row : desk_.messages.heads(id))
    if (row.from_me) return fail(Cause::too_late, "the message waits no longer");
  return fail(Cause::not_found, "there is no message with this id");
}

// But for the time at which its turn comes, of a message that is paced.
Standing Outgoing::standing(const Job& job) const {
  if (!online_) return {awaits_backlog_ ? Waiting::backlog : Waiting::link, 0};
  if (job.distrust.in_question) return {Waiting::trust, 0};
  if (job.written) return {Waiting::ack, 0};
  if (!job.encrypted && !jobs_.is_first_in_line(job)) return {Waiting::order, 0};
  if (paced_.contains(job.seq)) return {Waiting::pace, turn_ ? wall_of(*turn_) : 0};
  if (job.waiting) return {job.waiting_for, 0};
  if (job.held) return {Waiting::decision, 0};
  if (paused()) return {Waiting::pause, wall_of(*paused_until_)};
  if (job.not_before > desk_.context.now.mono) return {Waiting::delay, wall_of(job.not_before)};
  return {Waiting::progress, 0};
}

std::optional<Standing> Outgoing::standing(const std::string& id) {
  const Job* job = jobs_.find(id);
  if (job == nullptr) return std::nullopt;
  Standing out = standing(*job);
  if (out.waiting != Waiting::pace) return out;
  const auto ahead = std::distance(paced_.begin(), paced_.find(job->seq));
  out.until = std::max(out.until, pacing_.next_turn(static_cast<std::size_t>(ahead)));
  return out;
}

// All at once: who is paced is counted off in one go, and the rows of the pace are read once.
std::map<std::int64_t, Standing> Outgoing::standings() {
  std::map<std::int64_t, Standing> out;
  if (!online_ && !awaits_backlog_) return out;
  jobs_.each([&](const Job& job) { out.emplace_hint(out.end(), job.seq, standing(job)); });
  if (paced_.empty()) return out;
  const auto turns = pacing_.next_turns(paced_.size());
  std::size_t ahead = 0;
  for (const auto seq : paced_) {
    const Millis turn = turns[ahead++];
    const auto held = out.find(seq);
    if (held != out.end() && held->second.waiting == Waiting::pace)
      held->second.until = std::max(held->second.until, turn);
  }
  return out;
}

// Once written, a message can't be taken back, and to call it expired might be a lie: it ends by its ack, or
// for want of one.
void Outgoing::end_expired() {
  const auto due = jobs_.expired(desk_.context.now.wall);
  if (due.empty()) return;
  std::set<std::string> moved;  // only when all of them are gone may the lines move on
  for (const auto seq : due) {
    const Job& job = *jobs_.find(seq);
    if (jobs_.leave_line(job.queue, seq)) moved.insert(job.queue);
  }
  for (const auto seq : due)
    finish(seq, Result<int>(fail(Cause::expired, "not sent within the time it was given")), 0);
  for (const auto& queue : moved) pump(queue);
}

bool Outgoing::may_go(Job& job) {
  if (job.admitted || job.maybe_sent) return true;
  if (paced_.contains(job.seq)) return false;
  // Behind others that wait for their turn nobody takes one; to people who are known it is not a matter of
  // turns.
  if (paced_.empty() ? pacing_.admit(job.chat) : pacing_.is_free(job.chat)) return job.admitted = true;
  paced_.insert(job.seq);
  if (!turn_) turn_ = mono_of(pacing_.next_turn() + pacing_.jitter());
  return false;
}

void Outgoing::release_paced() {
  if (!online_ || !turn_ || desk_.context.now.mono < *turn_) return;
  turn_.reset();
  while (!paced_.empty()) {
    Job* job = jobs_.find(*paced_.begin());
    if (job != nullptr && !pacing_.admit(job->chat)) {
      turn_ = mono_of(pacing_.next_turn() + pacing_.jitter());
      return;
    }
    paced_.erase(paced_.begin());
    if (job == nullptr) continue;
    job->admitted = true;
    const std::string queue = job->queue;
    pump(queue);
  }
}

void Outgoing::pacing_changed() {
  if (!turn_) return;
  turn_ = desk_.context.now.mono;
  release_paced();
}

void Outgoing::heard_from(const wire::Jid& user) {
  for (const auto seq : std::vector<std::int64_t>(paced_.begin(), paced_.end())) {
    Job* job = jobs_.find(seq);
    if (job == nullptr || !desk_.lids.same_user(job->chat, user) || !pacing_.is_free(job->chat)) continue;
    paced_.erase(seq);
    job->admitted = true;
    const std::string queue = job->queue;
    pump(queue);
  }
}

Millis Outgoing::mono_of(Millis wall) const {
  return desk_.context.now.mono + std::max<Millis>(wall - desk_.context.now.wall, 0);
}

Millis Outgoing::wall_of(Millis mono) const {
  return desk_.context.now.wall + (mono - desk_.context.now.mono);
}

}  // namespace pigeond::engine
