// What to do about a message that the service refused because the account is not trusted: 463, no privacy
// token from that contact, or no new chats for a time; 475, no more new chats in this cycle.
//
// A retry that changes nothing counts as one more attempt to reach a stranger, and is said to lengthen the
// lock (a comment in Baileys, which never tries again). So a message goes out again only with something in
// hand that was not there before, once, and never while the account is known to be locked.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>

#include "engine/account/account_limits.h"
#include "engine/messages/desk.h"
#include "engine/messages/out/fan_out.h"

namespace pigeond::engine {

class Trust {
 public:
  static constexpr int kMissingToken = 463;
  static constexpr int kCapped = 475;
  static bool judges(int code) { return code == kMissingToken || code == kCapped; }

  Trust(Desk& desk, AccountLimits& limits) : desk_(desk), limits_(limits) {}

  // `stanza` was refused with that code. ok: send it again, with the token that PrivacyTokens has now and in
  // the form that resolve() gives now. Else what to tell the caller. `done` comes once, within
  // kPatience.
  void refused(int code, const wire::Node& stanza, std::function<void(const Status&)> done);
  // What to tell the caller, from what is known: token_missing, chats_capped, or reachout_locked; of the last
  // two, until when in the detail and in retry_after, and the kind of lock.
  Error cause(int code);

  void wake();
  std::optional<Millis> next_wake() const;

 private:
  static constexpr Millis kPatience = 3 * kSecond;
  struct Case {
    int code = 0;
    wire::Jid to;     // as the stanza had it
    Bytes presented;  // the token that it carried; empty: none
    std::function<void(const Status&)> done;
    Millis deadline = 0;  // mono
  };

  Case* find(std::uint64_t id);
  void close(std::uint64_t id, const Status& status);
  void give_up(std::uint64_t id);
  void fetch_token(std::uint64_t id);
  void look_up_lid(std::uint64_t id);

  Desk& desk_;
  AccountLimits& limits_;
  std::uint64_t next_id_ = 1;
  std::map<std::uint64_t, Case> open_;  // by age
};

// The <tctoken> or <cstoken> in a message; empty: it has none.
Bytes presented_token(const wire::Node& message);
// The message with `token` instead of the one it has; its ciphertexts stay as they are.
wire::Node with_token(const wire::Node& message, std::optional<wire::Node> token);

}  // namespace pigeond::engine
