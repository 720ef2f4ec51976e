#include "engine/messages/desk.h"

namespace pigeond::engine {

Forms forms_of(Desk& desk, const wire::Jid& jid) {
  const wire::Jid user = jid.without_device();
  if (!user.is_user()) return {user, {}, {}};
  return {desk.lids.shown(user), desk.lids.pn(user), desk.lids.lid(user)};
}

void learn_users(Desk& desk, const wire::Node& answer) {
  for (const auto& user : parse_usync(answer))
    if (desk.devices.learn(user)) desk.ciphers.forget_user(user.jid);
}

}  // namespace pigeond::engine
