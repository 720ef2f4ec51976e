// Who may write a database: one process, with one connection.
//
// The lock has two parts, held until it goes. An flock on `<path>.lock`, beside the file that the path leads
// to (links are followed), stands also while a restore puts another file in place. A byte of the database
// file itself, locked far beyond those that SQLite uses, is the inode's: whoever comes by a hard link or
// another mount meets it too. It belongs to the open file description (F_OFD_SETLK), so that no other
// descriptor that this process closes takes it away, as it would a POSIX lock; and this one is closed only
// when no connection is open, as closing it takes away SQLite's.
//
// Only connections of this layer exist (connection.h), and the one that writes asks its lock for permission.
// SQLite before 3.51.3 may damage a database when two connections write or checkpoint it at once ("WAL-reset
// bug"); here there are no two: readers can do neither.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace pigeond::store {

class DatabaseLock {
 public:
  // ":memory:" needs none and gets none. storage: it is held, or can't be had. A file that is not there is
  // not made.
  static Result<DatabaseLock> take(const std::string& path);
  // Locks the file that has the path now, and makes it if there is none, readable by its owner alone: it
  // holds private keys. No connection may be open.
  Status follow();

  // Where the database really lies, and everything beside it.
  const std::string& path() const;

  // The permission to have the writing connection, given back when it goes. There is none while another is
  // out: that is a fault of this program, and ends it.
  std::shared_ptr<void> permit_writer() const;

 private:
  struct State;
  explicit DatabaseLock(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

// With links followed as far as they lead: where SQLite puts its files, and this program its own.
std::string real_path(const std::string& path);

}  // namespace pigeond::store
