// Counters that keep retries from looping: `retry` for what we ask others to send again, `resent` for what
// others ask of us.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "store/database/database.h"
#include "wire/jid.h"

namespace pigeond::store {

class Retries {
 public:
  Retries(Database& database, std::int64_t session) : database_(database), session_(session) {}

  // --- retry receipts that we sent ---
  int asked(const wire::Jid& chat, const wire::Jid& sender, const std::string& id);
  void set_asked(const wire::Jid& chat, const wire::Jid& sender, const std::string& id, int count,
                 std::int64_t unix_seconds);
  void clear_asked(const wire::Jid& chat, const wire::Jid& sender, const std::string& id);
  // Counters of messages that never came again.
  void forget_asked_before(std::int64_t unix_seconds);

  // --- what we sent again on request; `message`: its seq ---
  struct Resent {
    int count = 0;
    std::optional<Bytes> base_key;  // of the session at the second request
  };
  Resent resent(std::int64_t message, const wire::Jid& device);
  void set_resent(std::int64_t message, const wire::Jid& device, const Resent& value);

 private:
  Database& database_;
  std::int64_t session_;
};

}  // namespace pigeond::store
