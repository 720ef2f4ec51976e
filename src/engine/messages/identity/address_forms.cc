#include "engine/messages/identity/address_forms.h"

#include <utility>

#include "base/log.h"

namespace pigeond::engine {
namespace {

constexpr std::size_t kCached = 512;  // users in memory; about 60 bytes each

}  // namespace

AddressForm AddressForms::usual() const {
  return context_.credentials.lid_migrated ? AddressForm::lid : AddressForm::pn;
}

void AddressForms::migrated() {
  if (std::exchange(context_.credentials.lid_migrated, true)) return;
  store::CredentialsTable(context_.database, context_.session).save(context_.credentials);
  log::notice("chats_migrated", {{"session", context_.session_name}});
}

AddressForm AddressForms::of(const wire::Jid& user) {
  const std::string key = lids_.canonical(user.without_device()).text();
  auto known = cache_.find(key);
  if (known == cache_.end()) {
    if (cache_.size() >= kCached) cache_.clear();
    known = cache_.emplace(key, rows_.find(key)).first;
  }
  return known->second == AddressForm::usual ? usual() : known->second;
}

void AddressForms::found(const wire::Jid& user, AddressForm form) {
  if (of(user) == form) return;
  const std::string key = lids_.canonical(user.without_device()).text();
  const AddressForm kept = form == usual() ? AddressForm::usual : form;
  rows_.put(key, kept);
  cache_[key] = kept;
}

}  // namespace pigeond::engine
