#include "store/account/calls.h"

#include "store/jid_column.h"

namespace pigeond::store {
namespace {

// As `flags` has them.
constexpr std::int64_t kVideo = 1, kGroup = 2, kOver = 4;

}  // namespace

std::optional<CallRow> Calls::find(std::string_view id) {
  auto row = database_.prepare("SELECT at_ms, caller, flags FROM call WHERE session_id = ? AND id = ?");
  if (!row.bind(session_).bind(id).step()) return std::nullopt;
  CallRow out;
  out.id = id;
  out.at = row.integer(0);
  out.caller = jid_column(row, 1);
  out.video = (row.integer(2) & kVideo) != 0;
  out.group = (row.integer(2) & kGroup) != 0;
  out.over = (row.integer(2) & kOver) != 0;
  return out;
}

void Calls::insert(const CallRow& row, Millis since, std::int64_t most) {
  std::int64_t count = 0;
  std::string oldest;
  Millis oldest_at = 0;
  {
    auto known = database_.prepare("SELECT id, at_ms FROM call WHERE session_id = ?");
    known.bind(session_);
    while (known.step()) {
      ++count;
      if (!oldest.empty() && known.integer(1) >= oldest_at) continue;
      oldest = known.text(0);
      oldest_at = known.integer(1);
    }
  }
  if (!oldest.empty() && (oldest_at < since || count >= most))
    database_.prepare("DELETE FROM call WHERE session_id = ? AND id = ?").bind(session_).bind(oldest).run();
  auto statement = database_.prepare(
      "INSERT OR REPLACE INTO call (session_id, id, at_ms, caller, flags) VALUES (?, ?, ?, ?, ?)");
  const std::string caller = row.caller.text();
  statement.bind(session_).bind(row.id).bind(row.at).bind(caller);
  statement.bind((row.video ? kVideo : 0) | (row.group ? kGroup : 0) | (row.over ? kOver : 0)).run();
}

void Calls::set_over(std::string_view id) {
  database_.prepare("UPDATE call SET flags = flags | 4 WHERE session_id = ? AND id = ?")
      .bind(session_)
      .bind(id)
      .run();
}

}  // namespace pigeond::store
