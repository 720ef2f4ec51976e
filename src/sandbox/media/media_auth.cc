#include "sandbox/media/media_auth.h"

namespace pigeond::sandbox {
namespace {

constexpr std::size_t kKept = 10'000;  // more of them, and those that are over are forgotten

}  // namespace

// It has characters that a URL has to escape.
std::string MediaAuth::issue(const DeviceRef& to, std::int64_t now) {
  if (issued_.size() >= kKept)
    std::erase_if(issued_, [now](const auto& each) { return each.second.until <= now; });
  std::string auth =
      "sandbox-auth/" + std::to_string(next_++) + "/" + to.phone + ":" + std::to_string(to.number) + "==";
  issued_[auth] = {to, now + lifetime};
  return auth;
}

std::optional<DeviceRef> MediaAuth::holder(const std::string& auth) const {
  const auto found = issued_.find(auth);
  return found == issued_.end() ? std::nullopt : std::optional(found->second.to);
}

bool MediaAuth::is_good(const std::string& auth, std::int64_t now) const {
  const auto found = issued_.find(auth);
  return found != issued_.end() && found->second.until > now;
}

void MediaAuth::expire(const std::string& phone) {
  for (auto& [auth, issued] : issued_)
    if (phone.empty() || issued.to.phone == phone) issued.until = 0;
}

}  // namespace pigeond::sandbox
