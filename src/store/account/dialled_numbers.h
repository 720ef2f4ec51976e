// Which account a dialled number belongs to, where its own number is another one, as the service has named
// it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/database/database.h"
#include "wire/jid.h"

namespace pigeond::store {

// Numbers are digits, as they were dialled. One that the service gives back as it is has no row.
class DialledNumbers {
 public:
  DialledNumbers(Database& database, std::int64_t session) : database_(database), session_(session) {}

  std::optional<wire::Jid> account_of(std::string_view number);
  std::vector<std::string> numbers_of(const wire::Jid& account);  // for lookups that may take longer
  void put(std::string_view number, const wire::Jid& account);
  void remove(std::string_view number);

 private:
  Database& database_;
  std::int64_t session_;
};

}  // namespace pigeond::store
