// The Signal protocol's state of one account, as bytes. What the bytes mean is the signal layer's business.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "crypto/curve.h"
#include "store/database/database.h"

namespace pigeond::store {

struct PreKeyRow {
  std::uint32_t id = 0;
  crypto::KeyPair key;
  bool uploaded = false;  // the server has it, or one peer was given it
};

struct SignedPreKeyRow {
  std::uint32_t id = 0;
  crypto::KeyPair key;
  crypto::Signature signature{};
  std::int64_t created = 0;  // unix seconds
};

class SignalRows {
 public:
  SignalRows(Database& database, std::int64_t session) : database_(database), session_(session) {}

  std::optional<Bytes> session(std::string_view name, std::uint32_t device);
  bool has_session(std::string_view name, std::uint32_t device);
  void save_session(std::string_view name, std::uint32_t device, ByteView record);
  void delete_session(std::string_view name, std::uint32_t device);
  std::vector<std::uint32_t> session_devices(std::string_view name);

  std::optional<Bytes> identity(std::string_view name, std::uint32_t device);
  void save_identity(std::string_view name, std::uint32_t device, ByteView key);
  void delete_identity(std::string_view name, std::uint32_t device);

  // Moves sessions, identities and sender keys of all devices from one name to another (a PN's to its LID's).
  // What is there under the new name already stays, and the old one goes.
  void rename(std::string_view from, std::string_view to);
  // Sessions and identities of all devices of that name: the user registered anew.
  void forget(std::string_view name);

  std::optional<PreKeyRow> pre_key(std::uint32_t id);
  void save_pre_key(const PreKeyRow& row);
  void delete_pre_key(std::uint32_t id);
  std::vector<PreKeyRow> pre_keys_not_uploaded(std::size_t limit);  // in the order of their ids
  std::size_t count_pre_keys_not_uploaded();
  void mark_pre_keys_uploaded(const std::vector<std::uint32_t>& ids);
  void mark_all_pre_keys_not_uploaded();  // the server lost them

  std::optional<SignedPreKeyRow> signed_pre_key(std::uint32_t id);
  void save_signed_pre_key(const SignedPreKeyRow& row);

  std::optional<Bytes> sender_key(std::string_view chat, std::string_view name, std::uint32_t device);
  void save_sender_key(std::string_view chat, std::string_view name, std::uint32_t device, ByteView record);
  void delete_sender_key(std::string_view chat, std::string_view name, std::uint32_t device);

 private:
  Database& database_;
  std::int64_t session_;
};

}  // namespace pigeond::store
