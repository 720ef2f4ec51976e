// What a Signal session needs remembered, as bytes. Records are libsignal-protocol-c's own serialised forms.
// Implementations: SqliteStore (an account of the gateway), MemoryStore (the sandbox's phones, tests).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "crypto/curve.h"

namespace pigeond::signal {

// Local only: it never travels. name = "USER" for a PN, "USER_1" for a LID, "USER_128"/"USER_129" for hosted
// ones.
struct Address {
  std::string name;
  std::uint32_t device = 0;
  auto operator<=>(const Address&) const = default;
};

struct SignedPreKey {
  std::uint32_t id = 0;
  crypto::KeyPair key;
  crypto::Signature signature{};  // XEdDSA(identity, 05 || key.pub)
  std::int64_t created = 0;       // unix seconds
};

struct PreKey {
  std::uint32_t id = 0;
  crypto::KeyPair key;
};

class Store {
 public:
  virtual ~Store() = default;

  virtual crypto::KeyPair identity_key_pair() = 0;
  virtual std::uint32_t registration_id() = 0;

  virtual std::optional<Bytes> load_session(const Address& address) = 0;
  virtual void save_session(const Address& address, ByteView record) = 0;
  virtual void delete_session(const Address& address) = 0;
  virtual bool has_session(const Address& address) { return load_session(address).has_value(); }
  virtual std::vector<std::uint32_t> session_devices(const std::string& name) = 0;

  virtual std::optional<Bytes> load_identity(const Address& address) = 0;  // 32 bytes, public
  virtual void save_identity(const Address& address, ByteView key) = 0;
  virtual void delete_identity(const Address& address) = 0;

  virtual std::optional<PreKey> load_pre_key(std::uint32_t id) = 0;
  virtual void save_pre_key(const PreKey& key) = 0;
  virtual void delete_pre_key(std::uint32_t id) = 0;

  virtual std::optional<SignedPreKey> load_signed_pre_key(std::uint32_t id) = 0;
  virtual void save_signed_pre_key(const SignedPreKey& key) = 0;

  virtual std::optional<Bytes> load_sender_key(const std::string& group, const Address& sender) = 0;
  virtual void save_sender_key(const std::string& group, const Address& sender, ByteView record) = 0;
  virtual void delete_sender_key(const std::string& group, const Address& sender) = 0;
};

}  // namespace pigeond::signal
