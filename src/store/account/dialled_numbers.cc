#include "store/account/dialled_numbers.h"

namespace pigeond::store {

std::optional<wire::Jid> DialledNumbers::account_of(std::string_view number) {
  auto row = database_.prepare("SELECT account FROM dialled WHERE session_id = ? AND number = ?");
  if (!row.bind(session_).bind(number).step()) return std::nullopt;
  auto account = wire::parse_jid(row.text(0));
  return account ? std::optional(std::move(*account)) : std::nullopt;
}

std::vector<std::string> DialledNumbers::numbers_of(const wire::Jid& account) {
  const std::string text = account.text();
  auto row = database_.prepare("SELECT number FROM dialled WHERE session_id = ? AND account = ?");
  row.bind(session_).bind(text);
  std::vector<std::string> numbers;
  while (row.step()) numbers.push_back(row.text(0));
  return numbers;
}

void DialledNumbers::put(std::string_view number, const wire::Jid& account) {
  const std::string text = account.text();
  database_.prepare("INSERT OR REPLACE INTO dialled (session_id, number, account) VALUES (?, ?, ?)")
      .bind(session_)
      .bind(number)
      .bind(text)
      .run();
}

void DialledNumbers::remove(std::string_view number) {
  database_.prepare("DELETE FROM dialled WHERE session_id = ? AND number = ?")
      .bind(session_)
      .bind(number)
      .run();
}

}  // namespace pigeond::store
