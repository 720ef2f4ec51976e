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
#include "wire/jid.h"

namespace pigeond::engine {

// How this client presents itself, and whom it trusts.
struct ClientProfile {
  ClientVersion version = kBuiltInVersion;  // may be raised while engines run: each new link announces it
  Key32 root_key{};                         // Noise certificate root
  std::string device_name = "pigeond";      // shown in the phone's list of linked devices
};

// How fast first messages to people who never wrote may leave; see engine/messages/out/pacing.h.
enum class PacingPolicy { off, standard, strict };

// Chats of which nothing is kept or told. What comes in them is decrypted all the same, so that sessions and
// sender keys stay what their senders think, and acknowledged.
struct IgnoredChats {
  bool status = false, groups = false, channels = false;
  bool broadcasts = false;  // lists, without the status
  bool cover(const wire::Jid& chat) const {
    if (chat.is_status()) return status;
    if (chat.is_broadcast()) return broadcasts;
    if (chat.is_group()) return groups;
    return chat.is_newsletter() && channels;
  }
  bool operator==(const IgnoredChats&) const = default;
};

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
  IgnoredChats ignored = {};

  std::int64_t server_seconds() const { return server_clock.at(now) / kSecond; }
  void emit(Effect effect);
};

}  // namespace pigeond::engine
