// The keys that are good for something, in memory: the one of the configuration, and those of the database,
// which are loaded when the gateway runs. From any thread.
//
// A key may be bound to names of sessions, also of some that are not there yet. It does not outlive them:
// with a session its name goes from each key, in the same commit and before another session can be called so,
// and a key that was good for nothing else goes as well. Who may do something with an account was told so of
// that account, and not of whatever is called like it later.
//
// After a restore from the backup the rows are an older state: keys that have been taken back since would be
// good again. A process that lives through the restore knows better, and writes back what it knows. For one
// that finds the damage at its start, a change of keys is in the backup within ten minutes, like a new
// account.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "api/keys/rate_limit.h"
#include "api/operations/caller.h"
#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "gateway/gateway.h"
#include "store/api_keys.h"

namespace pigeond::api {

class KeyRing : public std::enable_shared_from_this<KeyRing> {
 public:
  // The gateway outlives it. Loads what the database has once the gateway runs.
  static std::shared_ptr<KeyRing> make(gateway::Gateway& gateway);

  // The key of the configuration, which may do everything.
  void set_configured(const std::string& key);

  struct Refusal {
    enum class Why { unknown, not_active, expired, too_many, loading } why = Why::unknown;
    Millis retry_after = 0;  // of too_many
  };
  // Whom a key is of, and one request of his is taken; must not block.
  std::variant<std::shared_ptr<const Caller>, Refusal> find(const std::string& key, Instant now);

  // The rows, by age, with when each was last used; storage.
  Result<std::vector<store::ApiKeyRow>> all();
  // This and the next block, and tell storage, timed_out, ... Makes or changes a row, by its id: `change` is
  // called on the gateway's loop, and it may be after the call has timed out, with the row that is there, or
  // nullptr. rate_limited: there are too many.
  using Change = std::function<Result<store::ApiKeyRow>(const store::ApiKeyRow*, Instant)>;
  Result<store::ApiKeyRow> change(const std::string& id, Change change);
  Status remove(const std::string& id);  // not_found

  // From the gateway's loop, see gateway::RunHooks.
  void session_removed(const std::string& session);
  void restored();

  // A key that is always the same for `purpose` while the configured one is: so that it can be shown again
  // though only its hash is kept.
  std::string derived_key(const std::string& purpose) const;

 private:
  explicit KeyRing(gateway::Gateway& gateway) : gateway_(gateway) {}

  struct Known {
    store::ApiKeyRow row;  // as committed
    std::shared_ptr<const Caller> caller;
    RateLimit rate;
    Millis used_ms = 0;   // wall
    Millis saved_ms = 0;  // what the row says of it, or is about to
  };
  struct Hash {
    std::size_t operator()(const Key32& hash) const;
  };
  using Keys = std::unordered_map<Key32, Known, Hash>;  // by the hash of the key

  void load();
  bool take(const std::vector<store::ApiKeyRow>& rows, std::uint64_t removals);
  void failed(const Error& error);
  void set_unless_removed(const store::ApiKeyRow& row, std::uint64_t removals);
  void put(const store::ApiKeyRow& row);
  void forget(const std::string& id);
  void save_use(const std::string& id, Millis at);

  gateway::Gateway& gateway_;
  std::mutex changing_;  // what is changed last in the database is so in memory
  mutable std::mutex mutex_;
  Key32 configured_{};
  Keys keys_;
  bool loaded_ = false, loading_ = false;
  std::uint64_t removals_ = 0;  // of sessions
  const std::shared_ptr<const Caller> administrator_ =
      std::make_shared<const Caller>(Caller{"configured", "", {Scope::admin}, {}});
};

}  // namespace pigeond::api
