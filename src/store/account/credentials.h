// What makes a session this one companion device. Made before the first connection, completed by linking.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "crypto/curve.h"
#include "store/database/database.h"
#include "wire/jid.h"

namespace pigeond::store {

struct Credentials {
  crypto::KeyPair noise;
  crypto::KeyPair identity;
  std::uint32_t registration_id = 0;
  Key32 adv_secret{};
  std::uint32_t signed_pre_key_id = 0;      // the current one, in SignalRows; 0: none yet
  std::int64_t signed_pre_key_created = 0;  // unix seconds
  std::uint32_t next_pre_key_id = 1;
  bool pre_keys_on_server = false;        // an upload was confirmed at some time
  std::int64_t pre_keys_uploaded_ms = 0;  // wall ms of the last confirmed upload; 0: never
  wire::Jid pn, lid;                      // with device; empty until linked
  Bytes device_identity;                  // ADVSignedDeviceIdentity with the account's signature key
  std::string push_name, platform, business_name;
  Bytes routing_info;
  std::uint32_t login_count = 0;     // successful logins
  std::int64_t linked_ms = 0;        // wall ms; 0: not linked
  std::string companion_meta_nonce;  // with which files may be deleted from the media servers; empty: none
  bool lid_migrated = false;         // direct chats go by LID; once it is so it stays so

  bool linked() const { return !pn.empty(); }
};

// Whose companion a linked session is.
struct AccountName {
  wire::Jid pn, lid;  // with device
  std::string push_name;
};

class CredentialsTable {
 public:
  CredentialsTable(Database& database, std::int64_t session) : database_(database), session_(session) {}

  std::optional<Credentials> load();  // public keys are derived from the private ones: 0.2 ms
  std::optional<AccountName> name();  // nullopt: it is not linked
  void save(const Credentials& credentials);

 private:
  Database& database_;
  std::int64_t session_;
};

}  // namespace pigeond::store
