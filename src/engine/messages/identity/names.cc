#include "engine/messages/identity/names.h"

#include "base/text.h"

namespace pigeond::engine {
namespace {

constexpr std::size_t kName = 256;    // bytes of a push name; the service takes a tenth of it
constexpr std::size_t kCached = 512;  // names in memory; about 100 bytes each

}  // namespace

void Names::heard(const wire::Jid& user, const std::string& name) {
  if (name.empty() || name.size() > kName || !is_valid_utf8(name)) return;
  if (!user.is_user() || lids_.is_own(user)) return;
  const std::string key = lids_.canonical(user.without_device()).text();
  if (const auto known = cache_.find(key); known != cache_.end() && known->second == name) return;
  if (rows_.being_erased()) return;
  if (cache_.size() >= kCached) cache_.clear();
  rows_.put_name(key, name);
  cache_[key] = name;
}

void Names::moved(const wire::Jid& former, const wire::Jid& user) {
  for (const wire::Jid& form : {lids_.lid(former), lids_.pn(former)}) {
    if (form.empty()) continue;
    const std::string name = rows_.name(form.without_device().text());
    if (!name.empty()) return heard(user, name);
  }
}

}  // namespace pigeond::engine
