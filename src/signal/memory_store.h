// A Store in memory: the simulated phones and the tests.
#pragma once

#include <map>
#include <utility>

#include "signal/store.h"

namespace pigeond::signal {

class MemoryStore final : public Store {
 public:
  MemoryStore(crypto::KeyPair identity, std::uint32_t registration_id)
      : identity_(std::move(identity)), registration_id_(registration_id) {}

  crypto::KeyPair identity_key_pair() override { return identity_; }
  std::uint32_t registration_id() override { return registration_id_; }

  std::optional<Bytes> load_session(const Address& address) override;
  void save_session(const Address& address, ByteView record) override;
  void delete_session(const Address& address) override;
  bool has_session(const Address& address) override { return sessions_.contains(address); }
  std::vector<std::uint32_t> session_devices(const std::string& name) override;

  std::optional<Bytes> load_identity(const Address& address) override;
  void save_identity(const Address& address, ByteView key) override;
  void delete_identity(const Address& address) override;

  std::optional<PreKey> load_pre_key(std::uint32_t id) override;
  void save_pre_key(const PreKey& key) override;
  void delete_pre_key(std::uint32_t id) override;
  const std::map<std::uint32_t, PreKey>& pre_keys() const { return pre_keys_; }

  std::optional<SignedPreKey> load_signed_pre_key(std::uint32_t id) override;
  void save_signed_pre_key(const SignedPreKey& key) override;

  std::optional<Bytes> load_sender_key(const std::string& group, const Address& sender) override;
  void save_sender_key(const std::string& group, const Address& sender, ByteView record) override;
  void delete_sender_key(const std::string& group, const Address& sender) override;

 private:
  crypto::KeyPair identity_;
  std::uint32_t registration_id_;
  std::map<Address, Bytes> sessions_;
  std::map<Address, Bytes> identities_;
  std::map<std::uint32_t, PreKey> pre_keys_;
  std::map<std::uint32_t, SignedPreKey> signed_pre_keys_;
  std::map<std::pair<std::string, Address>, Bytes> sender_keys_;
};

}  // namespace pigeond::signal
