#include "store/account/account_limits.h"

namespace pigeond::store {

std::optional<ReachoutTimelock> AccountLimits::timelock() {
  auto row = database_.prepare("SELECT active, ends, type FROM reachout_timelock WHERE session_id = ?");
  if (!row.bind(session_).step()) return std::nullopt;
  return ReachoutTimelock{row.integer(0) != 0, row.integer(1), row.text(2)};
}

void AccountLimits::set(const ReachoutTimelock& timelock, std::int64_t heard) {
  database_
      .prepare(
          "INSERT OR REPLACE INTO reachout_timelock (session_id, active, ends, type, heard)"
          " VALUES (?, ?, ?, ?, ?)")
      .bind(session_)
      .bind(timelock.active ? 1 : 0)
      .bind(timelock.ends)
      .bind(timelock.type)
      .bind(heard)
      .run();
}

std::optional<MessageCapping> AccountLimits::capping() {
  auto row = database_.prepare(
      "SELECT status, total, used, cycle_start, cycle_end, mv_status, ote_status FROM message_capping"
      " WHERE session_id = ?");
  if (!row.bind(session_).step()) return std::nullopt;
  return MessageCapping{row.text(0),    row.integer(1), row.integer(2), row.integer(3),
                        row.integer(4), row.text(5),    row.text(6)};
}

void AccountLimits::set(const MessageCapping& capping, std::int64_t heard) {
  database_
      .prepare(
          "INSERT OR REPLACE INTO message_capping (session_id, status, total, used, cycle_start, cycle_end,"
          " mv_status, ote_status, heard) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(session_)
      .bind(capping.status)
      .bind(capping.total)
      .bind(capping.used)
      .bind(capping.cycle_start)
      .bind(capping.cycle_end)
      .bind(capping.mv_status)
      .bind(capping.ote_status)
      .bind(heard)
      .run();
}

std::int64_t AccountLimits::heard() {
  auto row = database_.prepare(
      "SELECT min(reachout_timelock.heard, message_capping.heard) FROM reachout_timelock"
      " JOIN message_capping USING (session_id) WHERE session_id = ?");
  return row.bind(session_).step() ? row.integer(0) : 0;
}

}  // namespace pigeond::store
