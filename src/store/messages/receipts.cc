#include "store/messages/receipts.h"

#include <algorithm>
#include <string>

#include "store/jid_column.h"

namespace pigeond::store {
namespace {

constexpr int kDelivered = 2, kRead = 3, kPlayed = 4;

}  // namespace

int ReceiptTotal::ack() const {
  if (recipients <= 0 || delivered < recipients) return 0;
  return played >= recipients ? kPlayed : read >= recipients ? kRead : kDelivered;
}

void Receipts::put(std::int64_t message, const wire::Jid& user, int level, std::int64_t timestamp) {
  put(message, user.without_device().text(), level, timestamp);
}

void Receipts::put(std::int64_t message, const std::string& user, int level, std::int64_t timestamp) {
  const auto at = [&](int of) { return level == of ? timestamp : std::int64_t{0}; };
  auto statement = database_.prepare(
      "INSERT INTO receipt (message, user, delivered, read, played) VALUES (?, ?, ?, ?, ?)"
      " ON CONFLICT (message, user) DO UPDATE SET"
      " delivered = iif(delivered = 0, excluded.delivered, delivered),"
      " read = iif(read = 0, excluded.read, read), played = iif(played = 0, excluded.played, played)"
      " WHERE (delivered = 0 AND excluded.delivered > 0) OR (read = 0 AND excluded.read > 0)"
      " OR (played = 0 AND excluded.played > 0)");
  statement.bind(message).bind(user).bind(at(kDelivered)).bind(at(kRead)).bind(at(kPlayed)).run();
}

std::optional<ReceiptTotal> Receipts::put_in_group(std::int64_t message, const wire::Jid& user,
                                                   const wire::Jid& other, int level,
                                                   std::int64_t timestamp) {
  std::string name = user.without_device().text();
  int before = 0;
  {
    const std::string other_name = other.without_device().text();
    auto row = database_.prepare(
        "SELECT user, delivered, read, played FROM receipt WHERE message = ?1 AND user IN (?2, ?3)");
    row.bind(message).bind(name).bind(other_name);
    std::string found;
    while (row.step()) {
      if (found != name) found = row.text(0);
      before = std::max(before, row.integer(3) > 0 ? kPlayed : row.integer(2) > 0 ? kRead : kDelivered);
    }
    if (!found.empty()) name = found;
  }
  put(message, name, level, timestamp);
  if (level <= before) return std::nullopt;
  const auto passes = [&](int of) { return std::int64_t{before < of && of <= level}; };
  database_
      .prepare(
          "INSERT INTO receipt_total (message, recipients, delivered, read, played) VALUES (?, 0, ?, ?, ?)"
          " ON CONFLICT (message) DO UPDATE SET delivered = delivered + excluded.delivered,"
          " read = read + excluded.read, played = played + excluded.played")
      .bind(message)
      .bind(passes(kDelivered))
      .bind(passes(kRead))
      .bind(passes(kPlayed))
      .run();
  auto row =
      database_.prepare("SELECT recipients, delivered, read, played FROM receipt_total WHERE message = ?");
  if (!row.bind(message).step()) return ReceiptTotal{};
  return ReceiptTotal{row.integer(0), row.integer(1), row.integer(2), row.integer(3)};
}

void Receipts::set_recipients(std::int64_t message, std::int64_t recipients) {
  database_
      .prepare(
          "INSERT INTO receipt_total (message, recipients, delivered, read, played) VALUES (?, ?, 0, 0, 0)"
          " ON CONFLICT (message) DO UPDATE SET recipients = excluded.recipients"
          " WHERE recipients <> excluded.recipients")
      .bind(message)
      .bind(recipients)
      .run();
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
