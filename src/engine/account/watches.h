// Whom programs want to see: the service tells of somebody's presence whoever has subscribed to it on this
// link. What was asked for is asked again on each new link, when the account becomes available (before that
// the service tells nothing: whatsmeow's SubscribePresence), and when a privacy token of that person comes.
//
//   <presence from="USER" [type="unavailable"] [last="SECONDS|deny|none|error"]/>    no type: online
//   <chatstate from="CHAT" [participant="USER"]><composing [media="audio"]/>|<paused/></chatstate>
//
// What came is kept of watched chats alone, until the link ends. It lives as long as the session runs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/effects.h"
#include "engine/questions/question.h"
#include "wire/node.h"

namespace pigeond::engine {

struct Present {
  wire::Jid who, pn, lid;  // user: as it is shown, and both forms where known
  Showing showing = Showing::offline;
  std::optional<std::int64_t> last_seen;  // unix seconds
};

struct Watched {
  wire::Jid chat, pn, lid;      // as in PresenceEvent
  std::vector<Present> people;  // of whom something came since; at most 256
};

class Watches {
 public:
  explicit Watches(Desk& desk) : desk_(desk) {}

  // `chat`: a person or a group. At most 1000 are watched: the one that was asked for first goes for another.
  // link_lost.
  Status watch(const wire::Jid& chat);
  // The same; answers when something is known of it, or after a second with what there is.
  void look(const wire::Jid& chat, Answered<Watched> answered);
  std::vector<Watched> all();  // in the order in which they were asked for

  // A stanza as above. False: it is none.
  bool take(const wire::Node& stanza);
  void token_came(const wire::Jid& user);
  void renew();  // subscribes to all anew
  void offline();
  void forget();
  void wake();
  std::optional<Millis> next_wake() const;  // mono

 private:
  struct Entry {
    wire::Jid chat;
    std::vector<Present> people;
  };
  struct Waiter {
    wire::Jid chat;
    Millis until = 0;  // mono
    Answered<Watched> answered;
  };
  Entry* find(const wire::Jid& chat);
  Watched shown(const Entry& entry);
  void subscribe(const wire::Jid& chat);
  void ask(const wire::Jid& chat);
  void unsubscribe(const wire::Jid& chat);
  void heard(const wire::Jid& chat, const wire::Jid& who, Showing showing,
             std::optional<std::int64_t> last_seen);
  bool keep(Entry& entry, const Present& present);  // false: it was known
  void answer(const Entry& entry);

  Desk& desk_;
  std::vector<Entry> entries_;  // the oldest first
  std::vector<Waiter> waiters_;
};

}  // namespace pigeond::engine
