#include "api/keys/key_ring.h"

#include "crypto/hash.h"

namespace pigeond::api {

void KeyRing::set_configured(const std::string& key) {
  const std::lock_guard lock(mutex_);
  configured_ = crypto::sha256(as_bytes(key));
}

// Hashes are compared, so that neither length nor content of the key shows in the time it takes.
std::shared_ptr<const Caller> KeyRing::find(const std::string& key) const {
  const auto hash = crypto::sha256(as_bytes(key));
  const std::lock_guard lock(mutex_);
  return equal_constant_time(hash, configured_) ? administrator_ : nullptr;
}

}  // namespace pigeond::api
