// One-to-one sessions: X3DH and the double ratchet of libsignal-protocol-c, over a Store.
//
// Every call loads the record, works, and saves it: the caller's unit of work makes that atomic with the
// message. A call that fails has saved nothing, not even the identity of a sender whose first message turned
// out to be forged. Identities are trusted on first use. When one changed, start() and decrypt() say
// untrusted_identity; whoever accepts the new one calls forget() and tries again.
#pragma once

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "signal/store.h"

namespace pigeond::signal {

struct PreKeyBundle {
  std::uint32_t registration_id = 0;
  Key32 identity{};
  std::uint32_t signed_pre_key_id = 0;
  Key32 signed_pre_key{};
  crypto::Signature signature{};
  std::optional<std::uint32_t> pre_key_id;  // absent: the device has no one-time key left
  Key32 pre_key{};
};

enum class Kind { pkmsg, msg };  // as the `enc` node's type

struct Ciphertext {
  Kind kind = Kind::msg;
  Bytes bytes;
};

class Sessions {
 public:
  // Both are kept by reference and must outlive this object. It has no state of its own, and costs nothing to
  // make.
  Sessions(Store& store, Random& random) : store_(store), random_(random) {}

  bool has(const Address& peer);
  // bad_signature: the signed pre-key is not signed by the identity. untrusted_identity: another identity is
  // stored. An existing session is archived: what the peer still sends through it can be read.
  Status start(const Address& peer, const PreKeyBundle& bundle);
  Result<Ciphertext> encrypt(const Address& peer, ByteView plaintext);  // no_session
  // duplicate_message: read before (or skipped too long ago). no_session: `msg` without one. invalid_key_id:
  // a one-time or signed pre-key that is not here. untrusted_identity. invalid_message: does not parse, or no
  // session's MAC fits (libsignal does not tell these apart), or over 2000 messages ahead. On success of a
  // pkmsg the one-time pre-key is removed from the store.
  Result<Bytes> decrypt(const Address& peer, Kind kind, ByteView ciphertext);
  std::optional<std::uint32_t> remote_registration_id(const Address& peer);
  std::optional<Bytes> alice_base_key(
      const Address& peer);          // 33 bytes; the same as long as the session is the same
  void forget(const Address& peer);  // session and identity

 private:
  Store& store_;
  Random& random_;
};

// Makes what a new device needs. `created` in unix seconds.
SignedPreKey make_signed_pre_key(std::uint32_t id, const crypto::KeyPair& identity, std::int64_t created,
                                 Random& random);
// ids count up from `first`, wrap from 16777215 to 1.
std::vector<PreKey> make_pre_keys(std::uint32_t first, std::size_t count, Random& random);

inline constexpr std::uint32_t kMaxPreKeyId = 0xFFFFFF;

}  // namespace pigeond::signal
