// What an account's engine wants done. Effects are collected while a batch of inputs is worked on, and
// released by the gateway, in order, only after the unit of work that explains them is committed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/client_release.h"
#include "engine/groups/group_event.h"
#include "engine/messages/kinds/shown.h"
#include "engine/messages/out/healing.h"
#include "store/account/account_limits.h"
#include "wire/jid.h"

namespace pigeond::engine {

// --- towards WhatsApp ---
struct Connect {};  // open a link; answer with link_up() or link_down()
struct Write {
  Bytes bytes;
  // An acknowledgement or a receipt: nobody waits for it, so the commit before it may be shared with what
  // comes in during the next milliseconds.
  bool can_wait = false;
};  // one binary WebSocket message
struct Disconnect {
  std::string why;
};  // close the link; no answer is expected

// A history's content is to be read; see engine/history/history.h. What stands in it is told by
// Engine::take_history(), and its end by Engine::history_ended().
struct FetchHistory {
  std::int64_t row = 0;
  Bytes payload;  // the content, compressed (zlib); empty: it is a file elsewhere
  // Of the file: where it may be had, the first that works (host[:port]); the path with its query, which
  // starts with a slash; its keys (wire/media_file.h), and its hash, empty if that was not told.
  std::vector<std::string> hosts;
  std::string path;
  Bytes media_key, sha256;
};
// A file that was read is to be deleted there (DELETE). Nobody waits for it.
struct DeleteHistory {
  std::string host, path;
  std::string secret;  // of the header Companion_User_Secret; empty: without it
};

// --- towards people and programs ---
enum class State {
  stopped,     // not running
  connecting,  // a link is being made, or will be after a delay
  pairing,     // a QR is shown
  passkey,     // the account wants a person to sign with a passkey: StateChanged::asked has the options
  comparison,  // a person has to find the code of StateChanged::asked on the phone
  online,      // logged in, and able to send
  failed,      // a person has to do something; Status::cause says what
};

struct StateChanged {
  State state = State::stopped;
  std::optional<Error> cause;  // for connecting after a loss, for failed, and why the last try to link failed
  std::string asked = {};      // of a person: WebAuthn request options as JSON, or "ABCD-EFGH"
};

struct QrShown {
  std::string text;    // what the code encodes
  Millis expires = 0;  // mono ms
  int index = 0;       // 0 for the first of a set
};

struct Linked {
  wire::Jid pn, lid;     // with device
  std::string platform;  // "android", "iphone", ...
};

struct Unlinked {
  Error cause;  // logged_out, banned, ...
};

// The service was asked to forget this device.
struct Departed {
  Status confirmed;  // or why not: it refused, or said nothing
};

// The service may not want the version of the web client that this link announced: it refused a login for it,
// or codes were shown that nobody scanned, or could link with.
struct VersionDoubted {
  ClientVersion announced;
  bool refused = false;
};

// The day from which the service will refuse the version that this link announced, or that it took an earlier
// word of that back.
struct ExpiryTold {
  ClientVersion announced;
  std::optional<std::int64_t> at;  // unix seconds
};

// What the service allows towards strangers is not what it was.
struct TimelockChanged {
  store::ReachoutTimelock timelock;
};
struct CappingChanged {
  store::MessageCapping capping;
};

// Why a message has nothing to show yet. What comes of it later is told as a message of its own, under the
// same id. The numbers are stored in the journal.
enum class Unread {
  no = 0,             // it is shown
  no_content = 1,     // the service had none for this device
  view_once = 2,      // only the phone may open it
  undecryptable = 3,  // it could not be decrypted, or makes no sense
};

// What it says is described by its kind.
struct MessageEvent : Shown {
  std::string id;
  wire::Jid chat;                   // user JID without device (PN form when known, else LID), or group
  wire::Jid sender;                 // with device
  wire::Jid chat_pn, chat_lid;      // both forms, where known; empty otherwise
  wire::Jid sender_pn, sender_lid;  // user JIDs
  bool from_me = false;
  bool from_api = false;       // sent through this gateway
  bool offline = false;        // delivered from the offline queue
  std::int64_t timestamp = 0;  // unix seconds, the server's
  std::string push_name;
  int ack = 0;  // level at creation: 1 server, 2 device
  Unread unread = Unread::no;
};

// What came as a message and is none that anybody here can show: as it came, for programs that know more.
struct RawPartEvent {
  std::string part;  // its name in the protocol, or "part 200"
  std::string id;
  wire::Jid chat, sender;           // as in MessageEvent
  wire::Jid chat_pn, chat_lid;      // both forms, where known
  wire::Jid sender_pn, sender_lid;  // user JIDs
  bool from_me = false;
  std::int64_t timestamp = 0;  // unix seconds, the server's
  std::uint64_t size = 0;      // bytes of the whole
  Bytes message;               // serialised; empty: larger than limits::kRawPart
};

// A message as others refer to it.
struct MessageName {
  std::string id;
  bool from_me = false;
  wire::Jid chat;                           // in the form that it was told with
  wire::Jid author, author_pn, author_lid;  // users; empty where that is not known
};

// What was said about another message, which stands in no chat by itself. Each is told once.
struct AboutEvent {
  enum class What {
    reaction,  // by.body: the emoji; empty: it was taken back
    edited,    // by.body, and what else it shows: what the message says from now on
    revoked,   // it is deleted for everybody
    vote,      // in a poll
    response,  // to an event
  };
  enum class Answer { unknown = 0, going = 1, not_going = 2, maybe = 3 };  // the numbers are stored
  What what = What::reaction;
  MessageEvent by;  // who says so, where and when
  MessageName target;
  // Of vote and response: it could not be decrypted, or what was chosen is not known.
  bool unread = false;
  std::vector<std::string> options = {};                 // of vote: all that is chosen from now on
  Answer answer = Answer::unknown;                       // of response
  int guests = 0;                                        // of response: whom they bring along
  std::int64_t sent = 0;                                 // Unix ms, by the sender's clock; 0: not told
  std::shared_ptr<const MessageEvent> before = nullptr;  // of revoked: as it was, where that is known
};

// Levels never go down: -1 error, 0 pending, 1 server, 2 device, 3 read, 4 played.
struct AckEvent {
  std::string id;
  wire::Jid chat, chat_pn, chat_lid;
  wire::Jid participant;  // who acknowledged (user), where that matters
  bool from_me = true;    // whose message it is
  int ack = 0;
  std::int64_t timestamp = 0;
  std::optional<Error> cause = std::nullopt;  // of an error
  wire::Jid told_chat = {};                   // the form of `chat` with which the message itself was told
};
// That a message of ours ended without the service having it, for a chat of which one form is known.
AckEvent dropped_message(std::string id, const wire::Jid& chat, std::int64_t timestamp, Error why);

// Somebody calls the account; and how it ended, as far as it is heard of. Each is told once of a call.
struct CallEvent {
  enum class What {
    received,
    accepted,  // on another device of the account
    rejected,  // or it has ended
  };
  What what = What::received;
  std::string id;               // of the call
  wire::Jid chat;               // who calls: user (PN form when known, else LID)
  wire::Jid chat_pn, chat_lid;  // both forms, where known
  bool video = false, group = false;
  bool missed = false;         // heard of when it was over
  std::int64_t timestamp = 0;  // unix seconds, the server's
};

// What somebody shows of himself. The numbers are stored in the journal.
enum class Showing { offline = 0, online = 1, typing = 2, recording = 3, paused = 4 };

// Somebody shows something else than before, as far as the account is told; see engine/account/watches.h.
struct PresenceEvent {
  wire::Jid chat;               // with the person, in the PN form when known; or the group
  wire::Jid chat_pn, chat_lid;  // both forms of a person, where known
  wire::Jid who, who_pn, who_lid;
  Showing showing = Showing::offline;
  std::optional<std::int64_t> last_seen = std::nullopt;  // unix seconds; of offline, unless it is hidden
};

// Somebody whom programs know by one address has another one.
struct IdentityEvent {
  enum class What {
    mapped,  // the number of somebody whose messages were told by LID alone
    moved,   // he changed his number
  };
  What what = What::mapped;
  wire::Jid pn, lid;                // users, as they are now; lid empty: not known
  wire::Jid former_pn, former_lid;  // of `moved`; lid empty: not known
  std::int64_t timestamp = 0;       // unix seconds, the server's
};

using RequestId = std::uint64_t;

// The end of a message, told once to whoever waits for its id, be it that it was accepted by an earlier
// engine. With a request instead: that one request of Engine::send was answered without a message being
// accepted, because it was refused, or because its id is that of a message that has ended before.
struct SendDone {
  RequestId request = 0;  // 0: the message has ended
  std::string id;         // the message's
  wire::Jid chat;
  std::int64_t timestamp = 0;
  Result<int> ack = Result<int>(0);  // 1: acknowledged by the server; or why not
};

// A message that did not get through this time and goes on; SendDone tells its end.
struct SendTrouble {
  std::string id;
  wire::Jid chat;  // as in SendDone
  Error error;
  HealingStep step = HealingStep::hold;  // what is done about it; see Engine::end_held() for `hold`
  Millis delay = 0;                      // ms; of later and pause
};

using Effect = std::variant<Connect, Write, Disconnect, FetchHistory, DeleteHistory, StateChanged, QrShown,
                            Linked, Unlinked, Departed, VersionDoubted, ExpiryTold, MessageEvent,
                            RawPartEvent, AboutEvent, AckEvent, CallEvent, GroupEvent, PresenceEvent,
                            IdentityEvent, SendDone, SendTrouble, TimelockChanged, CappingChanged>;
using Effects = std::vector<Effect>;

}  // namespace pigeond::engine
