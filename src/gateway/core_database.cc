// What becomes of the sessions when the database is let go, and when it is back.
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "base/log.h"
#include "gateway/core.h"
#include "store/api_keys.h"
#include "store/messages/pruning.h"

namespace pigeond::gateway {

// No session works while nothing can be stored: their links go, callers are told why, and none starts again.
void Core::database_lost(const Error& error) {
  loading_ = false;  // all are read again when it is back
  backups_.call_off();
  storage_probe_.call_off();
  feed_.lost();
  journal_.rolled_back();
  webhooks_.rolled_back();
  std::vector<Session*> all;
  for (auto& [name, session] : sessions_) all.push_back(session.get());
  drop(all, error);
  show(all);
  report_counts();
}

// Rows may be older than what is known here. Sessions that are in both go on, with their callers.
void Core::database_back() {
  journal_.resume();
  webhooks_.start_over();
  chores_.start_over();
  retention_.clock.begin(loop_.now(), store::newest_service_time(*database_));
  std::map<std::string, std::int64_t> present;
  const Error why = fail(Cause::storage, "the database was damaged, and is in use again");
  const auto rows = table_.all();
  if (database_->failed()) return mending_.found(database_->failure());  // once more
  for (const auto& row : rows) present.emplace(row.name, row.id);
  // Before any is added: their ids may be those of others in the backup.
  for (auto at = sessions_.begin(); at != sessions_.end();) {
    const auto next = std::next(at);
    const auto found = present.find(at->first);
    if (found == present.end()) {
      log::warning("session is not in the backup", {{"session", at->first}});
      store::ApiKeys(*database_).session_removed(at->first);
      if (hooks_.on_removed) hooks_.on_removed(at->first);
    }
    if (found == present.end() || found->second != at->second->id()) drop_session(at, why);
    at = next;
  }
  for (const auto& row : rows) {
    if (const auto found = sessions_.find(row.name); found != sessions_.end()) {
      found->second->storage_failed(why, &row, stored_config(row));
      show_anew(*found->second);
    } else {
      add(row, stored_config(row)).boot(0);
    }
    touched(*sessions_.at(row.name));
  }
  feed_.back(journal_.committed_last());
  if (hooks_.on_restored) hooks_.on_restored();
  report_counts();
}

}  // namespace pigeond::gateway
