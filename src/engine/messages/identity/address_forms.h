// In which form people are addressed on the wire, by number (PN) or by hidden id (LID). The usual form is the
// LID once the account's direct chats were migrated to it, and the number before: an account that was not is
// refused by LID (400, whatsapp-rust issue 941 and its src/client/lid_pn.rs). That it was migrated is told
// when the device is linked, or by the service's settings, and never ends. A few chats get through in the
// other form only: a contact who moved to a LID may be refused by number (463, OpenWA pull request 717). What
// was found out is kept in the database. Signal sessions are kept under the LID in any case.
#pragma once

#include <string>
#include <unordered_map>

#include "engine/context.h"
#include "engine/messages/identity/lid_directory.h"
#include "store/account/address_forms.h"

namespace pigeond::engine {

using store::AddressForm;

class AddressForms {
 public:
  AddressForms(Context& context, LidDirectory& lids)
      : context_(context), lids_(lids), rows_(context.database, context.session) {}

  void migrated();  // the service's settings say so

  // PN or LID; of somebody of whom only the other one is known it means nothing.
  AddressForm of(const wire::Jid& user);
  // The service took a message to `user` in this form.
  void found(const wire::Jid& user, AddressForm form);
  void forget_cache() { cache_.clear(); }

 private:
  AddressForm usual() const;

  Context& context_;
  LidDirectory& lids_;
  store::AddressForms rows_;
  std::unordered_map<std::string, AddressForm> cache_;  // by JID as in the rows
};

}  // namespace pigeond::engine
