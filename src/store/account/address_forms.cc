#include "store/account/address_forms.h"

#include <algorithm>

namespace pigeond::store {

AddressForm AddressForms::find(std::string_view user_jid) {
  auto row = database_.prepare("SELECT form FROM address_form WHERE session_id = ? AND user = ?");
  if (!row.bind(session_).bind(user_jid).step()) return AddressForm::usual;
  return static_cast<AddressForm>(std::clamp<std::int64_t>(row.integer(0), 0, 2));
}

void AddressForms::put(std::string_view user_jid, AddressForm form) {
  if (form == AddressForm::usual) {
    database_.prepare("DELETE FROM address_form WHERE session_id = ? AND user = ?")
        .bind(session_)
        .bind(user_jid)
        .run();
    return;
  }
  database_.prepare("INSERT OR REPLACE INTO address_form (session_id, user, form) VALUES (?, ?, ?)")
      .bind(session_)
      .bind(user_jid)
      .bind(static_cast<std::int64_t>(form))
      .run();
}

}  // namespace pigeond::store
