// What a caller dials is not always the number under which an account is registered: Brazil's mobile numbers
// got a ninth digit, Mexico's lost a 1, Argentina's are dialled with a 9 from abroad, and accounts of before
// keep theirs. The service's answer to a lookup says whose number it is (whatsmeow's IsOnWhatsApp gives the
// query and the JID apart, too). That answer is remembered; there is no table of countries, and a number that
// is given back as it was is never written otherwise.
#pragma once

#include <string>
#include <unordered_map>

#include "engine/context.h"
#include "engine/messages/identity/device_directory.h"
#include "engine/messages/identity/lid_directory.h"
#include "store/account/dialled_numbers.h"

namespace pigeond::engine {

class Dialled {
 public:
  Dialled(Context& context, LidDirectory& lids) : lids_(lids), rows_(context.database, context.session) {}

  // Whom a caller means: the account that a number has been named for, else as given.
  wire::Jid account(const wire::Jid& typed);
  // From the answer to a lookup of `number`, which found somebody. Completes what the answer says of the
  // user, and remembers it; the account's number.
  wire::Jid named(UsyncUser& user, const std::string& number);
  // Nobody has the account's number any more: what leads to it is looked up anew.
  void gone(const wire::Jid& account);
  void forget_cache() { cache_.clear(); }

 private:
  LidDirectory& lids_;
  store::DialledNumbers rows_;
  std::unordered_map<std::string, wire::Jid>
      cache_;  // by number; empty: it is the account's own, or not known
};

}  // namespace pigeond::engine
