// Opening, preparing and checking SQLite connections; only for this layer, and the only place that opens any.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/result.h"
#include "store/database/lock.h"

struct sqlite3;

namespace pigeond::store {

// Closes; a writing one gives its permission back then.
struct CloseSqlite {
  std::shared_ptr<void> permission;
  void operator()(sqlite3* handle) const;
};
using SqliteHandle = std::unique_ptr<sqlite3, CloseSqlite>;

// `what` goes in front of SQLite's message.
Error sqlite_error(sqlite3* handle, const std::string& what);

Status execute(sqlite3* handle, const char* sql, const std::string& what);
Result<std::int64_t> query_integer(sqlite3* handle, const char* sql, const std::string& what);

// The file exists afterwards, readable by its owner alone.
Status create_private_file(const std::string& path);

// The one connection that writes and checkpoints; see database_lock.h.
Result<SqliteHandle> connect_writer(const DatabaseLock& lock);
// Reads what is committed, beside the writer or without one; on any thread. Opened read-only, it changes no
// row, and checkpoints neither by itself nor when it closes.
Result<SqliteHandle> connect_reader(const std::string& path);
// A file that nobody else has open, a copy: without log, shared memory or locks.
Result<SqliteHandle> connect_copy(const std::string& path);

// What is wrong with a database file; empty: it is sound. Errors are the disk's, and tell nothing about the
// file. A damaged file keeps its write-ahead log.
enum class Check {
  header,  // whether it is a database at all, with a schema
  quick,   // PRAGMA quick_check: every page
  full,    // PRAGMA integrity_check: each index against its table as well
};
Result<std::string> find_damage(const DatabaseLock& lock, Check check);
Result<std::string> find_damage(sqlite3* handle, const std::string& path);  // in full, by whom it is open
// In full: a copy has the pages of an index as they were, damaged ones too, and quick_check compares none of
// them with its table.
// `cancelled`, if there is one, may become true meanwhile: Cause::cancelled.
Result<std::string> find_damage_of_copy(const std::string& path,
                                        const std::atomic<bool>* cancelled = nullptr);

// What the connection does fails with SQLITE_INTERRUPT, within moments, from when `cancelled` is true. It
// outlives the connection.
void let_cancel(sqlite3* handle, const std::atomic<bool>& cancelled);

// Brings the schema from whatever version to ours, a transaction each; refuses a newer one.
Status migrate(sqlite3* handle, const std::string& path);

// Makes a file small again of which most is free pages, as after a large account was erased: at a start, when
// nobody waits. SQLite's auto_vacuum would do so at any time, for 5 % more written with each message.
Status give_back_free_pages(sqlite3* handle, const std::string& path);

}  // namespace pigeond::store
