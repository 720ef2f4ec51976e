#include "store/database/trouble.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>

namespace pigeond::store {

Trouble trouble_of(const Error& error) {
  if (error.cause != Cause::storage) return Trouble::other;
  switch (error.code & 0xff) {  // without SQLite's extension
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_NOMEM:
    case SQLITE_CANTOPEN:
    case SQLITE_BUSY:
    case SQLITE_PROTOCOL:
    case SQLITE_NOLFS:
    case SQLITE_PERM:
      return Trouble::disk;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Trouble::damage;
    default:
      return Trouble::other;
  }
}

Error system_error(const std::string& what) {
  const int code = errno;
  return fail(Cause::storage, what + ": " + std::strerror(code),
              code == ENOSPC || code == EDQUOT ? SQLITE_FULL : SQLITE_IOERR);
}

Error damage_error(const std::string& detail) {
  return fail(Cause::storage, detail, SQLITE_CORRUPT);
}

}  // namespace pigeond::store
