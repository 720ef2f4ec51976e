#include "engine/pairing/new_device.h"

#include "signal/session.h"

namespace pigeond::engine {

store::SignedPreKeyRow create_signed_pre_key(std::uint32_t id, const crypto::KeyPair& identity,
                                             std::int64_t unix_now, Random& random) {
  const auto made = signal::make_signed_pre_key(id, identity, unix_now, random);
  return {made.id, made.key, made.signature, made.created};
}

store::Credentials create_device(store::Database& database, std::int64_t session, std::int64_t unix_now,
                                 Random& random) {
  store::Credentials credentials;
  credentials.noise = crypto::generate_key_pair(random);
  credentials.identity = crypto::generate_key_pair(random);
  credentials.registration_id =
      1 + static_cast<std::uint32_t>(random.below(0x7fffffff));  // whatsapp-rust's range
  credentials.adv_secret = random.array<32>();
  const auto signed_pre_key = create_signed_pre_key(1, credentials.identity, unix_now, random);
  credentials.signed_pre_key_id = signed_pre_key.id;
  credentials.signed_pre_key_created = signed_pre_key.created;
  store::SignalRows(database, session).save_signed_pre_key(signed_pre_key);
  store::CredentialsTable(database, session).save(credentials);
  return credentials;
}

}  // namespace pigeond::engine
