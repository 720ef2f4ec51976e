// What is known of groups: from rows, kept true by what the service tells, and asked for when it is not known
// or no longer sure. A message to a group that is known costs no question.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "engine/groups/group.h"
#include "engine/messages/identity/lid_directory.h"
#include "store/account/groups.h"
#include "wire/node.h"

namespace pigeond::engine {

struct Desk;

class GroupDirectory {
 public:
  // Never null in an answer; it does not change while somebody holds it.
  using Known = std::shared_ptr<const Group>;
  // not_found: there is no such group; forbidden: the account is not in it; else as those of a question
  // (ack_error, link_lost, timed_out, malformed), and too_large.
  using Told = std::function<void(Result<Known>)>;

  explicit GroupDirectory(Desk& desk);

  // Without a question. Null: not known, or not sure (GroupRow::stale). One that the account has left is
  // known, with `facts.present` false.
  Known known(const wire::Jid& group);
  // The same, also where it is not sure: for what is shown.
  Known last_known(const wire::Jid& group);
  // Now where it is known, else when the service has answered: all who ask for a group share one question.
  void ask(const wire::Jid& group, Told told);
  // The service's word in any case, for who has reason to doubt what is known (a phash that differs).
  void refresh(const wire::Jid& group, Told told);

  // From an answer or a notification that describes it whole, with its members.
  void learn(Group group);
  // The same of one of many, whose members' addresses are left to whoever has the list (joined.h).
  void learn_listed(Group group, LidDirectory::Pairs& pairs);
  // From a notification, `by` and `at` (unix seconds) being its own.
  void apply(const wire::Jid& group, const GroupChange& change, const wire::Jid& by, std::int64_t at);
  // It is read again before it is used.
  void doubt(const wire::Jid& group);
  void doubt_all();
  // The account is not in it any more.
  void left(const wire::Jid& group);
  // Whether all groups of the account have been asked for since the engine began (joined.h).
  bool listed() const { return listed_; }
  void set_listed() { listed_ = true; }
  void forget();  // the account is another one

 private:
  void answer(const wire::Jid& group, const Result<Known>& told);
  Result<Known> take(const wire::Jid& group, const Result<wire::Node>& result);
  void take_whole(Group group);
  void learn_pairs(const std::vector<GroupMember>& members);
  void save(const store::GroupRow& facts);
  void change_members(const Group& group, const GroupChange& change);
  void give_key_again(const wire::Jid& group, const GroupMember& member);
  void gone_from(const wire::Jid& group);
  bool is_own(const GroupMember& member) const;
  void forget_cache();

  Desk& desk_;
  store::Groups rows_;
  std::unordered_map<wire::Jid, Known> cache_;
  std::size_t cached_members_ = 0;
  bool listed_ = false;
  std::map<wire::Jid, std::vector<Told>> waiting_;  // for one answer each
};

// <iq xmlns="w:g2">, to a group or, without one, to the service of groups.
wire::Node group_iq(const char* type, const wire::Jid& group, wire::Node child);

}  // namespace pigeond::engine
