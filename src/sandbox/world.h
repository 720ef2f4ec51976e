// The state that all parts of the simulated service share, and their ways out of it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "sandbox/groups/group.h"
#include "sandbox/messages/faults.h"
#include "sandbox/model.h"
#include "sandbox/trace.h"
#include "wire/node.h"

namespace pigeond::sandbox {

// What the service thinks of versions of the web client, by their third number, the revision. Those in the
// field lived for 80 to 150 days (whatsmeow #1031, #1164; wuzapi PR 368).
struct ClientPolicy {
  std::uint32_t login = 0;                             // what is older gets <failure reason="405">
  std::uint32_t linking = 0;                           // what is older shows its QR, and no phone can link it
  std::uint32_t current = 1047769893;                  // what the service worker tells; 0: it tells nothing
  std::optional<std::int64_t> expires = std::nullopt;  // unix seconds, as clients are told
};

struct Policy {
  std::size_t trace_capacity = 5000;  // stanzas; 0: none are kept
  ClientPolicy clients;
  Millis pairing_time = 3 * kMinute;  // an unpaired link is closed after that
  Millis scan_time = 20 * kSecond;    // a scanned companion must have confirmed by then
  Millis answer_time = 30 * kSecond;  // a stanza must have been acked by then
  std::size_t low_keys = 5;           // fewer one-time keys left: the device is told
  bool expect_tokens = false;         // a device that holds a contact's privacy token has to show it
};

class World {
 public:
  World(const Policy& policy_in, Random& random_in)
      : policy(policy_in), random(random_in), trace(policy_in.trace_capacity) {}

  Policy policy;
  Random& random;
  Instant now;
  Trace trace;
  Faults faults;
  std::map<std::string, Account> accounts;  // by phone number
  std::unordered_map<std::string, std::string> phones_by_lid;
  std::map<std::string, Group> groups;  // by the user part of their JIDs
  // Numbers that lead to an account that is registered under another one: only a lookup knows them.
  std::unordered_map<std::string, std::string> phones_by_dialled;

  // Ways out; set by Service.
  std::function<void(ConnectionId, const wire::Node&)> write;
  std::function<void(ConnectionId)> close;  // after what was written
  std::function<void(ConnectionId)> cut;    // at once, as a network does
  // Ends the stream with a last word; a connection that has been silenced stays as it is.
  std::function<void(ConnectionId, const wire::Node&)> recycle;
  std::function<void(const std::string& phone, wire::Node)> ring;  // a stanza for the account's phone
  std::function<void(const DeviceRef&)> keys_arrived;              // a device's first one-time keys are there
  // For whoever watches: a message to a group was taken, and goes to all devices of its members next. told:
  // its sender has answered all that it was told of the group.
  std::function<void(const DeviceRef& from, const Group&, const wire::Node& message, bool told)>
      group_message;

  Account* account(const wire::Jid& jid);  // by either form; null if nobody has it
  Account* account(const std::string& phone);
  Device* device(const DeviceRef& ref);
  std::optional<DeviceRef> find(const wire::Jid& jid);  // an existing device

  std::string next_id();  // of a stanza the service makes
  // To a connected client, or to a phone. Not kept for later.
  void answer(const DeviceRef& to, const wire::Node& stanza);
  void violation(const std::string& rule, const DeviceRef* who, std::string detail, const wire::Node* stanza);

 private:
  std::uint64_t next_id_ = 1;
};

// "2:" and 8 characters over the devices' addresses, as whatsmeow computes it.
std::string participant_hash(const std::vector<wire::Jid>& devices);

}  // namespace pigeond::sandbox
