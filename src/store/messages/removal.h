// The end of one message, with the rows that hang on it: those of a group's are as many as it has members.
#pragma once

#include <cstdint>

#include "store/database/database.h"

namespace pigeond::store {

struct Removal {
  std::int64_t rows = 0;  // that went
  bool whole = false;     // the message is gone; else `limit` rows are, and another step goes on
};

// No more than `limit` rows, which is above 0.
Removal remove_message(Database& database, std::int64_t seq, bool from_me, std::int64_t limit);

}  // namespace pigeond::store
