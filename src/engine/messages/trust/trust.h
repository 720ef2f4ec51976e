// What to do about a message that the service refused because the account is not trusted: 463, no privacy
// token from that contact, or no new chats for a time; 475, no more new chats in this cycle.
//
// A retry that changes nothing counts as one more attempt to reach a stranger, and is said to lengthen the
// lock (a comment in Baileys, which never tries again). So a message goes out again only with something in
// hand that was not there before, each once, and never while the account is known to be locked:
//
//   a token that it did not carry   one that came by notification or history meanwhile, or one made from a
//                                   salt that did
//   the recipient's other address   by number instead of by LID, or the other way round: both were seen
//                                   to help (OpenWA pull request 717, whatsapp-mcp-extended pull request 67)
//   a token that is waited for      the contact's presence is subscribed to, once on a link; should a token
//                                   come within seconds, it is shown. That the service tells one then
//                                   nobody has written down: it may be waited for in vain
//
// To ask for it there is no question: the service's answer to the giving of ours is empty.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "engine/account/account_limits.h"
#include "engine/messages/desk.h"
#include "engine/messages/out/fan_out.h"

namespace pigeond::engine {

class Trust {
 public:
  static constexpr int kMissingToken = 463;
  static constexpr int kCapped = 475;
  static bool judges(int code) { return code == kMissingToken || code == kCapped; }

  enum class Remedy { other_token, other_form, awaited_token };

  Trust(Desk& desk, AccountLimits& limits) : desk_(desk), limits_(limits) {}

  // `stanza` was refused with that code, after what `tried` says. The remedy with which to send it again, or
  // what to tell the caller. `done` comes once, within kPatience and kTokenPatience; not at all if the link
  // goes before: whether the account is locked is not known then, and nothing may be sent on a guess. It is
  // asked anew on the next link.
  void refused(int code, const wire::Node& stanza, const store::Distrust& tried,
               std::function<void(const Result<Remedy>&)> done);
  void token_came();  // somebody's
  // What to tell the caller, from what is known: token_missing, chats_capped, or reachout_locked; of the last
  // two, until when in the detail and in retry_after, and the kind of lock.
  Error cause(int code);

  void offline();  // forgets what was asked
  void wake();
  std::optional<Millis> next_wake() const;

 private:
  static constexpr Millis kPatience = 3 * kSecond;       // for answers
  static constexpr Millis kTokenPatience = 4 * kSecond;  // for a token
  struct Case {
    int code = 0;
    wire::Jid to;     // as the stanza had it
    Bytes presented;  // the token that it carried; empty: none
    store::Distrust tried;
    std::function<void(const Result<Remedy>&)> done;
    Millis deadline = 0;  // mono
    bool awaiting = false;
  };

  Case* find(std::uint64_t id);
  void close(std::uint64_t id, const Result<Remedy>& remedy);
  void give_up(std::uint64_t id);
  bool has_another_token(const Case& open);
  void try_token(std::uint64_t id);
  void try_other_form(std::uint64_t id);
  void look_up_lid(std::uint64_t id);
  void await_token(std::uint64_t id);

  Desk& desk_;
  AccountLimits& limits_;
  std::uint64_t next_id_ = 1;
  std::map<std::uint64_t, Case> open_;  // by age
  std::set<wire::Jid> subscribed_;      // on this link
};

// The <tctoken> or <cstoken> in a message; empty: it has none.
Bytes presented_token(const wire::Node& message);
// The message with `token` instead of the one it has; its ciphertexts stay as they are.
wire::Node with_token(const wire::Node& message, std::optional<wire::Node> token);

}  // namespace pigeond::engine
