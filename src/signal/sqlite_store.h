// The Store of one account of the gateway. What it writes belongs to the database's unit of work.
#pragma once

#include "signal/store.h"
#include "store/account/credentials.h"
#include "store/account/signal_rows.h"

namespace pigeond::signal {

class SqliteStore final : public Store {
 public:
  // The references must outlive this object; `credentials` is looked at on every use.
  SqliteStore(store::Database& database, std::int64_t session, const store::Credentials& credentials)
      : rows_(database, session), credentials_(credentials) {}

  crypto::KeyPair identity_key_pair() override { return credentials_.identity; }
  std::uint32_t registration_id() override { return credentials_.registration_id; }

  std::optional<Bytes> load_session(const Address& address) override;
  void save_session(const Address& address, ByteView record) override;
  void delete_session(const Address& address) override;
  bool has_session(const Address& address) override;
  std::vector<std::uint32_t> session_devices(const std::string& name) override;

  std::optional<Bytes> load_identity(const Address& address) override;
  void save_identity(const Address& address, ByteView key) override;
  void delete_identity(const Address& address) override;

  std::optional<PreKey> load_pre_key(std::uint32_t id) override;
  void save_pre_key(const PreKey& key) override;  // as not uploaded
  void delete_pre_key(std::uint32_t id) override;

  std::optional<SignedPreKey> load_signed_pre_key(std::uint32_t id) override;
  void save_signed_pre_key(const SignedPreKey& key) override;

  std::optional<Bytes> load_sender_key(const std::string& group, const Address& sender) override;
  void save_sender_key(const std::string& group, const Address& sender, ByteView record) override;
  void delete_sender_key(const std::string& group, const Address& sender) override;

  // For what a Signal session does not ask for: uploads, migration from PN to LID, a user's new registration.
  store::SignalRows& rows() { return rows_; }

 private:
  store::SignalRows rows_;
  const store::Credentials& credentials_;
};

}  // namespace pigeond::signal
