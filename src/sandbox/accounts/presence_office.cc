#include "sandbox/accounts/presence_office.h"

#include <algorithm>

namespace pigeond::sandbox {
namespace {

bool is_online(const Account& account) {
  return std::ranges::any_of(account.devices, [](const auto& entry) { return entry.second.available; });
}

bool hides_from(const Account& account, const DeviceRef& watcher) {
  return account.shows_nobody || account.blocked.contains(watcher.phone);
}

}  // namespace

void PresenceOffice::presence(const DeviceRef& from, const wire::Node& stanza) {
  const std::string type = stanza.attr("type");
  if (type == "subscribe" || type == "unsubscribe") return subscribe(from, stanza);
  Account& account = *world_.account(from.phone);
  if (stanza.has("name")) account.name = stanza.attr("name");
  if (type.empty()) return;
  if (type != "available" && type != "unavailable")
    world_.violation("presence-type", &from, "type is " + type, &stanza);
  set_available(account, *world_.device(from), type == "available");
}

void PresenceOffice::subscribe(const DeviceRef& from, const wire::Node& stanza) {
  const auto to = stanza.jid("to");
  if (!to || (!to->is_user() && !to->is_group())) {
    world_.violation("presence-malformed", &from, "nobody's presence", &stanza);
    return;
  }
  Account* watched = world_.account(*to);
  if (watched == nullptr) return;
  if (stanza.is("type", "unsubscribe")) {
    watched->watchers.erase(from);
    return;
  }
  if (watched->phone == from.phone && stanza.child("tctoken") != nullptr)
    world_.violation("own-token", &from, "a privacy token to watch itself", &stanza);
  watched->watchers.insert(from);
  tokens_.looked_up(from, *watched);
  tell(from, *watched);
}

void PresenceOffice::tell(const DeviceRef& watcher, const Account& account) const {
  const Device* device = world_.device(watcher);
  if (device == nullptr || !device->available || hides_from(account, watcher)) return;
  wire::Node news("presence");
  news.set("from", account.jid(Form::lid));
  if (!is_online(account)) {
    news.set("type", "unavailable");
    const auto setting = account.privacy.find("last");
    if (setting != account.privacy.end() && setting->second == "none")
      news.set("last", "deny");
    else if (account.last_seen > 0)
      news.set("last", static_cast<std::uint64_t>(account.last_seen));
  }
  world_.answer(watcher, news);
}

void PresenceOffice::set_available(Account& account, Device& device, bool available) {
  device.available = available;
  if (!available) account.last_seen = world_.now.unix_seconds();
  for (const auto& watcher : account.watchers) tell(watcher, account);
}

void PresenceOffice::disconnected(const DeviceRef& who) {
  for (auto& [phone, account] : world_.accounts) account.watchers.erase(who);
  Device* device = world_.device(who);
  if (device != nullptr && device->available) set_available(*world_.account(who.phone), *device, false);
}

void PresenceOffice::show(Account& account, bool available) {
  set_available(account, account.devices.at(0), available);
}

void PresenceOffice::chatstate(const DeviceRef& from, const wire::Node& stanza) {
  const auto to = stanza.jid("to");
  const bool one = stanza.children().size() == 1;
  const std::string state = one ? stanza.children().front().tag : "";
  if (!to || (!to->is_user() && !to->is_group()) || (state != "composing" && state != "paused")) {
    world_.violation("chatstate-malformed", &from, "a chatstate needs to, and composing or paused", &stanza);
    return;
  }
  const Account* account = world_.account(from.phone);
  const Account* other_side = world_.account(*to);
  if (other_side == nullptr || other_side == account) return;
  deliver(*account, form_of(*to), *other_side, stanza.children().front());
}

void PresenceOffice::write(const Account& account, const Account& to, wire::Node state) {
  deliver(account, Form::lid, to, state);
}

void PresenceOffice::deliver(const Account& account, Form form, const Account& to,
                             const wire::Node& state) const {
  if (to.blocked.contains(account.phone) || account.blocked.contains(to.phone)) return;
  wire::Node news("chatstate");
  news.set("from", account.jid(form)).add(state);
  for (const auto& [number, device] : to.devices)
    if (number != 0 && device.available) world_.answer({to.phone, number}, news);
}

}  // namespace pigeond::sandbox
