// The life of privacy tokens. A contact's client gives us one (tctoken) when they write to us; sent along
// with a message it proves to the service that they know us, and without it the message may be refused (ack
// error 463). Theirs comes by notification or in the history. Ours is given to a contact after a message to
// them, once in each bucket of token_rules.h; the answer to that brings nothing (whatsapp-rust ignores it, as
// the web client does, and so does whatsmeow).
//
// They are kept under the contact's LID, or under the PN as long as no LID is known, as whatsmeow does.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "engine/messages/trust/token_rules.h"
#include "store/account/privacy_tokens.h"
#include "wire/node.h"

namespace pigeond::engine {

struct Desk;

// A conversation's token as history tells it. Times in unix seconds, 0: not told.
struct HistoryToken {
  Bytes token;
  std::int64_t timestamp = 0;
  std::int64_t issued = 0;  // ours, given by another device of this account
};

class PrivacyTokens {
 public:
  explicit PrivacyTokens(Desk& desk);

  // --- learning ---
  // <notification type="privacy_token">.
  void given(const wire::Node& notification);
  // Of a direct chat in a history sync; others are ignored.
  void from_history(const wire::Jid& chat, const HistoryToken& told);
  // The salt for make_cs_token, from history or the app state; empty: the phone took it back.
  void set_salt(ByteView salt);

  // --- showing ---
  // <tctoken>, else <cstoken>, for a direct message to `user` in either form of JID; nullopt: there is none,
  // or it does not belong there: to oneself (the service answers 479), to bots, to the service's own account.
  std::optional<wire::Node> node_for(const wire::Jid& user);

  // --- giving ours ---
  // The service took a message to `user`.
  void sent(const wire::Jid& user);
  // `user` registered anew: what we gave is lost with their old identity. Same time as before, as whatsmeow.
  void identity_changed(const wire::Jid& user);

  void online();               // reads the service's numbers and drops what expired, at most once a day
  void read_settings_again();  // they may have changed just now
  void forget_cache();

 private:
  using Row = store::PrivacyTokenRow;

  bool concerns(const wire::Jid& user) const;
  wire::Jid key_of(const wire::Jid& user);
  const Row& find(const wire::Jid& key);
  bool keep(const wire::Jid& key, ByteView token, std::int64_t timestamp);
  void issue(const wire::Jid& key, std::int64_t time);
  void issued(const wire::Jid& key, std::int64_t time, const Result<wire::Node>& answer);

  Desk& desk_;
  store::PrivacyTokens rows_;
  TokenRules rules_;
  std::int64_t read_at_ = 0;  // unix seconds; of rules_
  std::optional<Bytes> salt_;
  std::unordered_map<std::string, Row> cache_;
  std::set<wire::Jid> issuing_;
};

}  // namespace pigeond::engine
