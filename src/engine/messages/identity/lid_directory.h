// PN <-> LID: a cache over store::LidMappings, and what follows from the mapping for addresses.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/context.h"
#include "store/account/lid_mappings.h"
#include "wire/jid.h"

namespace pigeond::engine {

class LidDirectory {
 public:
  explicit LidDirectory(Context& context);

  // Where a pair comes from: whatsapp-rust's rule (src/client/lid_pn.rs). What was asked for or came with a
  // message replaces what was known; what was only seen in passing (history, notifications, receipts, calls)
  // may be old, and is taken where nothing was known. Where it contradicts, the service is asked; see
  // take_doubts().
  enum class Seen { directly, in_passing };

  // Either order; devices are ignored. Anything but one PN and one LID is ignored. True: it was news.
  // Who was told to programs by his LID alone is told with his number then (IdentityEvent).
  bool learn(const wire::Jid& one, const wire::Jid& other, Seen seen = Seen::directly);
  // The other attribute is optional everywhere on the wire.
  bool learn(const wire::Jid& one, const std::optional<wire::Jid>& other, Seen seen = Seen::directly) {
    return other && learn(one, *other, seen);
  }
  // Many at once, as a list of all the account's groups tells them: in passing. One that is known costs a
  // look, one that is new a row; the cache is left to whom messages are exchanged with. collect() takes pairs
  // in either order, each once, and none beyond that number, since they are all written by one unit of work,
  // for which every other session waits.
  using Pairs = std::map<std::string, std::string>;  // users of LIDs, and of their PNs
  static constexpr std::size_t kPairsAtOnce = 20000;
  static void collect(const wire::Jid& one, const wire::Jid& other, Pairs& pairs);
  void learn_many(const Pairs& pairs);
  // Numbers whose LID should be asked for, each once on a link: a pair that was seen in passing, or the
  // service, says that it may have changed.
  void doubt(const wire::Jid& pn);
  std::vector<wire::Jid> take_doubts();
  void forget_doubts();  // another link

  // The same user (and device) by hidden id or by number; empty when that is not known.
  wire::Jid lid(const wire::Jid& jid);
  wire::Jid pn(const wire::Jid& jid);
  wire::Jid other(const wire::Jid& jid) { return jid.is_lid() ? pn(jid) : lid(jid); }
  // The LID form where known, else as given: the form under which keys and device lists are kept.
  wire::Jid canonical(const wire::Jid& jid);
  // The PN form where known, else as given: the form that people know.
  wire::Jid shown(const wire::Jid& jid);
  bool same_user(const wire::Jid& a, const wire::Jid& b);

  bool is_own(const wire::Jid& jid) const;  // any device of this account, either form
  bool is_this_device(const wire::Jid& jid) const;
  void forget_cache();

 private:
  void remember(const std::string& pn, const std::string& lid);
  void forget(const std::string& pn, const std::string& lid);
  bool told_by_lid(const wire::Jid& lid) const;
  void tell(const wire::Jid& lid, const wire::Jid& pn);

  Context& context_;
  store::LidMappings rows_;
  // Users. Each pair is in both, so that the one that a new pair replaces can be found by either half.
  std::unordered_map<std::string, std::string> lid_by_pn_, pn_by_lid_;
  std::set<std::string> doubts_, doubted_;  // users of PNs; the second: asked about already
};

}  // namespace pigeond::engine
