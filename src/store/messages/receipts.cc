#include "store/messages/receipts.h"

#include "store/jid_column.h"

namespace pigeond::store {

void Receipts::put(std::int64_t message, const wire::Jid& user, int level, std::int64_t timestamp) {
  const auto at = [&](int of) { return level == of ? timestamp : std::int64_t{0}; };
  auto statement = database_.prepare(
      "INSERT INTO receipt (message, user, delivered, read, played) VALUES (?, ?, ?, ?, ?)"
      " ON CONFLICT (message, user) DO UPDATE SET"
      " delivered = iif(delivered = 0, excluded.delivered, delivered),"
      " read = iif(read = 0, excluded.read, read), played = iif(played = 0, excluded.played, played)"
      " WHERE (delivered = 0 AND excluded.delivered > 0) OR (read = 0 AND excluded.read > 0)"
      " OR (played = 0 AND excluded.played > 0)");
  const std::string who = user.without_device().text();
  statement.bind(message).bind(who).bind(at(2)).bind(at(3)).bind(at(4)).run();
}

std::vector<ReceiptRow> Receipts::of(std::int64_t message) {
  auto row =
      database_.prepare("SELECT user, delivered, read, played FROM receipt WHERE message = ? ORDER BY user");
  row.bind(message);
  std::vector<ReceiptRow> out;
  while (row.step()) out.push_back({jid_column(row, 0), row.integer(1), row.integer(2), row.integer(3)});
  return out;
}

}  // namespace pigeond::store
