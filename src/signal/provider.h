// Our cryptography as libsignal-protocol-c wants it. Internal to src/signal.
#pragma once

#include <signal_protocol.h>

#include <optional>

#include "base/random.h"
#include "crypto/hash.h"

namespace pigeond::signal {

// An HMAC whose key is prepared. The ratchet asks for two under a chain key, and HKDF for two or three under
// a key that it has drawn out, each time from the beginning.
struct PreparedHmac {
  explicit PreparedHmac(const Key32& key_in) : key(key_in), begun(key_in) {}
  ~PreparedHmac();
  PreparedHmac(const PreparedHmac&) = delete;
  PreparedHmac& operator=(const PreparedHmac&) = delete;

  Key32 key;
  crypto::HmacSha256 begun;
};

// What the provider has during one call of the library.
struct ProviderCall {
  Random* random = nullptr;
  std::optional<PreparedHmac> last = std::nullopt;
};

// `call` outlives the provider; it is emptied when a call ends, and with it the last key.
signal_crypto_provider make_provider(ProviderCall& call);

}  // namespace pigeond::signal
