// What the simulated service knows: accounts, their devices, and what waits for each.
#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/curve.h"
#include "wire/node.h"

namespace pigeond::sandbox {

using ConnectionId = std::uint64_t;

// The two forms of a user's address (see wire/jid.h).
enum class Form { pn, lid };

// A device of an account; number 0 is the phone.
struct DeviceRef {
  std::string phone;
  std::uint16_t number = 0;
  auto operator<=>(const DeviceRef&) const = default;
};

struct OneTimeKey {
  std::uint32_t id = 0;
  Key32 value{};
};

struct SignedKey {
  std::uint32_t id = 0;
  Key32 value{};
  crypto::Signature signature{};
};

// A one-time key that somebody was given.
struct IssuedKey {
  DeviceRef to;
  Bytes base_key;  // of the first message that used it; empty until then
};

// A stanza that its device has not answered yet.
struct Waiting {
  wire::Node stanza;
  bool written = false;   // on the present connection
  Millis written_at = 0;  // mono
  bool reported = false;  // as never answered
};

// A message this device sent, for recognising it when it comes again.
struct SentMessage {
  std::string to;
  std::int64_t time = 0;  // unix seconds, as acknowledged
  std::string phash;      // as acknowledged
  int error = 0;
};

struct Device {
  std::uint16_t number = 0;
  std::uint32_t key_index = 0;
  Key32 identity{};
  Key32 noise_key{};
  std::uint32_t registration_id = 0;
  SignedKey signed_key;
  std::deque<OneTimeKey> one_time_keys;
  std::map<std::uint32_t, IssuedKey> issued;  // by key id
  std::set<std::uint32_t> uploaded;           // every id that was ever offered
  bool told_low = false;
  Bytes device_identity;  // ADVSignedDeviceIdentity with both signatures and the account's key; empty for a
                          // phone
  std::string platform;

  std::optional<ConnectionId> connection;
  bool active = false;     // asked for its traffic
  bool available = false;  // presence
  std::deque<Waiting> mailbox;
  std::deque<wire::Node> withheld;  // messages that it got without their content; these have it
  // Of what waited when it became active: what has not been written yet, and all of it.
  std::size_t backlog_left = 0, backlog = 0;
  std::map<std::string, SentMessage> sent;  // by message id
  std::deque<std::string> sent_order;
  // Which version of an account's device list it was told: by phone number.
  std::map<std::string, std::uint64_t> known_lists;
};

// No new chats until then.
struct Timelock {
  std::int64_t until = 0;  // unix seconds
  std::string type;
};

// How many new chats may be started.
struct Capping {
  std::string status = "NONE";
  std::int64_t total = 0, used = 0;
  std::int64_t cycle_start = 0, cycle_end = 0;  // unix seconds
};

// One app-state collection as the server keeps it: versions 1, 2, 3...
using Patches = std::deque<Bytes>;

// With which its owner allows another device.
struct Passkey {
  Bytes credential;   // its id
  Bytes point;        // the public key on P-256, 04 || x || y
  bool bare = false;  // the options have to be asked for: they don't come with the demand
};

// What a business says of itself.
struct Business {
  std::string description, category, website, email, address;
};

struct Account {
  std::string phone;  // digits
  std::string lid;    // digits
  std::string name;
  std::string about;
  std::string picture;        // where it can be fetched; empty: none
  bool shows_nobody = false;  // hides about and picture from others
  bool hides_number = false;  // it goes by a username: nobody is told its number (Baileys #2516)
  std::map<std::string, std::string> privacy;  // other settings, by category; what is not here is "all"
  std::set<std::string> blocked;               // phones
  std::int64_t last_seen = 0;                  // unix seconds; 0: never online
  std::int64_t timer = 0, timer_set = 0;       // seconds that messages last in new chats, and since when
  std::optional<Business> business;
  bool lid_migrated = true;                 // its direct chats go by LID
  bool tells_migration = true;              // a device that is linked is told so at once
  bool sets_migration = true;               // and the settings say so
  bool tells_watchers = false;              // its privacy token: token_office.h
  bool auto_reply = false;                  // its phone answers by itself
  std::int64_t created = 0;                 // unix seconds
  std::map<std::uint16_t, Device> devices;  // 0 is always there
  std::uint16_t next_device = 1;
  std::set<std::uint16_t> unannounced;  // devices of which only those know who have asked
  std::uint64_t list_version = 1;       // grows with every device that comes or goes
  Bytes key_index_list;                 // ADVSignedKeyIndexList, made by the phone
  std::int64_t key_index_time = 0;      // unix seconds
  std::map<std::string, Patches> collections;
  std::optional<Timelock> timelock;
  std::optional<Capping> capping;
  std::optional<Passkey> passkey;
  Bytes nct_salt;                // what its tokens for strangers are made with
  std::set<DeviceRef> watchers;  // devices that subscribed to its presence

  wire::Jid jid(Form form, std::uint16_t device = 0) const {
    return form == Form::lid ? wire::lid(lid, device) : wire::pn(phone, device);
  }
  bool locked(std::int64_t unix_seconds) const { return timelock && timelock->until > unix_seconds; }
};

inline Form form_of(const wire::Jid& jid) {
  return jid.is_lid() ? Form::lid : Form::pn;
}
inline Form other(Form form) {
  return form == Form::lid ? Form::pn : Form::lid;
}

}  // namespace pigeond::sandbox
