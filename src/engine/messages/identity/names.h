// How people call themselves (push names): from the history, and with each message that they write. What the
// account's owner calls them stands in the phone's address book, and is not here.
#pragma once

#include <string>
#include <unordered_map>

#include "engine/context.h"
#include "engine/messages/identity/lid_directory.h"
#include "store/account/history.h"

namespace pigeond::engine {

class Names {
 public:
  Names(Context& context, LidDirectory& lids) : lids_(lids), rows_(context.database, context.session) {}

  // What is no name (empty, too long, no UTF-8), and what is known, changes nothing.
  void heard(const wire::Jid& user, const std::string& name);
  // Somebody goes by another number, and another LID: he keeps his name.
  void moved(const wire::Jid& former, const wire::Jid& user);
  void forget_cache() { cache_.clear(); }

 private:
  LidDirectory& lids_;
  store::History rows_;
  std::unordered_map<std::string, std::string> cache_;  // by JID, as in the rows
};

}  // namespace pigeond::engine
