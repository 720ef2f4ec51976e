#include "store/client_version.h"

namespace pigeond::store {

ClientVersionRow client_version(Database& database) {
  auto row =
      database.prepare("SELECT revision, looked, expires, expires_revision FROM client_version WHERE id = 1");
  if (!row.step()) return {};
  return {static_cast<std::uint32_t>(row.integer(0)), row.integer(1), row.integer(2),
          static_cast<std::uint32_t>(row.integer(3))};
}

void set_client_version(Database& database, const ClientVersionRow& row) {
  database
      .prepare(
          "INSERT OR REPLACE INTO client_version (id, revision, looked, expires, expires_revision)"
          " VALUES (1, ?, ?, ?, ?)")
      .bind(row.revision)
      .bind(row.looked)
      .bind(row.expires)
      .bind(row.expires_revision)
      .run();
}

}  // namespace pigeond::store
