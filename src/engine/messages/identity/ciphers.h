// The Signal side of messages: which address a device's keys are kept under, and encryption by that address.
#pragma once

#include "engine/context.h"
#include "engine/messages/identity/lid_directory.h"
#include "engine/messages/identity/user_changes.h"
#include "signal/group.h"
#include "signal/session.h"
#include "signal/sqlite_store.h"
#include "store/account/group_keys.h"
#include "store/account/signal_rows.h"
#include "wire/jid.h"

namespace pigeond::engine {

// Name by the server, as whatsmeow and Baileys do: "USER" for a PN, "USER_1" for a LID, _128 and _129 for
// hosted ones.
signal::Address signal_address(const wire::Jid& device);

class Ciphers {
 public:
  // Tells of whose devices turn out to have lost what they had of the keys of groups.
  Ciphers(Context& context, LidDirectory& lids, const UserChanges& changes);

  bool has_session(const wire::Jid& device);
  Status start(const wire::Jid& device,
               const signal::PreKeyBundle& bundle);  // bad_signature; a new identity is taken
  Result<signal::Ciphertext> encrypt(const wire::Jid& device, ByteView plaintext);
  // A changed identity is taken as a reinstall: whatsmeow forgets the old one and tries once more too.
  Result<Bytes> decrypt(const wire::Jid& device, signal::Kind kind, ByteView ciphertext);
  Status take_sender_key(const wire::Jid& group, const wire::Jid& sender, ByteView distribution);
  Result<Bytes> decrypt_group(const wire::Jid& group, const wire::Jid& sender, ByteView ciphertext);

  // The key with which this device writes in a group: what it is from now on, made when there is none; and
  // the next step of its chain, which is stored before the ciphertext can leave. After drop_own_key() the
  // next is another one.
  Result<Bytes> own_key(const wire::Jid& group);
  Result<Bytes> encrypt_group(const wire::Jid& group, ByteView plaintext);
  void drop_own_key(const wire::Jid& group);

  void forget(const wire::Jid& device);
  void forget_user(const wire::Jid& user);  // all devices, both forms
  std::optional<std::uint32_t> registration_id(const wire::Jid& device);
  std::optional<Bytes> base_key(const wire::Jid& device);
  std::optional<Bytes> identity(const wire::Jid& device);  // 32 bytes
  signal::PreKey spare_pre_key();                          // stored, and never uploaded
  std::optional<signal::SignedPreKey> signed_pre_key();

 private:
  // The LID's address where the LID is known; keys still kept under the PN are moved there first.
  signal::Address address(const wire::Jid& device);
  void identity_changed(const wire::Jid& device);
  void lost_group_keys(const wire::Jid& user);

  Context& context_;
  LidDirectory& lids_;
  const UserChanges& changes_;
  store::SignalRows rows_;
  signal::SqliteStore store_;
  signal::Sessions sessions_;
  signal::GroupSessions groups_;
  store::GroupKeys group_keys_;
};

}  // namespace pigeond::engine
