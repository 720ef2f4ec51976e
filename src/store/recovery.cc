#include "store/recovery.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <optional>

#include "store/backup.h"
#include "store/connection.h"
#include "store/database.h"
#include "store/durable_file.h"
#include "store/sessions.h"

namespace pigeond::store {
namespace {

// Bytes; nullopt if there is no such file.
std::optional<std::int64_t> size_of(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  return static_cast<std::int64_t>(found.st_size);
}

std::string damaged_name(const std::string& path, Millis wall) {
  const std::time_t seconds = wall / kSecond;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &utc);
  return path + ".damaged-" + text.data();
}

// Complete and synced as soon as it has this name: what is left to do is to put it in place.
std::string restored_file_of(const std::string& path) {
  return path + ".restored";
}

// A crash between two steps leaves restored_file_of(path), and all of it is done again.
Status put_in_place(const std::string& path, Millis wall, Recovery& recovery) {
  const std::string damaged = damaged_name(path, wall);
  // The log goes first: beside the restored file it would be taken for that one's.
  if (size_of(path + "-wal")) PIGEOND_CHECK(rename_durably(path + "-wal", damaged + "-wal"));
  std::remove((path + "-shm").c_str());
  if (size_of(path)) {
    PIGEOND_CHECK(rename_durably(path, damaged));
    recovery.damaged = damaged;
  }
  PIGEOND_CHECK(rename_durably(restored_file_of(path), path));
  recovery.restored = true;
  recovery.backup_time = backup_time(path);
  return {};
}

Status restore(const std::string& path, Millis wall, Recovery& recovery) {
  const std::string backup = backup_file_of(path);
  const std::string what = path + " is damaged (" + recovery.reason + ")";
  if (!size_of(backup)) {
    return fail(Cause::storage, what + " and there is no " + backup +
                                    ": repair it (sqlite3's .recover), or move it away to begin anew");
  }
  const std::string copy = path + ".restoring";
  PIGEOND_CHECK(copy_durably(backup, copy));
  PIGEOND_TRY(const std::string damage, find_damage(copy));
  if (!damage.empty())
    return fail(Cause::storage,
                what + " and so is " + backup + " (" + damage + "): move both away to begin anew");
  {
    PIGEOND_TRY(const auto database, Database::open(copy));
    database->begin();
    SessionTable(*database).forget_ratchets();
    PIGEOND_CHECK(database->commit());
  }
  std::remove((copy + ".lock").c_str());
  PIGEOND_CHECK(sync_file(copy));
  PIGEOND_CHECK(rename_durably(copy, restored_file_of(path)));
  return put_in_place(path, wall, recovery);
}

}  // namespace

Result<Recovery> recover(const std::string& path, Millis wall) {
  Recovery recovery;
  if (path == ":memory:") return recovery;
  PIGEOND_TRY(const FileLock lock, FileLock::take(path + ".lock"));
  for (const char* part : {"", "-wal", "-shm", ".lock"}) std::remove((path + ".restoring" + part).c_str());
  if (size_of(restored_file_of(path))) {
    recovery.reason = "a restore was interrupted";
    PIGEOND_CHECK(put_in_place(path, wall, recovery));
    return recovery;
  }
  const auto size = size_of(path);
  const bool has_backup = size_of(backup_file_of(path)).has_value();
  if (size.value_or(0) == 0) {
    if (!has_backup) return recovery;  // the first start
    recovery.reason = size ? "it is empty" : "it is missing";
    PIGEOND_CHECK(restore(path, wall, recovery));
    return recovery;
  }
  const bool unclean = size_of(path + "-wal").has_value();
  PIGEOND_TRY(recovery.reason, unclean ? find_damage(path) : find_header_damage(path));
  recovery.checked = unclean;
  if (recovery.reason.empty()) return recovery;
  PIGEOND_CHECK(restore(path, wall, recovery));
  return recovery;
}

}  // namespace pigeond::store
