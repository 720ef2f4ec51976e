// Keys that callers give their requests (the header Idempotency-Key,
// draft-ietf-httpapi-idempotency-key-header), for one session: a request repeated under its key is the first
// one, also after a restart of the program. A key is kept for a day, and longer while its message has not
// ended. There may be so many of all sessions ([store] idempotency_keys); beyond, a new one is refused, as a
// key that is forgotten early is a message sent twice. A clock that can't be true dates no key: its day
// begins when the clock is believed.
#pragma once

#include <optional>
#include <string>

#include "gateway/storage/retention.h"
#include "gateway/types.h"
#include "store/messages/idempotency_keys.h"

namespace pigeond::gateway {

class Idempotency {
 public:
  static constexpr Millis kKept = kDay;

  // `retention` outlives it.
  Idempotency(store::Database& database, std::int64_t session, Retention& retention)
      : database_(database), session_(session), rows_(database, session), retention_(retention) {}

  // What the request's key was used for; whoever a request is for may be written in any of their forms.
  // already_exists: for something else; rate_limited: it is new, and there are too many. How a caller waits
  // (async, queue) makes no difference.
  Result<std::optional<store::IdempotencyRow>> find(const SendRequest& request, Instant now);
  // `id`: the message that it became; in the unit of work that accepts it.
  void remember(const SendRequest& request, const std::string& id, Instant now);
  void drop(const std::string& key) { rows_.remove(key); }  // nothing was accepted after all
  void end(const std::string& id, const store::IdempotencyOutcome& outcome);
  void forget() { any_open_.reset(); }  // what the database says has changed

 private:
  bool is_same(const store::IdempotencyRow& row, const SendRequest& request) const;

  store::Database& database_;
  std::int64_t session_;
  store::IdempotencyKeys rows_;
  Retention& retention_;
  std::optional<bool> any_open_;  // else no message's end has to be looked up
};

}  // namespace pigeond::gateway
