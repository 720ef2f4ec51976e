// The keys that are good for something. From any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "api/operations/caller.h"
#include "base/bytes.h"

namespace pigeond::api {

class KeyRing {
 public:
  // The key of the configuration, which may do everything.
  void set_configured(const std::string& key);
  // Whom a key is of; nullptr: it is none.
  std::shared_ptr<const Caller> find(const std::string& key) const;

 private:
  mutable std::mutex mutex_;
  Key32 configured_{};  // its SHA-256
  const std::shared_ptr<const Caller> administrator_ =
      std::make_shared<const Caller>(Caller{"configured", "", {Scope::admin}, {}});
};

}  // namespace pigeond::api
