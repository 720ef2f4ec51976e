// A chat's address in the forms that are known of it.
#pragma once

#include <vector>

#include "store/database/database.h"
#include "wire/jid.h"

namespace pigeond::gateway {

struct Forms {
  wire::Jid shown, pn, lid;  // PN where known; either; both
};
Forms forms_of(store::Database& database, std::int64_t session, const wire::Jid& chat);
// Whatever a caller may have written for the same user: both forms, and numbers that were dialled for them.
std::vector<wire::Jid> names_of(store::Database& database, std::int64_t session, const wire::Jid& chat);

}  // namespace pigeond::gateway
