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

// <modify old new [old_lid] [new_lid]/>: somebody took his account to another number (whatsapp-rust
// src/handlers/notification/profile.rs). Both numbers keep their LIDs where these are told; what contradicts
// is asked for.
void number_changed(Desk& desk, const wire::Node& notification, const wire::Node& change) {
  const auto former = change.jid("old"), now = change.jid("new");
  if (!former || !now || !former->is_pn() || !now->is_pn() || former->same_user(*now)) return;
  if (desk.lids.is_own(*former) || desk.lids.is_own(*now)) return;
  const auto former_lid = change.jid("old_lid"), lid = change.jid("new_lid");
  desk.lids.learn(*former, former_lid, LidDirectory::Seen::in_passing);
  desk.lids.learn(*now, lid, LidDirectory::Seen::in_passing);
  desk.names.moved(*former, *now);
  desk.devices.drop(*former);
  IdentityEvent event;
  event.what = IdentityEvent::What::moved;
  event.pn = now->without_device();
  event.lid = lid && lid->is_lid() ? lid->without_device() : desk.lids.lid(event.pn);
  event.former_pn = former->without_device();
  event.former_lid =
      former_lid && former_lid->is_lid() ? former_lid->without_device() : desk.lids.lid(event.former_pn);
  event.timestamp = static_cast<std::int64_t>(
      notification.number("t").value_or(static_cast<std::uint64_t>(desk.context.server_seconds())));
  desk.context.emit(std::move(event));
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
  const wire::Node* modified = type == "contacts" ? notification.child("modify") : nullptr;
  const bool ours = type == "devices" || modified != nullptr || type == "privacy_token" ||
                    (type == "encrypt" && notification.child("identity") != nullptr) ||
                    (type == "account_sync" && notification.child("devices") != nullptr);
  if (!ours || !from) return false;
  learn_pairs(desk, notification);
  if (modified != nullptr)
    number_changed(desk, notification, *modified);
  else if (type == "devices")
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
