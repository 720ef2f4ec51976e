#include "gateway/session/health_log.h"

#include <algorithm>
#include <utility>

#include "engine/messages/out/send_causes.h"

namespace pigeond::gateway {

std::int64_t HealthLog::open(Instant now, std::string_view scope, std::string_view step, const Error& why,
                             const std::string& chat) {
  store::HealingStepRow row;
  row.at = now.wall;
  row.scope = scope;
  row.step = step;
  row.cause = cause_name(why.cause);
  row.code = why.code;
  row.chat = chat;
  return newest_ = rows_.insert(row);
}

void HealthLog::close(const std::string& message, const char* outcome) {
  const auto found = open_.find(message);
  if (found == open_.end()) return;
  rows_.set_outcome(found->second, outcome);
  open_.erase(found);
}

void HealthLog::close_restart(const char* outcome) {
  if (open_restart_) rows_.set_outcome(*std::exchange(open_restart_, std::nullopt), outcome);
  restart_begun_ = false;
}

void HealthLog::troubled(Instant now, const engine::SendTrouble& trouble) {
  using engine::HealingStep;
  ++failures_[std::string(cause_name(trouble.error.cause))];
  close(trouble.id, "failed");
  // A held message starts no step of its own: what follows is the session's.
  if (trouble.step == HealingStep::hold || open_.size() >= store::HealingSteps::kSteps) return;
  const bool link = trouble.step == HealingStep::ping || trouble.step == HealingStep::reconnect;
  const bool chat = trouble.step == HealingStep::renew_chat || trouble.step == HealingStep::other_form ||
                    trouble.step == HealingStep::present_token;
  open_[trouble.id] = open(now,
                           link   ? "link"
                           : chat ? "chat"
                                  : "session",
                           engine::healing_step_name(trouble.step), trouble.error, trouble.chat.text());
}

void HealthLog::ended(Instant now, const engine::SendDone& done) {
  if (!done.ack) {
    // What was reported while it was held is not counted again.
    const auto remedy = engine::send_cause_of(done.ack.error()).remedy;
    if (remedy == engine::Remedy::none || remedy == engine::Remedy::present_token)
      ++failures_[std::string(cause_name(done.ack.error().cause))];
    return close(done.id, "failed");
  }
  last_success_ = now.wall;
  close(done.id, "healed");
  if (restart_begun_) close_restart("healed");
}

void HealthLog::restart_planned(Instant now, const Error& why) {
  close_restart("failed");
  open_restart_ = open(now, "session", "restart", why, {});
}

void HealthLog::restarted() {
  restart_begun_ = true;
}

void HealthLog::restart_called_off() {
  close_restart("called_off");
}

void HealthLog::given_up(Instant now, const Error& why) {
  close_restart("failed");
  rows_.set_outcome(open(now, "session", "give_up", why, {}), "failed");
}

void HealthLog::rolled_back() {
  open_.clear();
  open_restart_.reset();
  restart_begun_ = false;
}

std::vector<std::int64_t> HealthLog::open_steps() const {
  std::vector<std::int64_t> out;
  if (open_restart_) out.push_back(*open_restart_);
  for (const auto& [message, seq] : open_) out.push_back(seq);
  return out;
}

std::vector<HealingStep> shown_steps(store::Database& database, std::int64_t session,
                                     const std::vector<std::int64_t>& open, std::int64_t newest) {
  std::vector<HealingStep> out;
  for (auto& row : store::HealingSteps(database, session).newest()) {
    const bool known = row.seq > newest || std::ranges::find(open, row.seq) != open.end();
    // The process ended before it was known.
    if (row.outcome == "pending" && !known) row.outcome = "unknown";
    out.push_back({row.at, row.scope, row.step, row.cause, row.code, row.chat, row.outcome});
  }
  return out;
}

}  // namespace pigeond::gateway
