#include "gateway/session/forms.h"

#include "store/account/dialled_numbers.h"
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

std::vector<wire::Jid> names_of(store::Database& database, std::int64_t session, const wire::Jid& chat) {
  store::DialledNumbers dialled(database, session);
  wire::Jid account = chat;
  if (chat.is_pn()) account = dialled.account_of(chat.user).value_or(chat);
  const Forms forms = forms_of(database, session, account);
  std::vector<wire::Jid> names;
  for (const wire::Jid& form : {forms.pn, forms.lid}) {
    if (form.empty()) continue;
    names.push_back(form);
    for (auto& number : dialled.numbers_of(form)) names.push_back(wire::pn(std::move(number)));
  }
  return names;
}

}  // namespace pigeond::gateway
