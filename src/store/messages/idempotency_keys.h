// Rows of `idempotency_key`: what a caller's key was used for, and what came of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "store/database/database.h"
#include "wire/jid.h"

namespace pigeond::store {

struct IdempotencyOutcome {
  std::int64_t timestamp = 0;  // unix seconds
  wire::Jid chat, chat_pn, chat_lid;
  std::optional<Error> error;
};

struct IdempotencyRow {
  std::string key;
  Key32 request{};                            // SHA-256 of what was asked for
  std::string id;                             // the message's
  Millis created = 0;                         // wall; 0: no clock was there that could be believed
  std::optional<IdempotencyOutcome> outcome;  // none: the message has not ended
};

class IdempotencyKeys {
 public:
  IdempotencyKeys(Database& database, std::int64_t session) : database_(database), session_(session) {}

  std::optional<IdempotencyRow> find(const std::string& key);
  void insert(const IdempotencyRow& row);
  void remove(const std::string& key);
  // Of every key that named this message; a later outcome changes nothing.
  void end(const std::string& id, const IdempotencyOutcome& outcome);
  bool any_open();

 private:
  Database& database_;
  std::int64_t session_;
};

// --- of all sessions ---

struct KeysPruned {
  std::int64_t rows = 0;  // keys that went
  std::int64_t next = 0;  // where the next step begins; 0: this pass is over
};
struct KeyAge {
  Millis now = 0;  // wall, of a clock that is believed
  Millis kept = 0;
};
// Looks at `limit` keys from `after` (0: the oldest) on, and removes those that are older than `kept` and
// whose message has ended. One without a time gets `now` for it, as does one from more than a day ahead: its
// clock was wrong. A pass ends where none is old, and none such.
KeysPruned prune_idempotency_keys(Database& database, const KeyAge& age, std::int64_t after,
                                  std::size_t limit);

// Not fewer than there are, at the price of two look-ups: from the oldest to the newest.
std::int64_t idempotency_key_span(Database& database);
std::int64_t count_idempotency_keys(Database& database);  // reads them all

}  // namespace pigeond::store
