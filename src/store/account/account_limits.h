// What the service allows an account towards people it does not know, as last heard.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "store/database/database.h"

namespace pigeond::store {

// The "reachout timelock": no new chats until it ends.
struct ReachoutTimelock {
  bool active = false;
  std::int64_t ends = 0;         // unix seconds; 0: not told
  std::string type = "DEFAULT";  // the service's name for its reason, such as WEB_COMPANION_ONLY
  bool operator==(const ReachoutTimelock&) const = default;
};

// How many new chats may still be started. Names of states are the service's.
struct MessageCapping {
  std::string status;                           // NONE, FIRST_WARNING, SECOND_WARNING, CAPPED
  std::int64_t total = 0, used = 0;             // chats of this cycle
  std::int64_t cycle_start = 0, cycle_end = 0;  // unix seconds; 0: not told
  std::string mv_status, ote_status;
  bool operator==(const MessageCapping&) const = default;
};

class AccountLimits {
 public:
  AccountLimits(Database& database, std::int64_t session) : database_(database), session_(session) {}

  std::optional<ReachoutTimelock> timelock();
  void set(const ReachoutTimelock& timelock, std::int64_t heard);  // unix seconds
  std::optional<MessageCapping> capping();
  void set(const MessageCapping& capping, std::int64_t heard);
  // When the older one of the two was heard; 0: one of them never.
  std::int64_t heard();

 private:
  Database& database_;
  std::int64_t session_;
};

}  // namespace pigeond::store
