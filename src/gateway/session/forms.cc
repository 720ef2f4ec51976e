#include "gateway/session/forms.h"

#include "store/account/lid_mappings.h"

namespace pigeond::gateway {

Forms forms_of(store::Database& database, std::int64_t session, const wire::Jid& chat) {
  store::LidMappings mappings(database, session);
  Forms forms{chat, {}, {}};
  if (chat.is_pn()) {
    forms.pn = chat;
    if (auto lid = mappings.lid_of(chat.user)) forms.lid = wire::lid(*lid);
  } else if (chat.is_lid()) {
    forms.lid = chat;
    if (auto pn = mappings.pn_of(chat.user)) forms.shown = forms.pn = wire::pn(*pn);
  }
  return forms;
}

}  // namespace pigeond::gateway
