// What programs are told: the engine's effects as named events of a session. A dialect turns them into text.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/random.h"
#include "engine/effects.h"
#include "gateway/types.h"

namespace pigeond::gateway {

struct StatusChange {
  SessionStatus status = SessionStatus::stopped;
  std::vector<std::pair<SessionStatus, Millis>>
      recent;  // the last three with wall ms, oldest first, this one included
  std::optional<Error> cause;
  // What is told with it as new: at most one of them.
  std::optional<store::ReachoutTimelock> timelock = std::nullopt;
  std::optional<store::MessageCapping> capping = std::nullopt;
  std::optional<Departure> departure = std::nullopt;
};

struct Event {
  std::string id;        // evt_<ulid>
  Millis timestamp = 0;  // wall ms of its creation
  std::string name;      // of WAHA's list: "message", "message.any", "message.ack", "session.status", ...
  std::variant<StatusChange, engine::MessageEvent, engine::AckEvent> payload;
};

// The session as an event's envelope shows it.
struct EventSession {
  std::string name;
  std::map<std::string, std::string> metadata;
  std::optional<Me> me;
};

// A dialect's serialiser. It is called on the loop thread, inside the unit of work that the event belongs to.
class EventFormat {
 public:
  virtual ~EventFormat() = default;
  virtual std::string format(const EventSession& session, const Event& event) = 0;  // JSON
};

// The names under which a message or an acknowledgement is told; none for what the session's `ignore` covers
// and for kinds that have events of their own.
std::vector<std::string> event_names(const SessionConfig& config, const engine::MessageEvent& message);
std::vector<std::string> event_names(const SessionConfig& config, const engine::AckEvent& ack);

template <typename Payload>
Event make_event(std::string name, Payload payload, Instant now, const std::string& ulid) {
  return Event{"evt_" + ulid, now.wall, std::move(name), std::move(payload)};
}

}  // namespace pigeond::gateway
