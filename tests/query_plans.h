// What SQLite would do for the statements that a database was asked so far: those that walk through a table
// which may be large, or through all that one account has in it, or through a chat or an outbox.
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
      "DELETE FROM session WHERE id = ?",  // its last row: foreign keys look where nothing is left
  };
  return std::any_of(parts.begin(), parts.end(),
                     [&](const auto& part) { return sql.find(part) != std::string::npos; });
}

// Statements that may walk through a chat or an outbox. A plan does not say whether a search stops at the
// first row or looks for one that is not there, so each is named here with what bounds it.
inline bool may_walk_in_part(const std::string& sql) {
  static const std::vector<std::string> parts = {
      // The newest of a chat, and the newest row of it alone.
      "ORDER BY seq DESC LIMIT 1000",
      "SELECT by_lid FROM message WHERE session_id = ?1 AND chat = ?2",
      // It stops at the first message that got through. Where none did, pacing lets few be added.
      "SELECT 1 FROM message WHERE session_id = ?1 AND chat = ?2 AND (from_me = 0 OR ack >= 1)",
      // An outbox has no index beside its order, which would be one more page for each text; it holds at most
      // limits::kOutbox rows. The newest are asked for most, and are found first.
      "FROM outbox WHERE session_id = ? AND id = ? ORDER BY seq DESC LIMIT 1",
      "FROM outbox o WHERE o.session_id = m.session_id AND o.id = m.id",  // and only of what has no ack
      "SELECT max(seq) FROM outbox WHERE session_id = ?",                 // the last row of the tree
      "FROM outbox WHERE session_id = ? ORDER BY seq",                    // all that is found is wanted
      // Once, when a session is loaded or stops.
      "FROM outbox WHERE session_id = ? AND expires_ms > 0 AND written = 0 LIMIT 1",
      // Once, when an account goes or another one is linked.
      "UPDATE outbox SET stanza = NULL, phash = '', attempts = 0, distrust = 0, form = 0 WHERE session_id = "
      "?",
      "DELETE FROM outbox WHERE session_id = ?",
      "FROM outbox o CROSS JOIN message m",
      "FROM outbox WHERE session_id = ?1 AND NOT EXISTS (SELECT 1 FROM message",
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
           {"message",          "m",           "receipt",    "receipt_total",   "resent",
            "idempotency_key",  "event",       "e",          "webhook_outcome", "o",
            "webhook_pending",  "p",           "outbox",     "retry",           "healing_step",
            "first_contact",    "placeholder", "group_chat", "group_member",    "group_key",
            "group_key_holder", "chat_timer",  "lid_mapping"}) {
        const std::string name = table;
        const bool scans = step == "SCAN " + name || step.starts_with("SCAN " + name + " ");
        const bool large = name == "message" || name == "m";
        const bool searches = step.starts_with("SEARCH " + name + " ");
        const bool whole_account = large && searches && step.ends_with("(session_id=?)");
        const bool chat = large && step.find("(session_id=? AND chat=?") != std::string::npos &&
                          step.find("seq=?") == std::string::npos;
        const bool outbox = (name == "outbox" || name == "o") && step.ends_with("(session_id=?)");
        const bool in_part = searches && (chat || outbox) && !may_walk_in_part(sql);
        if (scans || whole_account || in_part) out.push_back(sql + ": " + step);
      }
    }
  }
  return out;
}

}  // namespace pigeond
