#include "engine/messages/identity/device_directory.h"

#include <algorithm>

#include "engine/messages/out/phash.h"
#include "wire/proto.h"

namespace pigeond::engine {
namespace {

constexpr std::size_t kCached = 128;      // users in memory
constexpr std::size_t kDevicesMax = 128;  // of one user; the service allows far fewer

std::optional<wa_ADVKeyIndexList> parse_key_indexes(const wire::Node* node) {
  if (node == nullptr) return std::nullopt;
  auto outer = wire::proto::decode<wa_ADVSignedKeyIndexList>(node->bytes());
  if (!outer || outer->details.empty()) return std::nullopt;
  auto list = wire::proto::decode<wa_ADVKeyIndexList>(outer->details);
  if (!list) return std::nullopt;
  return std::move(*list);
}

// whatsapp-rust's rule: the phone, what the phone's signed list names, and what is newer than the list.
bool counts(const store::DeviceEntry& device, bool has_index,
            const std::optional<wa_ADVKeyIndexList>& indexes) {
  if (device.id == 0) return true;
  if (!has_index) return device.hosted;
  if (!indexes) return true;
  const auto& valid = indexes->validIndexes;
  return std::find(valid.begin(), valid.end(), device.key_index) != valid.end() ||
         device.key_index > indexes->currentIndex;
}

}  // namespace

std::optional<store::DeviceList> parse_device_list(const wire::Node& parent) {
  const auto* listed = parent.child("device-list");
  if (listed == nullptr) return std::nullopt;
  const auto indexes = parse_key_indexes(parent.child("key-index-list"));
  store::DeviceList list;
  if (indexes) {
    list.raw_id = indexes->rawID;
    list.timestamp = static_cast<std::int64_t>(indexes->timestamp);
  }
  listed->each("device", [&](const wire::Node& node) {
    const auto id = node.number("id");
    if (!id || *id > 0xffff || list.devices.size() >= kDevicesMax) return;
    store::DeviceEntry device;
    device.id = static_cast<std::uint16_t>(*id);
    device.key_index = static_cast<std::uint32_t>(node.number("key-index").value_or(0));
    device.hosted = node.is("is_hosted", "true");
    if (counts(device, node.has("key-index"), indexes)) list.devices.push_back(device);
  });
  return list;
}

std::vector<UsyncUser> parse_usync(const wire::Node& answer) {
  std::vector<UsyncUser> users;
  const auto* list = answer.path({"usync", "list"});
  if (list == nullptr) return users;
  list->each("user", [&](const wire::Node& node) {
    UsyncUser user;
    user.jid = node.jid("jid").value_or(wire::Jid{}).without_device();
    const wire::Jid pn = node.jid("pn_jid").value_or(wire::Jid{}).without_device();
    for (const wire::Jid& jid : {user.jid, pn}) {
      if (jid.is_pn()) user.pn = jid;
      if (jid.is_lid()) user.lid = jid;
    }
    if (const auto* lid = node.child("lid"); lid != nullptr)
      if (auto value = lid->jid("val"); value && value->is_lid()) user.lid = value->without_device();
    if (const auto* contact = node.child("contact"); contact != nullptr) {
      user.contact = contact->attr("type");
      user.query = contact->text();
    }
    if (const auto* devices = node.child("devices"); devices != nullptr)
      user.devices = parse_device_list(*devices);
    users.push_back(std::move(user));
  });
  return users;
}

wire::Node usync_query(const std::string& sid, const std::string& context,
                       const std::vector<std::string>& protocols, const std::vector<wire::Jid>& users,
                       const std::vector<std::string>& numbers) {
  wire::Node query("query");
  for (const auto& protocol : protocols) {
    wire::Node node(protocol);
    if (protocol == "devices") node.set("version", "2");
    query.add(std::move(node));
  }
  wire::Node list("list");
  for (const auto& user : users) {
    wire::Node node("user");
    node.set("jid", user.without_device());
    list.add(std::move(node));
  }
  for (const auto& number : numbers) {
    wire::Node contact("contact");
    contact.content = number;
    wire::Node node("user");
    node.add(std::move(contact));
    list.add(std::move(node));
  }
  wire::Node usync("usync");
  usync.set("sid", sid).set("mode", "query").set("last", "true").set("index", "0").set("context", context);
  usync.add(std::move(query)).add(std::move(list));
  wire::Node iq("iq");
  iq.set("to", wire::service()).set("type", "get").set("xmlns", "usync");
  iq.add(std::move(usync));
  return iq;
}

DeviceDirectory::DeviceDirectory(Context& context, LidDirectory& lids, const UserChanges& changes)
    : context_(context), lids_(lids), changes_(changes), rows_(context.database, context.session) {}

const store::DeviceList* DeviceDirectory::find(const wire::Jid& user) {
  const std::string key = lids_.canonical(user.without_device()).text();
  if (auto cached = cache_.find(key); cached != cache_.end()) return &cached->second;
  auto stored = rows_.find(key);
  if (!stored) return nullptr;
  if (cache_.size() >= kCached) cache_.clear();
  return &cache_.emplace(key, std::move(*stored)).first->second;
}

std::optional<std::vector<wire::Jid>> DeviceDirectory::devices(const wire::Jid& user) {
  const auto* list = find(user);
  if (list == nullptr) return std::nullopt;
  std::vector<wire::Jid> jids;
  jids.reserve(list->devices.size());
  for (const auto& device : list->devices) {
    wire::Jid jid = user.with_device(device.id);
    if (device.hosted) jid.server = user.is_lid() ? wire::server::kHostedLid : wire::server::kHosted;
    jids.push_back(std::move(jid));
  }
  return jids;
}

bool DeviceDirectory::learn(const UsyncUser& user) {
  if (!user.pn.empty() && !user.lid.empty()) lids_.learn(user.pn, user.lid);
  if (!user.devices || user.jid.empty()) return false;
  return set(user.jid, *user.devices);
}

bool DeviceDirectory::set(const wire::Jid& user, store::DeviceList list) {
  const auto* old = find(user);
  const bool anew = old != nullptr && old->raw_id != 0 && list.raw_id != 0 && old->raw_id != list.raw_id;
  const bool news = old == nullptr || old->devices != list.devices;
  list.updated_ms = context_.now.wall;
  const std::string key = lids_.canonical(user.without_device()).text();
  rows_.save(key, list);
  if (cache_.size() >= kCached) cache_.clear();
  cache_[key] = std::move(list);
  if (news) changes_.tell(user);
  return anew;
}

void DeviceDirectory::drop(const wire::Jid& user) {
  for (const wire::Jid& form : {lids_.lid(user), lids_.pn(user), user}) {
    if (form.empty()) continue;
    const std::string key = form.without_device().text();
    cache_.erase(key);
    rows_.remove(key);
  }
  changes_.tell(user);
}

void DeviceDirectory::apply(const wire::Jid& user, const wire::Node& change) {
  const auto* known = find(user);
  if (known == nullptr || (change.tag != "add" && change.tag != "remove")) return drop(user);
  store::DeviceList list = *known;
  change.each("device", [&](const wire::Node& node) {
    const auto jid = node.jid("jid");
    if (!jid) return;
    std::erase_if(list.devices, [&](const store::DeviceEntry& entry) { return entry.id == jid->device; });
    if (change.tag == "add" && list.devices.size() < kDevicesMax)
      list.devices.push_back(
          {jid->device, static_cast<std::uint32_t>(node.number("key-index").value_or(0)), jid->is_hosted()});
  });
  if (const auto indexes = parse_key_indexes(change.child("key-index-list")); indexes) {
    list.raw_id = indexes->rawID;
    list.timestamp = static_cast<std::int64_t>(indexes->timestamp);
  }
  const wire::Jid pn = lids_.pn(user), lid = lids_.lid(user);
  set(user, std::move(list));
  // The hash covers the whole list in either form: a difference means that a change was missed.
  bool same = false;
  const std::pair<const wire::Jid&, std::string> checks[] = {{user, change.attr("device_hash")},
                                                             {lid, change.attr("device_lid_hash")},
                                                             {pn, change.attr("device_hash")}};
  for (const auto& [form, hash] : checks)
    if (!form.empty() && !hash.empty() && participant_hash(*devices(form.without_device())) == hash)
      same = true;
  if (!same) drop(user);
}

void DeviceDirectory::forget_cache() {
  cache_.clear();
}

}  // namespace pigeond::engine
