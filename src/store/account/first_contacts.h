// Rows of `first_contact`: whom this account wrote to first, and when. See engine/messages/out/pacing.h.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "store/database/database.h"
#include "wire/jid.h"

namespace pigeond::store {

class FirstContacts {
 public:
  FirstContacts(Database& database, std::int64_t session) : database_(database), session_(session) {}

  bool has(const wire::Jid& user);
  void insert(const wire::Jid& user, Millis at, Millis clock);
  Millis clock();                          // of the newest row; 0: there is none
  std::vector<Millis> since(Millis from);  // wall times, ascending
  void forget_before(Millis at);
  // Rows of a clock that was ahead: none is later than that any more.
  void bring_back(Millis at, Millis clock);

 private:
  Database& database_;
  std::int64_t session_;
};

}  // namespace pigeond::store
