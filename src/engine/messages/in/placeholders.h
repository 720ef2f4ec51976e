// Messages that came without a content that can be read: the service had none for this device (the first one
// of somebody who follows an advertisement comes so: Baileys 7a5b0906), only the phone may open it, or it
// can't be decrypted. Each is a row until it comes after all, or is too old. None is a message: what comes
// under its id is taken as if nothing had been there.
//
// The account's phone has them, as a rule, and is asked for each once, with a peer message:
//
//   -> <message to=OWN-PN category="peer"><enc/></message>
//        PeerDataOperationRequestMessage{type 4, PlaceholderMessageResendRequest{message key}}
//   <- <message from=OWN-PHONE category="peer"><enc/></message>
//        PeerDataOperationRequestResponseMessage{WebMessageInfo}, which may hold no message
//
// When: at once, where nobody else can be asked; else after 5 seconds, in which its sender may have answered
// a retry receipt (whatsmeow's RequestFromPhoneDelay; Baileys waits 3 and 2), and not before the backlog is
// in. Never, as the web client, for what the phone keeps to itself (view once, bots, hosted chats) and for
// what is older than 14 days (whatsapp-rust src/pdo.rs). A request counts when the service has acknowledged
// it: one that it refuses, or does not acknowledge, never got to the phone, and is written again, later and
// later, by the other address, and with the next login. So is one that the phone could not decrypt; if that
// is not the first, with a new session.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "engine/messages/desk.h"
#include "engine/messages/identity/session_setup.h"
#include "engine/messages/in/source.h"
#include "store/messages/placeholders.h"
#include "wire/proto.h"

namespace pigeond::engine {

class Placeholders {
 public:
  Placeholders(Desk& desk, SessionSetup& setup);

  static constexpr Millis kAtOnce = 0, kAfterItsSender = 5 * kSecond;
  // False: it is known already, or from nobody who writes messages. `patience`: when the phone is asked;
  // nullopt: never.
  bool note(const Source& source, const std::string& push_name, std::optional<Millis> patience);
  // The message itself is there. True: a placeholder stood for it, and is gone.
  bool came(const Source& source);

  struct Resent {
    Source source;
    std::string push_name;
    std::unique_ptr<wa_Message> content;
    Bytes raw;  // of content, serialised
  };
  // What the phone gave, so far as a placeholder stands for it. From any other device it is nothing.
  std::vector<Resent> answered(const Source& from, const wa_PeerDataOperationRequestResponseMessage& answer);
  bool acked(const wire::Node& ack);       // <ack class="message">; false: it is of no request of ours
  void unread(const wire::Node& receipt);  // <receipt type="retry">, be it of a request or not

  void online();
  void backlog_in();
  void offline();
  void wake();
  std::optional<Millis> next_wake() const;  // mono
  void forget();

 private:
  using Row = store::PlaceholderRow;
  struct Due {
    Millis at = 0;       // mono
    std::string author;  // JID of the user
  };

  bool any();
  std::optional<Row> find(const Source& source);
  std::optional<Row> find(const wa_MessageKey& key, const std::string& request);
  void next();
  void ask(const Row& row);
  void fetch_session();
  void close(std::int64_t row);
  void unheard(const Row& row);
  void give_up_on_acks();
  std::string author_of(const wire::Jid& sender);
  bool has_room_for(const std::string& author) const;
  void tidy();
  std::optional<Millis> held_until() const;

  Desk& desk_;
  SessionSetup& setup_;
  store::Placeholders rows_;
  std::optional<bool> any_;          // false: there is no row, which spares each message a look
  bool ready_ = false;               // the backlog is in
  bool fetching_ = false;            // keys of the phone
  bool renew_ = false;               // they are to be fetched: it reads nothing that it is sent
  Millis not_before_ = 0;            // mono; there was no session with the phone
  std::size_t untidied_ = 0;         // rows that were inserted since tidy()
  std::map<std::int64_t, Due> due_;  // rows that are wanted
  struct Written {
    std::int64_t row = 0;  // 0: gone
    Millis at = 0;         // mono
  };
  std::map<std::string, Written> written_;  // requests on this link that have no ack
  std::deque<std::pair<std::int64_t, Millis>>
      open_;                  // rows that have no answer, and when they were asked for
  std::deque<Millis> asked_;  // mono, in the last hour
};

}  // namespace pigeond::engine
