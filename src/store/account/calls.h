// Rows of `call`: the calls that programs were told of.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "store/database/database.h"
#include "wire/jid.h"

namespace pigeond::store {

struct CallRow {
  std::string id;
  Millis at = 0;     // wall
  wire::Jid caller;  // user
  bool video = false, group = false;
  bool over = false;  // it was taken, or has ended
};

class Calls {
 public:
  Calls(Database& database, std::int64_t session) : database_(database), session_(session) {}

  std::optional<CallRow> find(std::string_view id);
  // Anybody can call: of the account's calls, one that was heard of before `since` goes for each that comes,
  // and the oldest one where there are `most`.
  void insert(const CallRow& row, Millis since, std::int64_t most);
  void set_over(std::string_view id);

 private:
  Database& database_;
  std::int64_t session_;
};

}  // namespace pigeond::store
