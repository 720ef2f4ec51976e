#include "engine/messages/out/mentions.h"

namespace pigeond::engine {

Mentions mentions_in(Desk& desk, const wire::Jid& own, const std::vector<wire::Jid>& asked) {
  Mentions mentions;
  for (const auto& given : asked) {
    const wire::Jid user = desk.dialled.account(given.without_device());
    const wire::Jid other = own.is_lid() ? desk.lids.lid(user) : desk.lids.pn(user);
    mentions.users.push_back(other.empty() ? user : other.without_device());
    const std::string& digits = mentions.users.back().user;
    if (digits != given.user) mentions.in_texts.push_back({given.user, digits});
  }
  return mentions;
}

}  // namespace pigeond::engine
