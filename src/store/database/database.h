// SQLite: one writing connection (WAL, synchronous=FULL), numbered migrations, prepared statements kept for
// reuse. Thread rule: a Database belongs to one thread. Errors are Cause::storage with SQLite's code; they
// are values, and nothing half-written stays: the unit of work is rolled back.
//
//   db.begin();
//   db.prepare("INSERT ...").bind(1).bind("x").run();   // as many as needed; the first error sticks
//   Status done = db.commit();                          // the only place that has to look
//
// Without begin(), each writing statement is a unit of work of its own (start-up, tools, tests).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "store/database/lock.h"

struct sqlite3;
struct sqlite3_stmt;

namespace pigeond::store {

// Of files that are made; one that is there keeps its own. Each commit writes whole pages, to the log and
// later to the file: a text's five small rows are 5 KB of pages of 1 KiB, where SQLite's 4 KiB make it 20,
// and as much less to copy and to sum up.
inline constexpr std::size_t kPageBytes = 1024;

class Database;

// A prepared statement with its values bound; from Database::prepare, back to the cache when it goes. It must
// not outlive its Database.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // Bind in order of the ?s. Views must stay alive until the statement is done.
  Statement& bind(std::int64_t value);
  Statement& bind(std::string_view text);
  Statement& bind(const char* text) { return bind(std::string_view(text)); }
  Statement& bind(const std::string& text) { return bind(std::string_view(text)); }
  Statement& bind(ByteView blob);
  Statement& bind(const Bytes& blob) { return bind(ByteView(blob)); }
  Statement& bind_null();
  template <typename T>
  Statement& bind(const std::optional<T>& value) {
    return value ? bind(*value) : bind_null();
  }

  // True: a row is there to read. False: done, or an error: of this statement or an earlier one of the unit
  // of work, see Database::failed.
  bool step();
  // For statements that give no rows; the number of rows changed.
  std::int64_t run();
  // Ready to be bound and run again, without another look into the cache.
  Statement& again();

  std::int64_t integer(int column) const;
  std::string text(int column) const;
  Bytes blob(int column) const;
  // Without a copy; gone with the next step().
  ByteView blob_view(int column) const;
  bool is_null(int column) const;

 private:
  friend class Database;
  Statement(Database* database, sqlite3_stmt* statement, bool* busy)
      : database_(database), statement_(statement), busy_(busy) {}
  Database* database_;
  sqlite3_stmt* statement_;
  bool* busy_;  // of the cache's entry; null: not of the cache
  int next_ = 1;
};

class Database {
 public:
  // Opens or creates, and migrates. ":memory:" is allowed. A newer schema than ours is refused. The lock
  // keeps a second process (or a second open) away for as long as this object lives; see database_lock.h.
  static Result<std::unique_ptr<Database>> open(const std::string& path);
  static Result<std::unique_ptr<Database>> open(DatabaseLock lock);
  // One without its file, as after close(): for a start with a database that can't be used.
  static std::unique_ptr<Database> without_file(DatabaseLock lock, Error why);
  // A second, read-only connection to the same file, for another thread. It sees what is committed. Its
  // schema must be ours.
  static Result<std::unique_ptr<Database>> open_read_only(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // `sql` is one statement; constant texts only, as it is also the key of the cache.
  Statement prepare(std::string_view sql);

  // One unit of work. begin() is lazy: nothing reaches SQLite until the first statement. commit() tells the
  // first error of any statement since begin(), and has then rolled back. commits() counts what was really
  // committed: a unit of work that changed no row is none.
  void begin();
  Status commit();
  void rollback();
  // A part of the unit of work that can fail alone: end_part() tells the first error since begin_part() that
  // was not the disk's, has then rolled back what the part had written, and the unit of work goes on. Until
  // then no statement of the part does anything any more. Trouble of the disk fails the whole unit of work,
  // as ever. Parts are not nested; they cost nothing until they write. Outside of a unit of work they mean
  // nothing.
  void begin_part();
  Status end_part();
  bool changed() const;  // this unit of work has written
  bool failed() const;   // a statement of this unit of work failed, or of this part of it
  const Error& failure() const;
  // Makes this unit of work, or this part of it, fail: for what SQLite can't see, such as a stored value that
  // makes no sense.
  void fail_unit(Error error);

  // Lets go of the file, not of the lock: so that another can take its place. Every statement fails with
  // `why` until reopen(), which opens and migrates as open() does, and takes no longer for a
  // large file. An open unit of work is rolled back; if
  // it had written or failed, its commit() tells `why`. No Statement may be there. reopen() forgets what
  // failed before it in an open unit of work: to be called where commit() has told that.
  void close(Error why);
  Status reopen();
  bool closed() const;
  DatabaseLock& lock();

  std::int64_t commits() const;
  std::int64_t rows_changed() const;  // by this unit of work
  // Gives back what SQLite keeps of pages in memory: the next statements read them again, from the system's
  // cache of the file.
  void release_memory();
  // The texts of all statements that were prepared so far: what a test asks the query planner about.
  std::vector<std::string> statements() const;
  std::int64_t last_insert_id() const;
  int schema_version() const;

 private:
  friend class Statement;
  struct Impl;
  explicit Database(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pigeond::store
