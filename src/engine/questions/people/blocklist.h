// Whom the account has blocked: they can't write or call, and don't see when it is online.
#pragma once

#include <vector>

#include "engine/questions/question.h"
#include "wire/jid.h"

namespace pigeond::engine {

struct Blocked {
  wire::Jid shown, pn, lid;  // user: as it is shown, and both forms where known
};

void ask_blocklist(Desk& desk, Answered<std::vector<Blocked>> answered);
// Done already is done. not_on_whatsapp: the service knows no account of that number.
void set_blocked(Desk& desk, const wire::Jid& user, bool blocked, Answered<bool> answered);

}  // namespace pigeond::engine
