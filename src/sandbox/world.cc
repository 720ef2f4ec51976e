#include "sandbox/world.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/hash.h"

namespace pigeond::sandbox {

Account* World::account(const wire::Jid& jid) {
  if (jid.is_pn()) return account(jid.user);
  if (!jid.is_lid()) return nullptr;
  const auto phone = phones_by_lid.find(jid.user);
  return phone == phones_by_lid.end() ? nullptr : account(phone->second);
}

Account* World::account(const std::string& phone) {
  auto found = accounts.find(phone);
  return found == accounts.end() ? nullptr : &found->second;
}

Device* World::device(const DeviceRef& ref) {
  Account* owner = account(ref.phone);
  if (owner == nullptr) return nullptr;
  auto found = owner->devices.find(ref.number);
  return found == owner->devices.end() ? nullptr : &found->second;
}

std::optional<DeviceRef> World::find(const wire::Jid& jid) {
  Account* owner = account(jid);
  if (owner == nullptr || !owner->devices.contains(jid.device)) return std::nullopt;
  return DeviceRef{owner->phone, jid.device};
}

std::string World::next_id() {
  return std::to_string(now.unix_seconds()) + "-" + std::to_string(next_id_++);
}

void World::answer(const DeviceRef& to, const wire::Node& stanza) {
  Device* target = device(to);
  if (target == nullptr) return;
  if (to.number == 0) {
    ring(to.phone, stanza);
  } else if (target->connection) {
    write(*target->connection, stanza);
  }
}

void World::violation(const std::string& rule, const DeviceRef* who, std::string detail,
                      const wire::Node* stanza) {
  Violation breach;
  breach.time = now.wall;
  breach.rule = rule;
  if (who != nullptr) {
    breach.account = who->phone;
    breach.device = who->number;
  }
  breach.detail = std::move(detail);
  if (stanza != nullptr) breach.stanza = wire::to_xml(*stanza);
  trace.report(std::move(breach));
}

std::string participant_hash(const std::vector<wire::Jid>& devices) {
  std::vector<std::string> names;
  names.reserve(devices.size());
  for (const auto& jid : devices)
    names.push_back(jid.user + ".0:" + std::to_string(jid.device) + "@" + std::string(jid.server));
  std::sort(names.begin(), names.end());
  std::string joined;
  for (const auto& name : names) joined += name;
  const Key32 digest = crypto::sha256(as_bytes(joined));
  return "2:" + base64(ByteView(digest).first(6));
}

}  // namespace pigeond::sandbox
