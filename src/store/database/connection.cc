#include "store/database/connection.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <utility>

#include "store/database/database.h"
#include "store/database/migrations.h"
#include "store/database/trouble.h"
#include "store/indexed.h"

namespace pigeond::store {
namespace {

// The writer's cache is small because the state of an idle account is read once; memory mapping is off
// because a read error would then be a SIGBUS. secure_delete=FAST overwrites used-up keys in pages that are
// written anyway.
constexpr const char* kWriterPragmas =
    "PRAGMA synchronous=FULL;"
    "PRAGMA foreign_keys=ON;"
    "PRAGMA cache_size=-512;"
    "PRAGMA mmap_size=0;"
    "PRAGMA temp_store=MEMORY;"
    "PRAGMA secure_delete=FAST;"
    "PRAGMA trusted_schema=OFF;"
    "PRAGMA journal_size_limit=4194304;";

constexpr const char* kReaderPragmas =
    "PRAGMA query_only=ON;"
    "PRAGMA wal_autocheckpoint=0;"
    "PRAGMA cache_size=-256;"
    "PRAGMA mmap_size=0;"
    "PRAGMA temp_store=MEMORY;"
    "PRAGMA trusted_schema=OFF;";

// What a part of a unit of work would have to undo is kept in memory up to here, bytes; then in a temporary
// file.
constexpr int kUndoInMemory = 1 << 20;

// SQLite's file: URI; its path is percent-encoded where it would be taken for something else.
std::string immutable_uri(const std::string& path) {
  std::string out = "file:";
  for (const char c : path) {
    if (c == '%') {
      out += "%25";
    } else if (c == '?') {
      out += "%3f";
    } else if (c == '#') {
      out += "%23";
    } else {
      out += c;
    }
  }
  return out + "?immutable=1";
}

constexpr int kBusyMillis = 250;  // only a checkpoint or recovery beside a reader can be in the way

// A database in memory says "memory".
Status use_write_ahead_log(sqlite3* handle, const std::string& path) {
  const std::string what = "can't use database " + path;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(handle, "PRAGMA journal_mode=WAL", -1, &statement, nullptr) != SQLITE_OK) {
    return sqlite_error(handle, what);
  }
  Status done;
  if (sqlite3_step(statement) != SQLITE_ROW) {
    done = sqlite_error(handle, what);
  } else {
    const auto* mode = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    const std::string_view found = mode == nullptr ? "" : mode;
    if (found != "wal" && found != "memory") {
      done = fail(Cause::storage, what + ": its file system has no shared memory for a write-ahead log");
    }
  }
  sqlite3_finalize(statement);
  return done;
}

// The first row's text.
Result<std::string> query_text(sqlite3* handle, const char* sql, const std::string& what) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(handle, sql, -1, &statement, nullptr) != SQLITE_OK)
    return sqlite_error(handle, what);
  Result<std::string> out = std::string();
  if (sqlite3_step(statement) != SQLITE_ROW) {
    out = sqlite_error(handle, what);
  } else if (const auto* text = sqlite3_column_text(statement, 0); text != nullptr) {
    out = std::string(reinterpret_cast<const char*>(text));
  }
  sqlite3_finalize(statement);
  return out;
}

Result<std::string> sorted(const Error& error) {
  if (!is_damage(error)) return error;
  return error.detail;
}

// `check` answers "ok", or says what is wrong.
Result<std::string> run_check(sqlite3* handle, const char* check, const std::string& path) {
  const auto found = query_text(handle, check, "check of " + path);
  if (!found) return sorted(found.error());
  return *found == "ok" ? std::string() : *found;
}
Result<std::string> run_check(const Result<SqliteHandle>& handle, const char* check,
                              const std::string& path) {
  return handle ? run_check(handle->get(), check, path) : sorted(handle.error());
}

const char* sql_of(Check check) {
  switch (check) {
    case Check::header:
      return "SELECT 'ok' FROM (SELECT count(*) FROM sqlite_schema)";
    case Check::quick:
      return "PRAGMA quick_check(1)";
    case Check::full:
      return "PRAGMA integrity_check(1)";
  }
  return "";
}

Result<SqliteHandle> open(const std::string& path, int flags, std::shared_ptr<void> permission) {
  // Counts only before the first connection.
  [[maybe_unused]] static const int configured = sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, kUndoInMemory);
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  SqliteHandle handle(raw, CloseSqlite{std::move(permission)});
  if (code != SQLITE_OK) return sqlite_error(raw, "can't open database " + path);
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_timeout(raw, kBusyMillis);
  return handle;
}

void let_checkpoint_on_close(sqlite3* handle, bool allowed) {
  sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, allowed ? 0 : 1, nullptr);
}

std::string version_text(std::int64_t number) {
  return std::to_string(number);
}

}  // namespace

void CloseSqlite::operator()(sqlite3* handle) const {
  sqlite3_close_v2(handle);
}

Error sqlite_error(sqlite3* handle, const std::string& what) {
  if (handle == nullptr) return fail(Cause::storage, what + ": out of memory", SQLITE_NOMEM);
  return fail(Cause::storage, what + ": " + sqlite3_errmsg(handle), sqlite3_extended_errcode(handle));
}

Status execute(sqlite3* handle, const char* sql, const std::string& what) {
  if (sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return sqlite_error(handle, what);
  return {};
}

Result<std::int64_t> query_integer(sqlite3* handle, const char* sql, const std::string& what) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(handle, sql, -1, &statement, nullptr) != SQLITE_OK)
    return sqlite_error(handle, what);
  if (sqlite3_step(statement) != SQLITE_ROW) {
    Error error = sqlite_error(handle, what);
    sqlite3_finalize(statement);
    return error;
  }
  const std::int64_t value = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  return value;
}

Result<std::string> find_damage(const DatabaseLock& lock, Check check) {
  const auto handle = connect_writer(lock);
  if (handle) let_checkpoint_on_close(handle->get(), false);
  auto found = run_check(handle, sql_of(check), lock.path());
  if (handle && found && found->empty()) let_checkpoint_on_close(handle->get(), true);
  return found;
}

Result<std::string> find_damage(sqlite3* handle, const std::string& path) {
  return run_check(handle, sql_of(Check::full), path);
}

Result<std::string> find_damage_of_copy(const std::string& path, const std::atomic<bool>* cancelled) {
  const auto handle = connect_copy(path);
  if (handle && cancelled != nullptr) let_cancel(handle->get(), *cancelled);
  auto found = run_check(handle, sql_of(Check::full), path);
  // However far it came, and whatever it has found.
  if (cancelled != nullptr && *cancelled) return fail(Cause::cancelled, "check of " + path);
  return found;
}

void let_cancel(sqlite3* handle, const std::atomic<bool>& cancelled) {
  constexpr int kOpcodesBetweenLooks = 1000;  // well under a millisecond
  const auto is_cancelled = [](void* flag) {
    return static_cast<const std::atomic<bool>*>(flag)->load() ? 1 : 0;
  };
  // The flag is only read; SQLite's interface has no const.
  sqlite3_progress_handler(handle, kOpcodesBetweenLooks, is_cancelled,
                           const_cast<std::atomic<bool>*>(&cancelled));
}

Status create_private_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return system_error("can't open database " + path);
  ::close(descriptor);
  return {};
}

Result<SqliteHandle> connect_writer(const DatabaseLock& lock) {
  const std::string& path = lock.path();
  PIGEOND_TRY(auto handle, open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, lock.permit_writer()));
  let_checkpoint_on_close(handle.get(), false);  // a file too damaged to be used keeps its log
  const auto page_size = "PRAGMA page_size=" + std::to_string(kPageBytes);  // it stands once there is a log
  PIGEOND_CHECK(execute(handle.get(), page_size.c_str(), "can't use database " + path));
  PIGEOND_CHECK(use_write_ahead_log(handle.get(), path));
  PIGEOND_CHECK(execute(handle.get(), kWriterPragmas, "can't use database " + path));
  let_checkpoint_on_close(handle.get(), true);
  return handle;
}

Result<SqliteHandle> connect_reader(const std::string& path) {
  PIGEOND_TRY(auto handle, open(path, SQLITE_OPEN_READONLY, nullptr));
  let_checkpoint_on_close(handle.get(), false);
  PIGEOND_CHECK(execute(handle.get(), kReaderPragmas, "can't use database " + path));
  if (sqlite3_db_readonly(handle.get(), "main") != 1) std::abort();
  return handle;
}

Result<SqliteHandle> connect_copy(const std::string& path) {
  PIGEOND_TRY(auto handle, open(immutable_uri(path), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr));
  PIGEOND_CHECK(execute(handle.get(), kReaderPragmas, "can't use database " + path));
  return handle;
}

// indexed(text), as migrations need it.
void sql_indexed(sqlite3_context* context, int, sqlite3_value** values) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(values[0]));
  const auto size = static_cast<std::size_t>(sqlite3_value_bytes(values[0]));
  const std::string out = indexed(text == nullptr ? std::string_view() : std::string_view(text, size));
  sqlite3_result_text(context, out.data(), static_cast<int>(out.size()), SQLITE_TRANSIENT);
}

Status migrate(sqlite3* handle, const std::string& path) {
  PIGEOND_TRY(const std::int64_t found,
              query_integer(handle, "PRAGMA user_version", "can't read database " + path));
  const auto known = static_cast<std::int64_t>(migrations().size());
  if (found > known) {
    return fail(Cause::storage, path + " was written by a newer pigeond: its schema is " +
                                    version_text(found) + ", this program knows up to " +
                                    version_text(known));
  }
  if (found < known &&
      sqlite3_create_function_v2(handle, "indexed", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
                                 sql_indexed, nullptr, nullptr, nullptr) != SQLITE_OK)
    return sqlite_error(handle, "can't use database " + path);
  for (const Migration& migration : migrations()) {
    if (migration.number <= found) continue;
    const std::string what = "migration " + std::string(migration.name) + " of " + path;
    const std::string version = "PRAGMA user_version=" + version_text(migration.number);
    Status done = execute(handle, "BEGIN IMMEDIATE", what);
    if (done) done = execute(handle, migration.sql, what);
    if (done) done = execute(handle, version.c_str(), what);
    if (done) done = execute(handle, "COMMIT", what);
    if (!done) {
      if (sqlite3_get_autocommit(handle) == 0) sqlite3_exec(handle, "ROLLBACK", nullptr, nullptr, nullptr);
      return done;
    }
  }
  return {};
}

Status give_back_free_pages(sqlite3* handle, const std::string& path) {
  constexpr std::int64_t kWorthIt = 16 * 1048576;  // bytes
  const std::string what = "can't use database " + path;
  PIGEOND_TRY(const std::int64_t free, query_integer(handle, "PRAGMA freelist_count", what));
  PIGEOND_TRY(const std::int64_t all, query_integer(handle, "PRAGMA page_count", what));
  PIGEOND_TRY(const std::int64_t bytes, query_integer(handle, "PRAGMA page_size", what));
  if (free * bytes < kWorthIt || free < all / 2) return {};
  // The copy that it makes of the rest is better on the disk than in memory.
  PIGEOND_CHECK(execute(handle, "PRAGMA temp_store=FILE", what));
  const Status done = execute(handle, "VACUUM", what);
  PIGEOND_CHECK(execute(handle, "PRAGMA temp_store=MEMORY", what));
  if (done || is_damage(done.error())) return done;
  return {};  // no room for it: the pages will be used again
}

}  // namespace pigeond::store
