#include "store/messages/healing_steps.h"

namespace pigeond::store {

std::int64_t HealingSteps::insert(const HealingStepRow& row) {
  auto statement = database_.prepare(
      "INSERT INTO healing_step (session_id, at_ms, scope, step, cause, code, chat, outcome)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  statement.bind(session_).bind(row.at).bind(row.scope).bind(row.step).bind(row.cause);
  statement.bind(std::int64_t{row.code}).bind(row.chat).bind(row.outcome).run();
  const std::int64_t seq = database_.last_insert_id();
  auto oldest = database_.prepare(
      "DELETE FROM healing_step WHERE session_id = ?1 AND seq <="
      " (SELECT seq FROM healing_step WHERE session_id = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)");
  oldest.bind(session_).bind(std::int64_t{kSteps}).run();
  return seq;
}

void HealingSteps::set_outcome(std::int64_t seq, const std::string& outcome) {
  auto statement = database_.prepare("UPDATE healing_step SET outcome = ? WHERE session_id = ? AND seq = ?");
  statement.bind(outcome).bind(session_).bind(seq).run();
}

std::vector<HealingStepRow> HealingSteps::newest() {
  auto statement = database_.prepare(
      "SELECT seq, at_ms, scope, step, cause, code, chat, outcome FROM healing_step"
      " WHERE session_id = ? ORDER BY seq DESC");
  statement.bind(session_);
  std::vector<HealingStepRow> rows;
  while (statement.step()) {
    HealingStepRow row;
    row.seq = statement.integer(0);
    row.at = statement.integer(1);
    row.scope = statement.text(2);
    row.step = statement.text(3);
    row.cause = statement.text(4);
    row.code = static_cast<int>(statement.integer(5));
    row.chat = statement.text(6);
    row.outcome = statement.text(7);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::int64_t HealingSteps::newest_seq() {
  auto statement = database_.prepare("SELECT ifnull(max(seq), 0) FROM healing_step WHERE session_id = ?");
  statement.bind(session_);
  return statement.step() ? statement.integer(0) : 0;
}

}  // namespace pigeond::store
