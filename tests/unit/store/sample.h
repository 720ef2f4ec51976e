// A database with rows in every table, and ways to touch each of its trees.
#pragma once

#include <string>
#include <vector>

#include "store/database/database.h"
#include "store/sessions.h"

namespace pigeond::store {

inline std::vector<std::string> all_tables(Database& database) {
  std::vector<std::string> out;
  auto row = database.prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name");
  while (row.step()) out.push_back(row.text(0));
  return out;
}

// A row of any table with a session: `number` in what has to be unique, texts of `size` bytes.
inline void add_row(Database& database, const std::string& table, std::int64_t session, std::int64_t number,
                    std::int64_t size) {
  std::string columns, values;
  auto info = database.prepare("SELECT name, type, pk FROM pragma_table_info('" + table + "')");
  while (info.step()) {
    const std::string name = info.text(0);
    if (name == "seq" && table != "outbox") continue;
    const bool key32 = table != "message" && (name == "private" || name == "public" || name == "request" ||
                                              (name == "key" && table == "signal_identity") ||
                                              name.ends_with("_private") || name == "adv_secret");
    std::string value;
    if (table == "client_version" && name == "id") {  // its only row
      value = "1";
    } else if (name == "session_id") {
      value = std::to_string(session);
    } else if (name == "signature") {
      value = "zeroblob(64)";
    } else if (key32) {
      value = "zeroblob(32)";
    } else if (name == "hash") {  // unique, of a key of the API
      value = "randomblob(32)";
    } else if (info.text(1) == "INTEGER") {
      value = std::to_string(number);
    } else if (info.text(1) == "BLOB") {
      value = "randomblob(" + std::to_string(size) + ")";
    } else {
      value = "printf('%0" + std::to_string(size) + "d', " + std::to_string(number) + ")";
    }
    columns += (columns.empty() ? "" : ", ") + name;
    values += (values.empty() ? "" : ", ") + value;
  }
  database.prepare("INSERT OR REPLACE INTO " + table + " (" + columns + ") VALUES (" + values + ")").run();
}

// Some rows in each tree; in some of them more than a page has room for. Keys are no longer than real ones
// may be: what of a key lies on a page of its own can't be told from another key.
inline void fill_sample(Database& database) {
  database.begin();
  SessionTable sessions(database);
  const auto tables = all_tables(database);
  for (std::int64_t i = 1; i <= 10; ++i) {
    const auto session = sessions.create({0, "s" + std::to_string(i), "{}", true, 1});
    for (const auto& table : tables)
      if (table != "session") add_row(database, table, session, i, table == "message" ? 900 : 90);
  }
  (void)database.commit();
}

inline void read_everything(Database& database) {
  for (const auto& table : all_tables(database)) {
    auto rows = database.prepare("SELECT * FROM " + table);
    while (rows.step()) (void)rows.text(0);
  }
}

// Another session, with a row in every table.
inline void add_to_everything(Database& database, std::int64_t number) {
  const auto session = SessionTable(database).create({0, "s" + std::to_string(number), "{}", true, 1});
  for (const auto& table : all_tables(database))
    if (table != "session") add_row(database, table, session, number, 90);
}

// Row by row, so that every tree of every table is gone through. Children come before `session`.
inline void delete_everything(Database& database) {
  for (const auto& table : all_tables(database))
    if (table != "session") database.prepare("DELETE FROM " + table + " WHERE 1").run();
  database.prepare("DELETE FROM session WHERE 1").run();
}

inline std::string integrity(Database& database) {
  auto row = database.prepare("PRAGMA integrity_check(1)");
  return row.step() ? row.text(0) : database.failure().detail;
}

}  // namespace pigeond::store
