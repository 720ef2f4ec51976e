// By which of their two addresses people are written to, where that is not as usual.
#pragma once

#include <cstdint>
#include <string_view>

#include "store/database/database.h"

namespace pigeond::store {

enum class AddressForm {
  usual,  // what the account uses where nothing else was found out
  pn,
  lid,
};

// Rows are keyed by the user's JID: the LID where it is known, else the PN.
class AddressForms {
 public:
  AddressForms(Database& database, std::int64_t session) : database_(database), session_(session) {}

  AddressForm find(std::string_view user_jid);
  void put(std::string_view user_jid, AddressForm form);  // usual: forgets it

 private:
  Database& database_;
  std::int64_t session_;
};

}  // namespace pigeond::store
