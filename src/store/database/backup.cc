#include "store/database/backup.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <cstdio>

#include "store/database/connection.h"
#include "store/database/durable_file.h"
#include "store/database/trouble.h"

namespace pigeond::store {
namespace {

// VACUUM INTO is one consistent reading, needs no lock that the writer would wait for, and leaves out free
// pages.
Status copy_into(sqlite3* handle, const std::string& target) {
  sqlite3_stmt* statement = nullptr;
  const std::string what = "backup to " + target;
  if (sqlite3_prepare_v2(handle, "VACUUM INTO ?", -1, &statement, nullptr) != SQLITE_OK)
    return sqlite_error(handle, what);
  sqlite3_bind_text(statement, 1, target.c_str(), -1, SQLITE_STATIC);
  Status done;
  const int code = sqlite3_step(statement);
  if (code == SQLITE_INTERRUPT) {
    done = fail(Cause::cancelled, what);
  } else if (code != SQLITE_DONE) {
    done = sqlite_error(handle, what);
  }
  sqlite3_finalize(statement);
  return done;
}

Status make_copy(const std::string& path, const std::string& target, const std::atomic<bool>& cancelled) {
  if (cancelled) return fail(Cause::cancelled, "backup of " + path);
  std::remove(target.c_str());
  PIGEOND_CHECK(create_private_file(target));
  PIGEOND_TRY(const SqliteHandle handle, connect_reader(path));
  let_cancel(handle.get(), cancelled);
  PIGEOND_CHECK(execute(handle.get(), "PRAGMA query_only=OFF", "backup"));  // it forbids VACUUM INTO as well
  const Status copied = copy_into(handle.get(), target);
  // SQLite's pager says so, too, where a damaged page names a page that no file can have.
  if (!copied && (copied.error().code & 0xff) == SQLITE_FULL) {
    PIGEOND_TRY(const std::string damage, find_damage(handle.get(), path));
    if (!damage.empty()) return damage_error(path + " is damaged: " + damage);
  }
  PIGEOND_CHECK(copied);
  PIGEOND_TRY(const std::string damage, find_damage_of_copy(target, &cancelled));
  if (!damage.empty()) return damage_error("the backup of " + path + " is damaged: " + damage);
  return sync_file(target);
}

}  // namespace

std::string backup_file_of(const std::string& path) {
  return path + ".backup";
}

Millis backup_time(const std::string& path) {
  struct stat found {};
  if (::stat(backup_file_of(path).c_str(), &found) != 0) return 0;
  return static_cast<Millis>(found.st_mtim.tv_sec) * kSecond + found.st_mtim.tv_nsec / 1000000;
}

Status write_backup(const std::string& path, const std::atomic<bool>& cancelled) {
  const std::string target = backup_file_of(path) + "-new";
  auto made = make_copy(path, target, cancelled);
  if (made) made = rename_durably(target, backup_file_of(path));
  if (!made) std::remove(target.c_str());
  return made;
}

}  // namespace pigeond::store
