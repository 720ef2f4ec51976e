#include "store/account/people.h"

#include <algorithm>

#include "store/account/dialled_numbers.h"
#include "store/account/history.h"
#include "store/account/lid_mappings.h"
#include "store/jid_column.h"

namespace pigeond::store {
namespace {

// While an account's rows are being erased there is none of its names (history.h).
#define NOT_ERASED " AND NOT EXISTS (SELECT 1 FROM erasing WHERE session_id = ?1)"

// Names stand under the form that was known when they were heard.
constexpr const char* kPeople =
    "SELECT lid, pn, name, id FROM (SELECT m.lid || '@lid' AS lid, m.pn || '@s.whatsapp.net' AS pn, coalesce("
    "(SELECT name FROM push_name n WHERE n.session_id = ?1 AND n.user = m.lid || '@lid'" NOT_ERASED
    "),"
    " (SELECT name FROM push_name n WHERE n.session_id = ?1 AND n.user = m.pn || '@s.whatsapp.net'" NOT_ERASED
    "), '') AS "
    "name,"
    " m.lid || '@lid' AS id FROM lid_mapping m WHERE m.session_id = ?1"
    " UNION ALL SELECT iif(n.user LIKE '%@lid', n.user, ''), iif(n.user LIKE '%@lid', '', n.user), n.name, "
    "n.user"
    " FROM push_name n WHERE n.session_id = ?1" NOT_ERASED
    " AND NOT EXISTS (SELECT 1 FROM lid_mapping m WHERE m.session_id = ?1"
    " AND m.lid = substr(n.user, 1, instr(n.user, '@') - 1) AND n.user LIKE '%@lid')"
    " AND NOT EXISTS (SELECT 1 FROM lid_mapping m WHERE m.session_id = ?1"
    " AND m.pn = substr(n.user, 1, instr(n.user, '@') - 1) AND n.user LIKE '%@s.whatsapp.net'))";
#undef NOT_ERASED

}  // namespace

std::vector<Person> People::page(By by, bool descending, std::size_t limit, std::size_t offset) {
  const std::string direction = descending ? " DESC" : "";
  const std::string order = by == By::id ? " ORDER BY id" + direction
                                         : " ORDER BY name = '', name" + direction + ", id" + direction;
  auto row = database_.prepare(kPeople + order + " LIMIT ?2 OFFSET ?3");
  row.bind(session_).bind(static_cast<std::int64_t>(limit)).bind(static_cast<std::int64_t>(offset));
  std::vector<Person> out;
  while (row.step()) out.push_back({jid_column(row, 1), jid_column(row, 0), row.text(2)});
  return out;
}

Person People::find(const wire::Jid& typed) {
  const wire::Jid user =
      typed.is_pn() ? DialledNumbers(database_, session_).account_of(typed.user).value_or(typed) : typed;
  LidMappings mappings(database_, session_);
  Person out;
  if (user.is_lid()) {
    out.lid = user;
    if (auto pn = mappings.pn_of(user.user)) out.pn = wire::pn(std::move(*pn));
  } else {
    out.pn = user;
    if (auto lid = mappings.lid_of(user.user)) out.lid = wire::lid(std::move(*lid));
  }
  History names(database_, session_);
  for (const wire::Jid& form : {out.lid, out.pn})
    if (out.name.empty() && !form.empty()) out.name = names.name(form.text());
  return out;
}

}  // namespace pigeond::store
