#include "sandbox/phones/phone_log.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace pigeond::sandbox {
namespace {

constexpr std::array<std::string_view, 6> kLevels = {"error",     "pending", "sent",
                                                     "delivered", "read",    "played"};

std::size_t level_of(std::string_view name) {
  const auto found = std::find(kLevels.begin(), kLevels.end(), name);
  return found == kLevels.end() ? 0 : static_cast<std::size_t>(found - kLevels.begin());
}

}  // namespace

PhoneMessage& PhoneLog::add(PhoneMessage message) {
  message.index = next_++;
  by_id_[message.id] = message.index;
  messages_.push_back(std::move(message));
  if (messages_.size() > kKept) {
    by_id_.erase(messages_.front().id);
    messages_.pop_front();
  }
  return messages_.back();
}

PhoneMessage* PhoneLog::find(const std::string& id) {
  const auto index = by_id_.find(id);
  if (index == by_id_.end()) return nullptr;
  return &messages_[static_cast<std::size_t>(index->second - messages_.front().index)];
}

std::vector<PhoneMessage> PhoneLog::since(std::uint64_t after) const {
  const auto first = std::find_if(messages_.begin(), messages_.end(),
                                  [after](const PhoneMessage& message) { return message.index > after; });
  return {first, messages_.end()};
}

bool PhoneLog::receipt(const std::string& id, PhoneReceipt receipt) {
  PhoneMessage* message = find(id);
  if (message == nullptr || !message->from_me) return false;
  if (level_of(receipt.type) > level_of(message->ack)) message->ack = receipt.type;
  message->receipts.push_back(std::move(receipt));
  return true;
}

}  // namespace pigeond::sandbox
