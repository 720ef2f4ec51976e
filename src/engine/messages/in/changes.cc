#include "engine/messages/in/changes.h"

#include "base/log.h"
#include "engine/messages/in/source.h"

namespace pigeond::engine {
namespace {

void devices_changed(Desk& desk, const wire::Node& notification, const wire::Jid& user) {
  desk.lids.learn(user, notification.jid("lid"), LidDirectory::Seen::in_passing);
  for (const auto& change : notification.children()) {
    change.each("device", [&](const wire::Node& device) {
      if (auto jid = device.jid("jid"))
        desk.lids.learn(*jid, device.jid("lid"), LidDirectory::Seen::in_passing);
    });
    desk.devices.apply(user, change);
  }
}

// The user registered anew: no session with any device of theirs is worth anything.
void identity_changed(Desk& desk, const wire::Jid& user) {
  if (desk.lids.is_own(user) || user.device != 0) return;
  log::notice("identity_changed", {{"session", desk.context.session_name}, {"user", user.text()}});
  desk.ciphers.forget_user(user);
  desk.devices.drop(user);
  desk.tokens.identity_changed(user);
}

void own_devices_changed(Desk& desk, const wire::Node& devices) {
  store::DeviceList list;
  devices.each("device", [&](const wire::Node& device) {
    if (auto jid = device.jid("jid"))
      list.devices.push_back({jid->device, static_cast<std::uint32_t>(device.number("key-index").value_or(0)),
                              jid->is_hosted()});
  });
  const wire::Jid own = desk.context.credentials.pn.without_device();
  if (list.devices.empty())
    desk.devices.drop(own);
  else
    desk.devices.set(own, std::move(list));
}

}  // namespace

bool take_change(Desk& desk, const wire::Node& notification) {
  const std::string type = notification.attr("type");
  const auto from = notification.jid("from");
  const bool ours = type == "devices" || type == "privacy_token" ||
                    (type == "encrypt" && notification.child("identity") != nullptr) ||
                    (type == "account_sync" && notification.child("devices") != nullptr);
  if (!ours || !from) return false;
  learn_pairs(desk, notification);
  if (type == "devices")
    devices_changed(desk, notification, from->without_device());
  else if (type == "privacy_token")
    desk.tokens.given(notification);
  else if (type == "encrypt")
    identity_changed(desk, *from);
  else
    own_devices_changed(desk, *notification.child("devices"));
  return true;
}

}  // namespace pigeond::engine
