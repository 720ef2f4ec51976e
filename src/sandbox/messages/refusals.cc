#include "sandbox/messages/refusals.h"

#include <algorithm>

namespace pigeond::sandbox {
namespace {

constexpr std::size_t kRemembered = 1000;  // messages
// At first, with a token that came meanwhile, to the other address, and with one that was waited for.
constexpr std::size_t kTimes = 4;

Bytes token_of(const wire::Node& message) {
  for (const char* tag : {"tctoken", "cstoken"})
    if (const wire::Node* token = message.child(tag)) return token->bytes();
  return {};
}

}  // namespace

void Refusals::check(const DeviceRef& from, const wire::Node& message) {
  const auto found = refused_.find({from, message.attr("id")});
  if (found == refused_.end()) return;
  const Refusal& refusal = found->second;
  const Device* device = world_.device(from);
  if (device == nullptr || device->connection != refusal.connection) {  // the refusal may not have arrived
    refused_.erase(found);
    return;
  }
  const Account* account = world_.account(from.phone);
  if (refusal.locked && account->locked(world_.now.unix_seconds()))
    world_.violation("retry-while-locked", &from, "refused with 463, sent again under the same lock",
                     &message);
  else if (std::find(refusal.shown.begin(), refusal.shown.end(),
                     std::pair(message.attr("to"), token_of(message))) != refusal.shown.end())
    world_.violation("retry-unchanged", &from, "refused with 463, sent again as it was", &message);
  else if (refusal.shown.size() >= kTimes)
    world_.violation("retry-endless", &from, "refused with 463 again and again, and sent again", &message);
}

void Refusals::note(const DeviceRef& from, const wire::Node& message) {
  const Device* device = world_.device(from);
  const Account* account = world_.account(from.phone);
  if (device == nullptr || !device->connection || account == nullptr) return;
  if (refused_.size() >= kRemembered) refused_.clear();
  Refusal& refusal = refused_[{from, message.attr("id")}];
  refusal.connection = *device->connection;
  refusal.locked = account->locked(world_.now.unix_seconds());
  refusal.shown.emplace_back(message.attr("to"), token_of(message));
}

}  // namespace pigeond::sandbox
