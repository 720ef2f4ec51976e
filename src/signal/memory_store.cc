#include "signal/memory_store.h"

namespace pigeond::signal {
namespace {

template <typename Map>
std::optional<typename Map::mapped_type> find(const Map& map, const typename Map::key_type& key) {
  const auto found = map.find(key);
  if (found == map.end()) return std::nullopt;
  return found->second;
}

}  // namespace

std::optional<Bytes> MemoryStore::load_session(const Address& address) {
  return find(sessions_, address);
}

void MemoryStore::save_session(const Address& address, ByteView record) {
  sessions_[address] = to_bytes(record);
}

void MemoryStore::delete_session(const Address& address) {
  sessions_.erase(address);
}

std::vector<std::uint32_t> MemoryStore::session_devices(const std::string& name) {
  std::vector<std::uint32_t> devices;
  for (auto it = sessions_.lower_bound({name, 0}); it != sessions_.end() && it->first.name == name; ++it) {
    devices.push_back(it->first.device);
  }
  return devices;
}

std::optional<Bytes> MemoryStore::load_identity(const Address& address) {
  return find(identities_, address);
}

void MemoryStore::save_identity(const Address& address, ByteView key) {
  identities_[address] = to_bytes(key);
}

void MemoryStore::delete_identity(const Address& address) {
  identities_.erase(address);
}

std::optional<PreKey> MemoryStore::load_pre_key(std::uint32_t id) {
  return find(pre_keys_, id);
}

void MemoryStore::save_pre_key(const PreKey& key) {
  pre_keys_[key.id] = key;
}

void MemoryStore::delete_pre_key(std::uint32_t id) {
  pre_keys_.erase(id);
}

std::optional<SignedPreKey> MemoryStore::load_signed_pre_key(std::uint32_t id) {
  return find(signed_pre_keys_, id);
}

void MemoryStore::save_signed_pre_key(const SignedPreKey& key) {
  signed_pre_keys_[key.id] = key;
}

std::optional<Bytes> MemoryStore::load_sender_key(const std::string& group, const Address& sender) {
  return find(sender_keys_, {group, sender});
}

void MemoryStore::save_sender_key(const std::string& group, const Address& sender, ByteView record) {
  sender_keys_[{group, sender}] = to_bytes(record);
}

void MemoryStore::delete_sender_key(const std::string& group, const Address& sender) {
  sender_keys_.erase({group, sender});
}

}  // namespace pigeond::signal
