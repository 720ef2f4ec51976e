// The registry of events: what happens, and under which names programs are told of it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gateway/events/event.h"

namespace pigeond::gateway {

// In the order in which they are told; none for EventKind::as_told, whose name is in its row. The index of a
// name is stored with deliveries and told in ids: names are only ever added at the end.
std::span<const std::string_view> names_of(EventKind kind);
// All that this version tells, each once.
std::span<const std::string_view> event_names();
std::optional<EventKind> event_kind(int stored);
// For people: that nobody is told of an event of that name, and which there are.
std::string unknown_event(std::string_view name);

// None for what the session's `ignore` covers, and for what nobody is told of yet.
std::optional<EventKind> kind_of(const SessionConfig& config, const engine::MessageEvent& message);
std::optional<EventKind> kind_of(const SessionConfig& config, const engine::AckEvent& ack);

}  // namespace pigeond::gateway
