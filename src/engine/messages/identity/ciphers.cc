#include "engine/messages/identity/ciphers.h"

#include "base/log.h"
#include "store/account/credentials.h"

namespace pigeond::engine {

signal::Address signal_address(const wire::Jid& device) {
  std::string name = device.user;
  if (device.server == wire::server::kLid)
    name += "_1";
  else if (device.server == wire::server::kHosted)
    name += "_128";
  else if (device.server == wire::server::kHostedLid)
    name += "_129";
  else if (device.server != wire::server::kUser)
    name += "_" + std::string(device.server);
  return {std::move(name), device.device};
}

namespace {

// Under which the own keys of groups are kept. It never travels, and no user has this name: by whichever form
// of its address this device writes in a group, the key is the same one. Rows have it, and
// SessionTable::forget_ratchets() knows it.
const signal::Address kOwn{"own", 0};

}  // namespace

Ciphers::Ciphers(Context& context, LidDirectory& lids, const UserChanges& changes)
    : context_(context),
      lids_(lids),
      changes_(changes),
      rows_(context.database, context.session),
      store_(context.database, context.session, context.credentials),
      sessions_(store_, context.random),
      groups_(store_, context.random),
      group_keys_(context.database, context.session) {}

signal::Address Ciphers::address(const wire::Jid& device) {
  const wire::Jid lid = lids_.lid(device);
  if (lid.empty()) return signal_address(device);
  signal::Address to = signal_address(lid);
  if (rows_.has_session(to.name, to.device)) return to;
  const wire::Jid pn = lids_.pn(lid);
  if (pn.empty()) return to;
  const signal::Address from = signal_address(pn);
  if (rows_.has_session(from.name, from.device)) rows_.rename(from.name, to.name);
  return to;
}

bool Ciphers::has_session(const wire::Jid& device) {
  const signal::Address at = address(device);
  return rows_.has_session(at.name, at.device);
}

Status Ciphers::start(const wire::Jid& device, const signal::PreKeyBundle& bundle) {
  const signal::Address at = address(device);
  Status done = sessions_.start(at, bundle);
  if (done || done.cause() != Cause::untrusted_identity) return done;
  identity_changed(device);
  sessions_.forget(at);
  return sessions_.start(at, bundle);
}

Result<signal::Ciphertext> Ciphers::encrypt(const wire::Jid& device, ByteView plaintext) {
  return sessions_.encrypt(address(device), plaintext);
}

Result<Bytes> Ciphers::decrypt(const wire::Jid& device, signal::Kind kind, ByteView ciphertext) {
  const signal::Address at = address(device);
  Result<Bytes> plaintext = sessions_.decrypt(at, kind, ciphertext);
  if (plaintext || plaintext.cause() != Cause::untrusted_identity) return plaintext;
  const auto old_session = store_.load_session(at);
  const auto old_identity = store_.load_identity(at);
  sessions_.forget(at);
  Result<Bytes> again = sessions_.decrypt(at, kind, ciphertext);
  if (!again) {  // anybody can claim another identity: one that can't prove it costs us nothing
    if (old_session) store_.save_session(at, *old_session);
    if (old_identity) store_.save_identity(at, *old_identity);
    return again;
  }
  identity_changed(device);
  return again;
}

Status Ciphers::take_sender_key(const wire::Jid& group, const wire::Jid& sender, ByteView distribution) {
  return groups_.process(group.text(), address(sender), distribution);
}

Result<Bytes> Ciphers::decrypt_group(const wire::Jid& group, const wire::Jid& sender, ByteView ciphertext) {
  return groups_.decrypt(group.text(), address(sender), ciphertext);
}

Result<Bytes> Ciphers::own_key(const wire::Jid& group) {
  return groups_.distribution(group.text(), kOwn);
}

Result<Bytes> Ciphers::encrypt_group(const wire::Jid& group, ByteView plaintext) {
  return groups_.encrypt(group.text(), kOwn, plaintext);
}

void Ciphers::drop_own_key(const wire::Jid& group) {
  groups_.forget(group.text(), kOwn);
}

// Whoever was installed anew has no keys of ours either.
void Ciphers::identity_changed(const wire::Jid& device) {
  log::notice("identity_changed", {{"session", context_.session_name}, {"device", device.text()}});
  lost_group_keys(device.without_device());
}

void Ciphers::lost_group_keys(const wire::Jid& user) {
  for (const wire::Jid& form : {lids_.lid(user), lids_.pn(user)})
    if (!form.empty()) group_keys_.give_again(form);
  changes_.tell(user);
}

void Ciphers::forget(const wire::Jid& device) {
  sessions_.forget(address(device));
}

void Ciphers::forget_user(const wire::Jid& user) {
  for (const wire::Jid& form : {lids_.lid(user), lids_.pn(user)})
    if (!form.empty()) rows_.forget(signal_address(form).name);
  lost_group_keys(user);
}

std::optional<std::uint32_t> Ciphers::registration_id(const wire::Jid& device) {
  return sessions_.remote_registration_id(address(device));
}

std::optional<Bytes> Ciphers::base_key(const wire::Jid& device) {
  return sessions_.alice_base_key(address(device));
}

std::optional<Bytes> Ciphers::identity(const wire::Jid& device) {
  return store_.load_identity(address(device));
}

signal::PreKey Ciphers::spare_pre_key() {
  store::Credentials& credentials = context_.credentials;
  const signal::PreKey key = signal::make_pre_keys(credentials.next_pre_key_id, 1, context_.random).front();
  credentials.next_pre_key_id = key.id >= signal::kMaxPreKeyId ? 1 : key.id + 1;
  // Marked as uploaded: one peer gets it, nobody else may.
  rows_.save_pre_key({key.id, key.key, true});
  store::CredentialsTable(context_.database, context_.session).save(credentials);
  return key;
}

std::optional<signal::SignedPreKey> Ciphers::signed_pre_key() {
  return store_.load_signed_pre_key(context_.credentials.signed_pre_key_id);
}

}  // namespace pigeond::engine
