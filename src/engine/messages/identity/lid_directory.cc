#include "engine/messages/identity/lid_directory.h"

#include <utility>

#include "store/messages/messages.h"

namespace pigeond::engine {
namespace {

constexpr std::size_t kCachedMappings = 512;  // mappings in memory; about 80 bytes each
constexpr std::size_t kDoubts = 1000;         // numbers that are asked about on one link

bool is_pn_kind(const wire::Jid& jid) {
  return (jid.server == wire::server::kUser || jid.server == wire::server::kHosted) && !jid.user.empty();
}
bool is_lid_kind(const wire::Jid& jid) {
  return (jid.server == wire::server::kLid || jid.server == wire::server::kHostedLid) && !jid.user.empty();
}

bool same_account(const wire::Jid& jid, const wire::Jid& own) {
  return !own.user.empty() && jid.user == own.user && is_pn_kind(jid) == is_pn_kind(own) &&
         is_lid_kind(jid) == is_lid_kind(own);
}

}  // namespace

LidDirectory::LidDirectory(Context& context) : context_(context), rows_(context.database, context.session) {}

bool LidDirectory::learn(const wire::Jid& one, const wire::Jid& other, Seen seen) {
  const wire::Jid& pn_jid = is_pn_kind(one) ? one : other;
  const wire::Jid& lid_jid = is_pn_kind(one) ? other : one;
  if (!is_pn_kind(pn_jid) || !is_lid_kind(lid_jid)) return false;
  if (auto known = lid_by_pn_.find(pn_jid.user); known != lid_by_pn_.end() && known->second == lid_jid.user)
    return false;
  if (seen == Seen::in_passing) {
    const wire::Jid known_lid = lid(pn_jid), known_pn = pn(lid_jid);
    const bool same = known_lid.user == lid_jid.user && known_pn.user == pn_jid.user;
    if (same) return false;
    if (!known_lid.empty() || !known_pn.empty()) {
      doubt(pn_jid);
      return false;
    }
  }
  const bool news = rows_.put(lid_jid.user, pn_jid.user);
  if (news && told_by_lid(lid_jid)) tell(wire::lid(lid_jid.user), wire::pn(pn_jid.user));
  remember(pn_jid.user, lid_jid.user);
  return news;
}

void LidDirectory::collect(const wire::Jid& one, const wire::Jid& other, Pairs& pairs) {
  const bool ordered = is_lid_kind(one);
  const wire::Jid &lid = ordered ? one : other, &pn = ordered ? other : one;
  if (is_lid_kind(lid) && is_pn_kind(pn) && pairs.size() < kPairsAtOnce) pairs.emplace(lid.user, pn.user);
}

void LidDirectory::learn_many(const Pairs& pairs) {
  for (const auto& [lid, pn] : pairs) {
    if (rows_.lid_of(pn) == lid) continue;
    if (!rows_.add(lid, pn))
      learn(wire::lid(lid), wire::pn(pn), Seen::in_passing);
    else if (told_by_lid(wire::lid(lid)))
      tell(wire::lid(lid), wire::pn(pn));
  }
}

// What was known of either half is not so any more.
void LidDirectory::remember(const std::string& pn, const std::string& lid) {
  if (const auto former = lid_by_pn_.find(pn); former != lid_by_pn_.end())
    forget(pn, std::string(former->second));
  if (const auto former = pn_by_lid_.find(lid); former != pn_by_lid_.end())
    forget(std::string(former->second), lid);
  if (lid_by_pn_.size() >= kCachedMappings) forget_cache();
  lid_by_pn_[pn] = lid;
  pn_by_lid_[lid] = pn;
}

void LidDirectory::forget(const std::string& pn, const std::string& lid) {
  lid_by_pn_.erase(pn);
  pn_by_lid_.erase(lid);
}

// Programs know him by his LID: what was said last came when no number was known.
bool LidDirectory::told_by_lid(const wire::Jid& lid) const {
  return store::Messages(context_.database, context_.session).was_told_by_lid(wire::lid(lid.user));
}

void LidDirectory::tell(const wire::Jid& lid, const wire::Jid& pn) {
  IdentityEvent event;
  event.pn = pn;
  event.lid = lid;
  event.timestamp = context_.server_seconds();
  context_.emit(std::move(event));
}

wire::Jid LidDirectory::lid(const wire::Jid& jid) {
  if (is_lid_kind(jid)) return jid;
  if (!is_pn_kind(jid)) return {};
  auto known = lid_by_pn_.find(jid.user);
  if (known == lid_by_pn_.end()) {
    auto stored = rows_.lid_of(jid.user);
    if (!stored) return {};
    remember(jid.user, *stored);
    known = lid_by_pn_.find(jid.user);
  }
  const auto server = jid.server == wire::server::kHosted ? wire::server::kHostedLid : wire::server::kLid;
  return {known->second, std::string(server), jid.device, 0};
}

wire::Jid LidDirectory::pn(const wire::Jid& jid) {
  if (is_pn_kind(jid)) return jid;
  if (!is_lid_kind(jid)) return {};
  auto known = pn_by_lid_.find(jid.user);
  if (known == pn_by_lid_.end()) {
    auto stored = rows_.pn_of(jid.user);
    if (!stored) return {};
    remember(*stored, jid.user);
    known = pn_by_lid_.find(jid.user);
  }
  const auto server = jid.server == wire::server::kHostedLid ? wire::server::kHosted : wire::server::kUser;
  return {known->second, std::string(server), jid.device, 0};
}

wire::Jid LidDirectory::canonical(const wire::Jid& jid) {
  wire::Jid other = lid(jid);
  return other.empty() ? jid : other;
}

wire::Jid LidDirectory::shown(const wire::Jid& jid) {
  wire::Jid other = pn(jid);
  return other.empty() ? jid : other;
}

bool LidDirectory::same_user(const wire::Jid& a, const wire::Jid& b) {
  if (a.same_user(b)) return true;
  if (a.server == b.server && !a.is_hosted() && !b.is_hosted()) return false;
  const wire::Jid left = canonical(a), right = canonical(b);
  return left.user == right.user && is_lid_kind(left) == is_lid_kind(right) &&
         is_pn_kind(left) == is_pn_kind(right);
}

bool LidDirectory::is_own(const wire::Jid& jid) const {
  return same_account(jid, context_.credentials.pn) || same_account(jid, context_.credentials.lid);
}

bool LidDirectory::is_this_device(const wire::Jid& jid) const {
  return is_own(jid) && jid.device == context_.credentials.pn.device;
}

void LidDirectory::doubt(const wire::Jid& pn) {
  if (!is_pn_kind(pn) || is_own(pn) || doubted_.size() >= kDoubts) return;
  if (doubted_.insert(pn.user).second) doubts_.insert(pn.user);
}

std::vector<wire::Jid> LidDirectory::take_doubts() {
  std::vector<wire::Jid> out;
  for (const auto& user : std::exchange(doubts_, {})) out.push_back(wire::pn(user));
  return out;
}

void LidDirectory::forget_doubts() {
  doubts_.clear();
  doubted_.clear();
}

void LidDirectory::forget_cache() {
  lid_by_pn_.clear();
  pn_by_lid_.clear();
}

}  // namespace pigeond::engine
