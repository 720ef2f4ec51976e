// Rows of `message_recipient`: how far each member of a group is with a message of ours.
#pragma once

#include <cstdint>
#include <string>

#include "store/database/database.h"
#include "wire/jid.h"

namespace pigeond::store {

class Recipients {
 public:
  Recipients(Database& database, std::int64_t session) : database_(database), session_(session) {}

  // Levels as of messages: 2 the device has it, 3 read, 4 played. False: this one was there, or a later one.
  bool raise(const std::string& id, const wire::Jid& user, int level, std::int64_t unix_seconds);
  std::int64_t count(const std::string& id, int level);  // who is that far, or farther

 private:
  Database& database_;
  std::int64_t session_;
};

}  // namespace pigeond::store
