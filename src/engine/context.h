// What every part of one account's engine works with. It lives as long as the engine; `now` is set at each
// entry.
#pragma once

#include <cstdint>
#include <string>

#include "base/random.h"
#include "base/time.h"
#include "engine/client_release.h"
#include "engine/effects.h"
#include "engine/link/server_clock.h"
#include "store/account/credentials.h"
#include "store/database/database.h"

namespace pigeond::engine {

// How this client presents itself, and whom it trusts.
struct ClientProfile {
  ClientVersion version = kBuiltInVersion;  // may be raised while engines run: each new link announces it
  Key32 root_key{};                         // Noise certificate root
  std::string device_name = "pigeond";      // shown in the phone's list of linked devices
};

// How fast first messages to people who never wrote may leave; see engine/messages/out/pacing.h.
enum class PacingPolicy { off, standard, strict };

struct Context {
  Instant now;
  Random& random;
  store::Database& database;
  std::int64_t session = 0;  // row id of the gateway session, the key of all its state
  std::string session_name;  // for logs
  const ClientProfile& profile;
  store::Credentials credentials;  // loaded once; save after a change, in the same unit of work
  Effects effects;
  ServerClock server_clock;
  PacingPolicy pacing = PacingPolicy::off;

  std::int64_t server_seconds() const { return server_clock.at(now) / kSecond; }
  void emit(Effect effect) { effects.push_back(std::move(effect)); }
};

}  // namespace pigeond::engine
