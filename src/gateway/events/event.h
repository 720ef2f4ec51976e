// What programs are told: events of a session, as the journal keeps them and as a dialect puts them in words.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/effects.h"
#include "gateway/types.h"

namespace pigeond::gateway {

struct StatusChange {
  SessionStatus status = SessionStatus::stopped;
  std::vector<std::pair<SessionStatus, Millis>>
      recent;  // the last three with wall ms, oldest first, this one included
  std::optional<Error> cause;
  std::string asked = {};  // SessionInfo::asked
  // What is told with it as new: at most one of them.
  std::optional<store::ReachoutTimelock> timelock = std::nullopt;
  std::optional<store::MessageCapping> capping = std::nullopt;
  std::optional<Departure> departure = std::nullopt;
};

// What happens. The numbers are stored.
enum class EventKind {
  as_told = 0,  // of an older version, which kept the words
  session_status = 1,
  message_in = 2,   // from others
  message_out = 3,  // our own, from wherever it was sent
  ack = 4,          // of a message in a chat with one person
  group_ack = 5,
  message_waiting = 6,  // one that can't be shown yet, of others or our own
  call_received = 7,
  call_accepted = 8,
  call_rejected = 9,
  group_entered = 20,   // by the account
  group_departed = 21,  // the account is not in it any more
  group_members = 22,
  group_changed = 23,
  group_request = 24,  // to join it
  raw_part = 50,       // what came as a message, and nobody here can show
  presence = 60,
  lid_mapping = 61,     // the number of somebody who was told by his LID
  number_changed = 62,  // of somebody
  // What is said about a message, of others or by ourselves.
  reaction = 35,
  edited = 36,
  revoked = 37,
  vote = 38,
  vote_failed = 39,
  event_response = 40,
  event_response_failed = 41,
};

// What is kept of an event that an older version has told: its words, and how a dialect called it.
struct AsTold {
  std::string name, id, text;
};

using EventPayload =
    std::variant<StatusChange, engine::MessageEvent, engine::AckEvent, engine::CallEvent, engine::GroupEvent,
                 engine::RawPartEvent, engine::PresenceEvent, engine::IdentityEvent, engine::AboutEvent>;

// The session as an event's envelope shows it: as it was when it happened.
struct EventSession {
  std::string name;
  std::map<std::string, std::string> metadata;
  std::optional<Me> me;
  std::string version = {};  // of this program, which is told with it
};

// A row of the journal. All that a dialect makes of it depends on what is here, so that each try of a
// delivery has the same bytes.
struct JournalEvent {
  std::int64_t seq = 0;
  Millis at = 0;  // wall
  EventKind kind = EventKind::session_status;
  std::uint32_t mark = 0;  // 24 bits; see gateway/events/id.h
  EventSession session;
  EventPayload payload;
  std::optional<AsTold> as_told = std::nullopt;  // instead, of EventKind::as_told
};

// Under one of the topics of its kind.
struct Event {
  std::string id;        // evt_<ulid>
  Millis timestamp = 0;  // wall ms of its creation
  Topic topic = Topic::session_status;
  EventPayload payload;
};

// What a receiver is told of a webhook's request beside its body.
struct RequestMark {
  std::string id;         // the same on each try
  Millis created_ms = 0;  // wall, of the event, or of the first of them
  int attempt = 1;
  std::string hmac;  // HMAC-SHA512 of the body, in lower-case hex; empty: it is not signed
};

// A dialect's serialiser. The same event gives the same bytes; on any thread.
class EventFormat {
 public:
  virtual ~EventFormat() = default;
  virtual std::string format(const EventSession& session, const Event& event) const = 0;  // JSON
  // The headers that say so, and whether a header of that name is one of them, which nobody else may set.
  using Headers = std::vector<std::pair<std::string, std::string>>;
  virtual Headers headers(const RequestMark&) const { return {}; }
  virtual bool is_own_header(std::string_view) const { return false; }
};

}  // namespace pigeond::gateway
