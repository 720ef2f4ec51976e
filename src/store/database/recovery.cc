#include "store/database/recovery.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>

#include "store/database/backup.h"
#include "store/database/connection.h"
#include "store/database/database.h"
#include "store/database/durable_file.h"
#include "store/database/trouble.h"
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

// Of the damaged files that were kept the newest stays, beside this one: each is as large as the database.
void remove_older_ones(const std::string& path, const std::string& kept) {
  namespace fs = std::filesystem;
  constexpr std::string_view kLog = "-wal";
  const std::string prefix = fs::path(path).filename().string() + ".damaged-";
  std::set<std::string> others;
  std::error_code none;
  for (fs::directory_iterator at(fs::path(kept).parent_path(), none), end; !none && at != end;
       at.increment(none)) {
    std::string file = at->path().string();
    if (!at->path().filename().string().starts_with(prefix)) continue;
    if (file.ends_with(kLog)) file.resize(file.size() - kLog.size());
    if (file != kept) others.insert(file);
  }
  if (!others.empty()) others.erase(std::prev(others.end()));
  for (const auto& file : others)
    for (const std::string_view part : {std::string_view(), kLog})
      std::remove((file + std::string(part)).c_str());
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
  if (!recovery.damaged.empty()) remove_older_ones(path, recovery.damaged);
  return {};
}

// The copy that a restore works on; what is left of it goes, however that ends.
class Workpiece {
 public:
  explicit Workpiece(const std::string& path) : file_(path + ".restoring") { remove(); }
  ~Workpiece() { remove(); }
  Workpiece(const Workpiece&) = delete;
  Workpiece& operator=(const Workpiece&) = delete;
  const std::string& file() const { return file_; }

 private:
  void remove() const {
    for (const char* part : {"", "-wal", "-shm", ".lock"}) std::remove((file_ + part).c_str());
  }

  const std::string file_;
};

// The backup as it may be used, under the name of what is only to be put in place.
Status prepare(const std::string& path) {
  const std::string backup = backup_file_of(path);
  if (!size_of(backup))
    return damage_error("there is no " + backup +
                        ": repair it (sqlite3's .recover), or move it away and start again, to begin anew");
  const Workpiece copy(path);
  PIGEOND_CHECK(copy_durably(backup, copy.file()));
  PIGEOND_TRY(const std::string damage, find_damage_of_copy(copy.file()));
  if (!damage.empty())
    return damage_error(backup + " is damaged too (" + damage +
                        "): move both away and start again, to begin anew");
  {
    PIGEOND_TRY(const auto database, Database::open(copy.file()));
    database->begin();
    SessionTable(*database).forget_ratchets();
    PIGEOND_CHECK(database->commit());
  }
  PIGEOND_CHECK(sync_file(copy.file()));
  return rename_durably(copy.file(), restored_file_of(path));
}

Status restore(const std::string& path, Millis wall, Recovery& recovery) {
  if (Status prepared = prepare(path); !prepared)
    return damage_error(path + " is damaged (" + recovery.reason +
                        "), and could not be restored: " + prepared.error().detail);
  return put_in_place(path, wall, recovery);
}

// What is wrong with the file; "" if it can be used.
Result<std::string> look(DatabaseLock& lock, const std::string& suspicion, bool& checked) {
  const bool unclean = size_of(lock.path() + "-wal").has_value();
  checked = unclean || !suspicion.empty();
  const Check check = !suspicion.empty() ? Check::full : unclean ? Check::quick : Check::header;
  PIGEOND_CHECK(lock.follow());
  return find_damage(lock, check);
}

}  // namespace

Result<Recovery> recover(const std::string& path, Millis wall) {
  PIGEOND_TRY(auto lock, DatabaseLock::take(path));
  return recover(lock, wall);
}

Result<Recovery> recover(DatabaseLock& lock, Millis wall, const std::string& suspicion) {
  Recovery recovery;
  const std::string& path = lock.path();
  if (path == ":memory:") return recovery;
  if (size_of(restored_file_of(path))) {
    recovery.reason = "a restore was interrupted";
    PIGEOND_CHECK(put_in_place(path, wall, recovery));
    return recovery;
  }
  const auto size = size_of(path);
  if (size.value_or(0) == 0) {
    if (!size_of(backup_file_of(path))) {
      if (suspicion.empty()) return recovery;  // the first start
      return damage_error(path + (size ? " is empty" : " is missing") + ", and there is no backup of it");
    }
    recovery.reason = size ? "it is empty" : "it is missing";
    PIGEOND_CHECK(restore(path, wall, recovery));
    return recovery;
  }
  PIGEOND_TRY(recovery.reason, look(lock, suspicion, recovery.checked));
  if (recovery.reason.empty()) return recovery;
  PIGEOND_CHECK(restore(path, wall, recovery));
  return recovery;
}

Result<OpenedDatabase> recover_and_open(const std::string& path, Millis wall) {
  PIGEOND_TRY(auto lock, DatabaseLock::take(path));
  OpenedDatabase out;
  const auto attempt = [&](const std::string& suspicion) -> Status {
    PIGEOND_TRY(out.recovery, recover(lock, wall, suspicion));
    PIGEOND_TRY(out.database, Database::open(lock));
    return {};
  };
  Status opened = attempt({});
  // A page that only migrations have read; or else the one that says so for good.
  if (!opened && is_damage(opened.error())) opened = attempt(opened.error().detail);
  if (opened) return out;
  if (!is_damage(opened.error())) return opened.error();
  out.damage = opened.error();
  out.database = Database::without_file(std::move(lock), opened.error());
  return out;
}

}  // namespace pigeond::store
