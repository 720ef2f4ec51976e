// What an error of this layer means for those who go on. Error::code of Cause::storage is SQLite's extended
// result code, or 0 where it was this program that objected.
#pragma once

#include <string>

#include "base/result.h"

namespace pigeond::store {

enum class Trouble {
  disk,    // full, failing, read-only, out of memory, in somebody's way: nothing can be stored for anybody
  damage,  // the file is not what SQLite wrote: only a sound copy helps
  other,   // what was asked for: a constraint, a value that makes no sense; the asker's own
};

Trouble trouble_of(const Error& error);

// Nobody can go on, whoever's statement it was.
inline bool concerns_all(const Error& error) {
  return trouble_of(error) != Trouble::other;
}

inline bool is_damage(const Error& error) {
  return trouble_of(error) == Trouble::damage;
}

// Of a system call, by errno: SQLITE_FULL or SQLITE_IOERR, so that it is the disk's. errno is in the text.
Error system_error(const std::string& what);
// The file is damaged, says this program (a check, a copy), not a result code.
Error damage_error(const std::string& detail);

}  // namespace pigeond::store
