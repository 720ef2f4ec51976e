// What becomes of the sessions when the database is let go, and when it is back.
#include <iterator>
#include <set>
#include <utility>

#include "base/log.h"
#include "gateway/core.h"
#include "store/message_pruning.h"

namespace pigeond::gateway {

// No session works while nothing can be stored: their links go, callers are told why, and none starts again.
void Core::database_lost(const Error& error) {
  backups_.call_off();
  storage_probe_.call_off();
  webhooks_.rolled_back();
  std::vector<Session*> all;
  for (auto& [name, session] : sessions_) all.push_back(session.get());
  drop(all, error);
  report_counts();
}

// Rows may be older than what is known here. Sessions that are in both go on, with their callers.
void Core::database_back() {
  webhooks_.start_over();
  chores_.start_over();
  retention_.clock.begin(loop_.now(), store::newest_service_time(*database_));
  std::set<std::string> present;
  const Error why = fail(Cause::storage, "the database was damaged, and is in use again");
  const auto rows = table_.all();
  if (database_->failed()) return;  // once more; the commit says so
  for (const auto& row : rows) {
    present.insert(row.name);
    auto found = sessions_.find(row.name);
    if (found != sessions_.end() && found->second->id() == row.id) {
      found->second->storage_failed(why, row, stored_config(row));
      show_anew(*found->second);
    } else {
      if (found != sessions_.end()) forget_session(found);
      add(row, stored_config(row)).boot(0);
    }
    touched(*sessions_.at(row.name));
  }
  for (auto at = sessions_.begin(); at != sessions_.end();) {
    const auto next = std::next(at);
    if (!present.contains(at->first)) {
      log::warning("session is not in the backup", {{"session", at->first}});
      forget_session(at);
    }
    at = next;
  }
  report_counts();
}

}  // namespace pigeond::gateway
