#include "engine/messages/identity/dialled.h"

#include <utility>

namespace pigeond::engine {
namespace {

constexpr std::size_t kCached = 512;  // numbers in memory; about 80 bytes each

}  // namespace

wire::Jid Dialled::account(const wire::Jid& typed) {
  if (!typed.is_pn()) return typed;
  auto known = cache_.find(typed.user);
  if (known == cache_.end()) {
    if (cache_.size() >= kCached) cache_.clear();
    known = cache_.emplace(typed.user, rows_.account_of(typed.user).value_or(wire::Jid{})).first;
  }
  return known->second.empty() ? typed : known->second;
}

wire::Jid Dialled::named(UsyncUser& user, const std::string& number) {
  if (user.pn.empty()) {  // told by its LID alone
    wire::Jid known = lids_.pn(user.lid);
    user.pn = known.empty() ? wire::pn(number) : std::move(known);
  }
  if (user.pn.user == number)
    rows_.remove(number);
  else
    rows_.put(number, user.pn);
  cache_.erase(number);
  return user.pn;
}

void Dialled::gone(const wire::Jid& account) {
  for (const auto& number : rows_.numbers_of(account)) {
    rows_.remove(number);
    cache_.erase(number);
  }
}

}  // namespace pigeond::engine
