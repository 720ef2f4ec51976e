// One account's protocol as a sans-I/O state machine: a function of (stored state, input, clock, randomness).
// Every input may add to effects(); the caller commits the database's unit of work, then takes and performs
// them.
//
//   start()   -> Connect ... link_up() -> Write ... receive() -> ... link_down() -> (delay) -> Connect ...
//
// Not linked: pairing, a QR at a time (QrShown). Linked: login, then online. After a loss it reconnects by
// itself.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "engine/context.h"
#include "engine/effects.h"
#include "engine/history/history_items.h"
#include "engine/messages/about/saying.h"
#include "engine/messages/kinds/content.h"
#include "engine/questions/question.h"
#include "store/database/database.h"
#include "wire/jid.h"

namespace pigeond::engine {

class Pairing;

struct Send {
  RequestId request = 0;
  wire::Jid to;                     // user (PN or LID) or group, without device
  std::string id;                   // caller's message id, or empty
  Content content;                  // of a kind that is known; empty: `about` says it
  MessageRef answers;               // the message that is quoted, or none
  std::vector<wire::Jid> mentions;  // user JIDs
  bool mentions_all = false;        // everybody in the group
  Millis expires = 0;               // wall; not sent by then: it ends with Cause::expired; 0: never
  bool quote_optional = false;      // sent without, where `answers` can't be quoted
  bool told_at_once = false;  // its caller does not wait for the service to name the account of a number
  std::optional<Remark> about = {};  // what is said of a message that is there
};

// What a message in the outbox waits for just now.
enum class Waiting {
  link,      // to be online
  backlog,   // what had waited at the service is coming in
  order,     // another message to the same chat
  number,    // whether it is on WhatsApp
  group,     // who is in it
  devices,   // the list of the recipient's
  keys,      // of these devices
  pace,      // its turn among first messages
  delay,     // the time after which it goes again: it was refused
  pause,     // the end of the account's: the service asked for fewer messages
  decision,  // its supervisor's: nothing of its chat's own helped
  trust,     // it was refused for lack of it: whether anything helps
  progress,  // something else; not for long
  ack,       // it was written
};
struct Standing {
  Waiting waiting = Waiting::link;
  Millis until = 0;  // wall; of pace, delay and pause, as far as can be told
};

class Engine {
 public:
  // All references must outlive the engine. The session's row exists; credentials are created on first start.
  Engine(store::Database& database, std::int64_t session, std::string session_name,
         const ClientProfile& profile, Random& random);
  ~Engine();

  void start(Instant now);
  void stop(Instant now);  // closes the link cleanly; keeps the credentials
  // Asks the service to forget this device, as soon as it can be asked; Departed tells what it said. Once it
  // is confirmed the engine is stopped; until then it goes on asking, with each new login. Nothing is erased
  // here.
  void depart(Instant now);
  void stay(Instant now);  // calls that off, if it is not too late, and goes on as before

  void link_up(Instant now);
  void receive(Instant now, ByteView bytes);  // the payload of one binary WebSocket message
  void link_down(Instant now, const Error& why);
  void wake(Instant now);
  std::optional<Millis> next_wake() const;     // mono ms
  std::optional<Millis> next_connect() const;  // mono ms, of a link that is planned

  // The profile's version is newer than it was. Who waits because the older one was refused tries again at
  // once; codes on show are made anew, as phones may not link a device that announces the older one.
  void version_raised(Instant now);

  // The way to the service is another one now: a link that is there, or is to be made, is made anew at once.
  void reroute(Instant now);

  void set_pacing(Instant now, PacingPolicy policy);  // at any time; off, unless it is set
  void set_ignored(const IgnoredChats& chats);        // what comes in from now on
  // Taken also while stopped or failed, as long as there is an account: it waits in the outbox.
  void send(Instant now, Send request);
  // Ends a message that has not been written, with Cause::cancelled. not_found, or too_late once it may have
  // left.
  Status cancel(Instant now, const std::string& id);
  // Its caller is about to be told its id, which names its chat: from now on that is as it is. Nothing where
  // there is no such message, or it was told.
  void tell(Instant now, const std::string& id);
  std::optional<Standing> standing(const std::string& id) const;  // nullopt: nothing is known of it here
  // Of all messages, by the seq of their rows; none while all wait for the link.
  std::map<std::int64_t, Standing> standings() const;
  std::size_t waiting() const;  // how many there are; 0 also where none was looked at yet
  // Lets a question (engine/questions/) work with this account; while it is linked and running.
  void ask(Instant now, const std::function<void(Desk&)>& question);
  // Lets somebody who links an account work with the pairing (engine/pairing/pairing.h), while it is under
  // way.
  void ask_pairing(Instant now, const std::function<void(Pairing&)>& question);
  // Ends a message that was reported as held (SendTrouble) with its cause; others are not touched.
  void end_held(Instant now, const std::string& id);
  // Before the session is given up: every message that was refused ends with its cause. Others stay queued.
  void end_troubled(Instant now);
  // What stands in the content that FetchHistory named, each piece in a unit of work of its own and of a size
  // that the caller bounds; then ok, or why it could not be read: not_found, malformed, bad_mac and too_large
  // are final, anything else is tried again. Of a row that is not wanted any more it is dropped.
  void take_history(Instant now, std::int64_t row, const HistoryItems& items);
  void history_ended(Instant now, std::int64_t row, const Status& status);

  State state() const;
  bool available() const;                                 // the account is shown as online, by this device
  std::optional<Millis> service_time(Instant now) const;  // Unix ms; nullopt before a login
  const std::optional<QrShown>& qr() const;               // the one on show
  const store::Credentials& credentials() const;
  Effects take_effects();
  bool has_effects() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pigeond::engine
