// What the surfaces (API, command line) ask of the gateway and get back. Plain values, no protocol.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "engine/context.h"
#include "engine/messages/about/saying.h"
#include "engine/messages/kinds/content.h"
#include "gateway/events/topic.h"
#include "gateway/webhooks/log.h"
#include "net/proxy/proxy.h"
#include "store/account/account_limits.h"
#include "wire/jid.h"

namespace pigeond::gateway {

// When what a receiver did not take is tried again. By default for a day: 2 s, 4 s, ... and then each 5
// minutes.
struct RetryPolicy {
  enum class Kind { constant, linear, exponential } kind = Kind::exponential;
  double delay_seconds = 1;
  int attempts = 300;            // after the first try
  Millis longest = 5 * kMinute;  // between two tries
  bool operator==(const RetryPolicy&) const = default;
};

struct WebhookConfig {
  std::string url;       // http or https; may hold a user name and password
  Topics topics;         // of the events that go there
  std::string hmac_key;  // empty: no signature
  RetryPolicy retries;
  std::vector<std::pair<std::string, std::string>> headers;
  Millis timeout = 30 * kSecond;  // of one try
  int connections = 8;            // at once
  bool strict = false;            // one line for all events, not one for each chat
  int batch = 0;                  // events in a call, as an array; 0: one event a call, as it is
  bool operator==(const WebhookConfig&) const = default;
};

// `raw` is a text of the surface that wrote it, kept and given back as it came; the rest is what that surface
// reads from it (Options::read_config).
struct SessionConfig {
  std::string raw;
  std::map<std::string, std::string> metadata;
  std::vector<WebhookConfig> webhooks;
  Millis expires_in = 0;  // ms that a message may wait to be sent, unless it says so itself; 0: for ever
  // What goes to the service for the session goes through it; none: directly.
  net::ProxyRef proxy = nullptr;
  engine::PacingPolicy pacing = engine::PacingPolicy::standard;
  engine::IgnoredChats ignored = {};
  bool link_previews = true;  // pages that are linked to are fetched for their title
  bool debug = false;         // all of its log, whatever the level
};

// The journal stores their numbers.
enum class SessionStatus { stopped, starting, pairing, working, failed, passkey, comparison };
// For people and logs: "stopped", "starting", "pairing", "working", "failed", "passkey", "comparison".
std::string_view status_word(SessionStatus status);

// An account is on its way, and waits for a person.
inline bool is_linking(SessionStatus status) {
  return status == SessionStatus::pairing || status == SessionStatus::passkey ||
         status == SessionStatus::comparison;
}

struct Me {
  wire::Jid pn, lid;  // with device
  std::string push_name;
  // What the service allows towards strangers; nullopt: not heard yet.
  std::optional<store::ReachoutTimelock> timelock;
  std::optional<store::MessageCapping> capping;
};

struct HealingStep {
  Millis at = 0;            // wall
  std::string scope, step;  // scope: chat, link or session
  std::string cause;
  int code = 0;         // the service's; 0: none
  std::string chat;     // JID; empty: the session's matter
  std::string outcome;  // pending, healed, failed, called_off, or unknown: the process ended before
};

// Whether sends get through, and what was done about those that did not.
struct SessionHealth {
  std::string state;        // ok, restarting, backing_off, failed, or unable: not linked, stopped, connecting
  Millis since = 0;         // wall; of the session's status
  Millis last_success = 0;  // wall; 0: none since the process started
  Millis retry_after = 0;   // ms until sends go on; 0: not held back
  std::map<std::string, std::uint64_t> failures;  // tries that failed since the process started, by cause
  std::vector<HealingStep> steps;                 // newest first
  std::vector<WebhookHealth> webhooks;
};

// What became of this device on the account's list, when a session was logged out or removed.
struct Departure {
  bool unlinked = true;        // false: the phone may list the device still
  bool done = true;            // false: the account is kept, and the service asked again when there is a link
  std::optional<Error> cause;  // why it is not unlinked
};

// What a session does next by itself.
struct NextStep {
  std::string_view what;  // start, connect, login, unlink, restart or send
  Millis at = 0;          // wall; at the latest
};

// not_found, in the words in which every call says it.
Error no_session(const std::string& name);

struct SessionInfo {
  std::string name;
  SessionStatus status = SessionStatus::stopped;
  std::optional<Error> cause;  // of starting and failed: always; of pairing: why the last try failed
  // Of passkey the WebAuthn request options, as JSON; of comparison the code that the phone has to show.
  std::string asked = {};
  std::optional<NextStep> next;        // of starting: always; of failed: if it goes on by itself
  std::optional<Departure> departure;  // the answer to a logout; and while the device is to be unlinked
  std::shared_ptr<const SessionConfig> config;  // never nullptr of a session that there is
  std::optional<Me> me;
  bool online = false;                  // the account is shown so, by this device
  Millis activity = 0;                  // wall ms of the last stanza; 0: none yet
  std::optional<SessionHealth> health;  // where one session was asked for
};

struct Qr {
  std::string text;
  Millis expires_in = 0;  // ms
};

// A message to be sent, of whatever kind.
struct SendRequest {
  std::string session;
  wire::Jid to;
  std::string id;  // caller's choice, or empty
  engine::Content content;
  engine::MessageRef answers;  // the message that is quoted, or none
  std::vector<wire::Jid> mentions;
  Millis expires_in = 0;  // ms; not sent by then, it ends; 0: as the session is configured
  bool async = false;     // answered as soon as it is accepted; accepted also while the session can't send
  bool queue = false;     // accepted also while the session can't send
  std::string idempotency_key = {};  // the same one again: the first request's answer
  bool quote_optional = false;       // sent without, where `answers` can't be quoted
  bool mentions_all = false;         // everybody in the group is named
  // Of a text: a link in it of whose page a card is made, if it can be had; see gateway/previews/previews.h.
  std::string link = {};
  std::optional<engine::Remark> about =
      {};  // what is said of a message that is there; then `content` is empty
};

// A message that was accepted and has not ended.
struct QueuedMessage {
  enum class State {
    queued,     // not looked at yet
    held,       // a first message to somebody, until its turn comes
    preparing,  // the service is asked about its recipient
    sent,       // written, also on an earlier link; not acknowledged
    retrying,   // refused, and goes out again by itself
  };
  std::string id;
  wire::Jid chat;               // user JID, PN form when known
  wire::Jid chat_pn, chat_lid;  // both forms, where known
  wire::Jid told_chat;          // the form that its id has, for life
  wire::Jid author;             // in a group, where messages' ids have it: the account's number; else empty
  State state = State::queued;
  std::string why;  // what it waits for, for people; empty: for the session, whose status is:
  std::optional<SessionStatus> status;
  Millis since = 0;              // wall
  Millis expires = 0;            // wall; 0: never
  Millis held_until = 0;         // wall, as far as can be told; 0: not held back for a time
  int attempts = 0;              // times it was written
  std::optional<Error> trouble;  // of the last try
};
std::string_view state_name(QueuedMessage::State state);  // "queued", "held", "preparing", "sent", "retrying"

struct SentMessage {
  std::string id;
  wire::Jid chat;               // user JID, PN form when known
  wire::Jid chat_pn, chat_lid;  // both forms, where known
  wire::Jid told_chat;          // the form that its id has, for life
  Me me;
  std::int64_t timestamp = 0;  // unix seconds
  int ack = 1;                 // 0: accepted, and pending
  engine::Shown shown;
  std::optional<QueuedMessage> pending;
  std::optional<Error> failure;  // it was accepted, and has ended so; its ack is -1
};

}  // namespace pigeond::gateway
