// Opening, preparing and checking a SQLite connection; only for this layer.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

struct sqlite3;

namespace pigeond::store {

struct CloseSqlite {
  void operator()(sqlite3* handle) const;
};
using SqliteHandle = std::unique_ptr<sqlite3, CloseSqlite>;

// An flock on a file of its own: SQLite's exclusive mode would shut out our own readers as well.
class FileLock {
 public:
  FileLock() = default;
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();
  static Result<FileLock> take(const std::string& path);

 private:
  int descriptor_ = -1;
};

// `what` goes in front of SQLite's message.
Error sqlite_error(sqlite3* handle, const std::string& what);

Status execute(sqlite3* handle, const char* sql, const std::string& what);
Result<std::int64_t> query_integer(sqlite3* handle, const char* sql, const std::string& what);

// The file exists afterwards, readable by its owner alone: it holds private keys.
Status create_private_file(const std::string& path);

Result<SqliteHandle> connect(const std::string& path, bool read_only);

// What is wrong with a database file; empty: it is sound. Errors are the disk's, and tell nothing about the
// file. find_damage runs PRAGMA quick_check, find_header_damage only asks whether it is a database at all. A
// damaged file keeps its write-ahead log.
Result<std::string> find_damage(const std::string& path);
Result<std::string> find_header_damage(const std::string& path);

// Brings the schema from whatever version to ours, a transaction each; refuses a newer one.
Status migrate(sqlite3* handle, const std::string& path);

}  // namespace pigeond::store
