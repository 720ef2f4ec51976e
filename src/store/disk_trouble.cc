#include "store/disk_trouble.h"

#include <sqlite3.h>

namespace pigeond::store {
namespace {

int primary_code(const Error& error) {
  return error.cause == Cause::storage ? error.code & 0xff : SQLITE_OK;  // without SQLite's extension
}

}  // namespace

bool is_disk_trouble(const Error& error) {
  switch (primary_code(error)) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_NOMEM:
    case SQLITE_CANTOPEN:
      return true;
    default:
      return is_damage(error);
  }
}

bool is_damage(const Error& error) {
  const int code = primary_code(error);
  return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

}  // namespace pigeond::store
