// The registry of events: what happens, and under which topics programs are told of it.
#pragma once

#include <optional>
#include <span>

#include "gateway/events/event.h"

namespace pigeond::gateway {

// In the order in which they are told; none for EventKind::as_told, whose words are in its row. The index of
// a topic is stored with deliveries and told in ids: topics are only ever added at the end.
std::span<const Topic> topics_of(EventKind kind);
std::optional<EventKind> event_kind(int stored);

// None for what the session's `ignore` covers, and for what nobody is told of yet.
std::optional<EventKind> kind_of(const SessionConfig& config, const engine::MessageEvent& message);
std::optional<EventKind> kind_of(const SessionConfig& config, const engine::AboutEvent& about);
std::optional<EventKind> kind_of(const SessionConfig& config, const engine::AckEvent& ack);
std::optional<EventKind> kind_of(const SessionConfig& config, const engine::CallEvent& call);
std::optional<EventKind> kind_of(const SessionConfig& config, const engine::GroupEvent& event);
std::optional<EventKind> kind_of(const SessionConfig& config, const engine::PresenceEvent& presence);
std::optional<EventKind> kind_of(const SessionConfig& config, const engine::IdentityEvent& identity);

}  // namespace pigeond::gateway
