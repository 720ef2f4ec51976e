#include "signal/sqlite_store.h"

namespace pigeond::signal {

std::optional<Bytes> SqliteStore::load_session(const Address& address) {
  return rows_.session(address.name, address.device);
}

void SqliteStore::save_session(const Address& address, ByteView record) {
  rows_.save_session(address.name, address.device, record);
}

void SqliteStore::delete_session(const Address& address) {
  rows_.delete_session(address.name, address.device);
}

bool SqliteStore::has_session(const Address& address) {
  return rows_.has_session(address.name, address.device);
}

std::vector<std::uint32_t> SqliteStore::session_devices(const std::string& name) {
  return rows_.session_devices(name);
}

std::optional<Bytes> SqliteStore::load_identity(const Address& address) {
  return rows_.identity(address.name, address.device);
}

void SqliteStore::save_identity(const Address& address, ByteView key) {
  rows_.save_identity(address.name, address.device, key);
}

void SqliteStore::delete_identity(const Address& address) {
  rows_.delete_identity(address.name, address.device);
}

std::optional<PreKey> SqliteStore::load_pre_key(std::uint32_t id) {
  const auto row = rows_.pre_key(id);
  if (!row) return std::nullopt;
  return PreKey{row->id, row->key};
}

void SqliteStore::save_pre_key(const PreKey& key) {
  rows_.save_pre_key({key.id, key.key, false});
}

void SqliteStore::delete_pre_key(std::uint32_t id) {
  rows_.delete_pre_key(id);
}

std::optional<SignedPreKey> SqliteStore::load_signed_pre_key(std::uint32_t id) {
  const auto row = rows_.signed_pre_key(id);
  if (!row) return std::nullopt;
  return SignedPreKey{row->id, row->key, row->signature, row->created};
}

void SqliteStore::save_signed_pre_key(const SignedPreKey& key) {
  rows_.save_signed_pre_key({key.id, key.key, key.signature, key.created});
}

std::optional<Bytes> SqliteStore::load_sender_key(const std::string& group, const Address& sender) {
  return rows_.sender_key(group, sender.name, sender.device);
}

void SqliteStore::save_sender_key(const std::string& group, const Address& sender, ByteView record) {
  rows_.save_sender_key(group, sender.name, sender.device, record);
}

void SqliteStore::delete_sender_key(const std::string& group, const Address& sender) {
  rows_.delete_sender_key(group, sender.name, sender.device);
}

}  // namespace pigeond::signal
