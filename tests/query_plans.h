// What SQLite would do for the statements that a database was asked so far: those that walk through a table
// which may be large, or through all that one account has in it.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "store/database/database.h"

namespace pigeond {

// Statements that may walk, because they are asked once at a start, or stop after a few rows that they find.
inline bool may_walk(const std::string& sql) {
  static const std::vector<std::string> parts = {
      "SELECT timestamp FROM message WHERE from_me = 0 OR ack > 0 ORDER BY seq DESC LIMIT 1",  // a start
      "SELECT count(*) FROM idempotency_key",  // only where there may be too many
      "FROM sqlite_schema",
      "INDEXED BY message_by_chat",  // a step of what is being erased: all of it goes
      "SELECT seq FROM idempotency_key WHERE session_id = ? LIMIT ?",
      "SELECT user FROM first_contact WHERE session_id",
      "FROM message_recipient r WHERE",
      "DELETE FROM session WHERE id = ?",  // its last row: foreign keys look where nothing is left
  };
  return std::any_of(parts.begin(), parts.end(),
                     [&](const auto& part) { return sql.find(part) != std::string::npos; });
}

// Each: the statement, and the step of its plan.
inline std::vector<std::string> walks(store::Database& database) {
  std::vector<std::string> out;
  for (const std::string& sql : database.statements()) {
    const bool asks = sql.starts_with("SELECT") || sql.starts_with("UPDATE") || sql.starts_with("DELETE") ||
                      sql.starts_with("INSERT");
    if (!asks || may_walk(sql)) continue;
    auto plan = database.prepare("EXPLAIN QUERY PLAN " + sql);
    while (plan.step()) {
      const std::string step = plan.text(3);
      for (const char* table :
           {"message", "m", "message_recipient", "idempotency_key", "event", "e", "webhook_outcome", "o",
            "webhook_pending", "p", "outbox", "retry", "healing_step", "first_contact"}) {
        const std::string name = table;
        const bool scans = step == "SCAN " + name || step.starts_with("SCAN " + name + " ");
        const bool large = name == "message" || name == "m" || name == "message_recipient";
        const bool whole_account =
            large && step.starts_with("SEARCH " + name + " ") && step.ends_with("(session_id=?)");
        if (scans || whole_account) out.push_back(sql + ": " + step);
      }
    }
  }
  return out;
}

}  // namespace pigeond
