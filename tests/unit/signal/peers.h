// Devices that talk Signal to each other, for the tests of this folder.
#pragma once

#include <string>

#include "base/random.h"
#include "signal/memory_store.h"
#include "signal/session.h"

namespace pigeond::signal {

struct Peer {
  explicit Peer(std::string name, std::uint64_t seed, std::uint32_t device = 0)
      : random(seed),
        address{std::move(name), device},
        store(crypto::generate_key_pair(random), 1000 + static_cast<std::uint32_t>(seed)),
        sessions(store, random) {
    store.save_signed_pre_key(make_signed_pre_key(1, store.identity_key_pair(), 1700000000, random));
    for (const PreKey& key : make_pre_keys(1, 5, random)) store.save_pre_key(key);
  }

  // What the service would hand out for this device; without a number: no one-time key left.
  PreKeyBundle bundle(std::optional<std::uint32_t> pre_key_id) {
    const auto signed_key = *store.load_signed_pre_key(1);
    PreKeyBundle out;
    out.registration_id = store.registration_id();
    out.identity = store.identity_key_pair().pub;
    out.signed_pre_key_id = signed_key.id;
    out.signed_pre_key = signed_key.key.pub;
    out.signature = signed_key.signature;
    out.pre_key_id = pre_key_id;
    if (pre_key_id) out.pre_key = store.load_pre_key(*pre_key_id)->key.pub;
    return out;
  }

  SeededRandom random;
  Address address;
  MemoryStore store;
  Sessions sessions;
};

inline Ciphertext say(Peer& from, Peer& to, std::string_view text) {
  return from.sessions.encrypt(to.address, as_bytes(text)).value();
}

// The text, or the name of the cause.
inline std::string hear(Peer& at, Peer& from, const Ciphertext& message) {
  const auto plain = at.sessions.decrypt(from.address, message.kind, message.bytes);
  return plain ? std::string(as_text(*plain)) : std::string(cause_name(plain.cause()));
}

}  // namespace pigeond::signal
