// Keys that callers give their requests (the header Idempotency-Key,
// draft-ietf-httpapi-idempotency-key-header), for one session: a request repeated under its key is the first
// one, also after a restart of the program. A key is kept for a day, and so many of them
// (limits::kIdempotencyKeys).
#pragma once

#include <optional>
#include <string>

#include "gateway/types.h"
#include "store/idempotency_keys.h"

namespace pigeond::gateway {

class Idempotency {
 public:
  Idempotency(store::Database& database, std::int64_t session) : rows_(database, session) {}

  // What the request's key was used for. already_exists: for something else. How a caller waits (async,
  // queue) makes no difference.
  Result<std::optional<store::IdempotencyRow>> find(const TextRequest& request, Millis wall);
  // `id`: the message that it became; in the unit of work that accepts it.
  void remember(const TextRequest& request, const std::string& id, Millis wall);
  void drop(const std::string& key) { rows_.remove(key); }  // nothing was accepted after all
  void end(const std::string& id, const store::IdempotencyOutcome& outcome);
  void forget() { any_open_.reset(); }  // what the database says has changed

 private:
  store::IdempotencyKeys rows_;
  std::optional<bool> any_open_;  // else no message's end has to be looked up
  unsigned inserted_ = 0;
};

}  // namespace pigeond::gateway
