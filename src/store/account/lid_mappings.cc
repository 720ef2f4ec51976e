#include "store/account/lid_mappings.h"

namespace pigeond::store {

bool LidMappings::put(std::string_view lid, std::string_view pn) {
  if (lid_of(pn) == lid) return false;
  // REPLACE removes whichever row holds either half.
  database_.prepare("INSERT OR REPLACE INTO lid_mapping (session_id, lid, pn) VALUES (?, ?, ?)")
      .bind(session_)
      .bind(lid)
      .bind(pn)
      .run();
  return true;
}

bool LidMappings::add(std::string_view lid, std::string_view pn) {
  return database_.prepare("INSERT OR IGNORE INTO lid_mapping (session_id, lid, pn) VALUES (?, ?, ?)")
             .bind(session_)
             .bind(lid)
             .bind(pn)
             .run() > 0;
}

std::optional<std::string> LidMappings::lid_of(std::string_view pn) {
  auto row = database_.prepare("SELECT lid FROM lid_mapping WHERE session_id = ? AND pn = ?");
  if (!row.bind(session_).bind(pn).step()) return std::nullopt;
  return row.text(0);
}

std::optional<std::string> LidMappings::pn_of(std::string_view lid) {
  auto row = database_.prepare("SELECT pn FROM lid_mapping WHERE session_id = ? AND lid = ?");
  if (!row.bind(session_).bind(lid).step()) return std::nullopt;
  return row.text(0);
}

std::vector<LidMappings::Row> LidMappings::page(std::size_t limit, std::size_t offset) {
  std::vector<Row> rows;
  auto query =
      database_.prepare("SELECT lid, pn FROM lid_mapping WHERE session_id = ? ORDER BY lid LIMIT ? OFFSET ?");
  query.bind(session_).bind(static_cast<std::int64_t>(limit)).bind(static_cast<std::int64_t>(offset));
  while (query.step()) rows.push_back({query.text(0), query.text(1)});
  return rows;
}

std::int64_t LidMappings::count() {
  auto query = database_.prepare("SELECT count(*) FROM lid_mapping WHERE session_id = ?");
  return query.bind(session_).step() ? query.integer(0) : 0;
}

}  // namespace pigeond::store
