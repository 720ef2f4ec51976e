// Which events must not overtake each other: those of one chat, and those of the session itself.
#pragma once

#include <cstdint>
#include <optional>

#include "gateway/events/event.h"

namespace pigeond::gateway {

inline constexpr std::int64_t kSessionLine = 0;  // of its status and what else belongs to no chat

// A line's name is a number made of the chat's address. Two chats with the same one (none will be met) would
// only wait for each other.
struct WebhookLine {
  std::int64_t line = kSessionLine;
  // The same chat under its other form of address: events from before the two were known to be one may wait
  // there.
  std::optional<std::int64_t> other;
};

WebhookLine webhook_line(const EventPayload& payload);

}  // namespace pigeond::gateway
