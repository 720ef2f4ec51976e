// Privacy tokens as the service keeps them: who gave which to whom, and whether a message shows a good one.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sandbox/messages/mailroom.h"
#include "sandbox/world.h"

namespace pigeond::sandbox {

class TokenOffice {
 public:
  TokenOffice(World& world, Mailroom& mailroom) : world_(world), mailroom_(mailroom) {}

  // <iq type=set xmlns=privacy><tokens>: the sender's account gives tokens to contacts. The answer is empty,
  // as whatsapp-rust (src/send/tctoken_lifecycle.rs) tells of the real one: a contact's own token comes by
  // notification or in the history, never here. `afterwards` is set to what tells the contacts.
  wire::Node issue(const DeviceRef& from, const wire::Node& iq, std::function<void()>& afterwards);
  // A device subscribed to the contact's presence: a token that it was not told of is told now, where the
  // contact is one that tells_watchers. That the real service does so nobody has written down, so it is not
  // granted by default.
  void looked_up(const DeviceRef& by, const Account& contact);
  // As by the account's phone; `tell`: the contact's companions hear of it now.
  void give(const Account& by, const Account& to, bool tell);

  struct Known {
    std::string contact;  // phone
    std::int64_t time = 0;
    Bytes bytes;
    std::int64_t issued = 0;  // when the account's own was given last; 0: never
  };
  std::vector<Known> known_to(
      const Account& account) const;      // the tokens that it was given and that are good
  void held_by(const DeviceRef& device);  // it has read what its phone knows

  // The error with which a direct message is refused for lack of trust, 463 or 475, or for a token where none
  // belongs, 479; 0: it goes through. Reports tokens that nobody gave and ones that are too old.
  int judge(const DeviceRef& from, const Account& recipient, const wire::Node& message);
  // A direct message was accepted. A phone gives its token along with its first message in a bucket.
  void accepted(const DeviceRef& from, const Account& recipient);

 private:
  struct Token {
    std::int64_t time = 0;
    Bytes bytes;
    std::set<DeviceRef> told;  // devices that were sent it
  };
  using Pair = std::pair<std::string, std::string>;  // phones: giver and holder, or author and reader

  static constexpr std::int64_t kBucket = 604800;  // seconds
  static constexpr std::int64_t kBuckets = 4;

  const Token& remember(const Account& by, const Account& to, std::int64_t time);
  const Token* newest(const Account& by, const Account& to) const;  // that is still good
  bool too_old(std::int64_t time, std::int64_t lenience) const;
  void check_shown(const DeviceRef& from, const Account& recipient, const wire::Node& message);
  wire::Node token_node(const Token& token, const wire::Jid& jid) const;
  void tell(const Account& by, const Account& to, Form form, const Token& token);
  void check_time(const DeviceRef& from, const Account& contact, std::int64_t time, const wire::Node& iq);
  bool shows_good_token(const DeviceRef& from, const Account& recipient, const wire::Node& message);
  bool good_tctoken(const DeviceRef& from, const Account& recipient, const wire::Node& message);
  bool good_cstoken(const DeviceRef& from, const Account& recipient, const wire::Node& message);

  World& world_;
  Mailroom& mailroom_;
  std::map<Pair, std::deque<Token>> given_;                           // newest last
  std::map<std::pair<DeviceRef, std::string>, std::int64_t> issues_;  // when last
  std::set<Pair> wrote_;
};

}  // namespace pigeond::sandbox
