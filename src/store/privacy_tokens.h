// Privacy tokens that contacts gave us: proof that they know this account.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "store/database.h"

namespace pigeond::store {

class PrivacyTokens {
 public:
  PrivacyTokens(Database& database, std::int64_t session) : database_(database), session_(session) {}

  // An older timestamp (unix seconds) than the one stored changes nothing.
  void put(std::string_view user_jid, ByteView token, std::int64_t timestamp);

 private:
  Database& database_;
  std::int64_t session_;
};

}  // namespace pigeond::store
