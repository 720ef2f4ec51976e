// The inside of Engine: the life of one link after the other, and where each stanza goes. Not for other
// layers.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/account/pre_keys.h"
#include "engine/chat.h"
#include "engine/context.h"
#include "engine/engine.h"
#include "engine/link/backlog.h"
#include "engine/link/iq.h"
#include "engine/link/keepalive.h"
#include "engine/link/link.h"
#include "engine/link/login.h"
#include "engine/link/owed.h"
#include "engine/link/reconnect.h"
#include "engine/link/stanzas.h"
#include "engine/link/stream_end.h"
#include "engine/pairing/pairing.h"

namespace pigeond::engine {

Error unscanned();  // why a session fails whose codes were all shown in vain

struct Engine::Impl final : Stanzas {
  enum class Phase {
    stopped,
    waiting,         // for connect_at
    connecting,      // Connect is out
    handshake,       // Noise
    authenticating,  // for <success>, <failure> or <pair-device>; after pairing for 515
    pairing,         // a QR is shown
    authenticated,   // <success> came; pre-keys and <active/> on their way
    online,
    departing,  // the server is asked to forget this device
    failed,
  };

  Impl(store::Database& database, std::int64_t session, std::string name, const ClientProfile& profile,
       Random& random);

  // --- Stanzas ---
  bool online() const override { return authenticated; }
  void send(const wire::Node& node) override;
  void query(wire::Node iq, IqCallback callback) override;
  std::string next_id() override;
  void give_up_link(const Error& why) override;

  // --- engine.cc: what people and the clock ask for ---
  void enter(Instant now) { context.now = now; }
  void settle();  // at the end of each entry: a link that broke on the way is given up here
  void start();
  void stop();
  void depart();
  void ask_to_forget();
  void departed();
  void not_departed(const Error& why);
  void stay();
  void wake();
  std::optional<Millis> next_wake() const;
  bool running() const { return phase != Phase::stopped && phase != Phase::failed; }
  bool load_credentials();

  // --- engine_link.cc: one link after the other ---
  void connect();
  void link_up();
  void receive(ByteView bytes);
  void take(Link::Event event);
  void drop_link(const Error& why);  // ends what depends on the link; Disconnect if there is one
  void lose(const Error& why);       // drop, and reconnect after a delay
  void reconnect(const Error& why, bool now);
  void end(const StreamEnd& how);
  void refused_as_outdated(const Error& why);
  void give_way(const Error& why);
  void version_raised();
  void reroute();
  void fail_session(const Error& why);  // its state is failed: a person has to do something
  void erase(const Error& why);         // the outbox waits for the account to be linked again
  void set_state(State next, std::optional<Error> cause = std::nullopt, const std::string& asked = {});
  void ping();

  // --- engine_stanzas.cc: where each stanza goes ---
  void route(wire::Node&& node);
  void route_iq(wire::Node&& iq);
  void route_account(const wire::Node& node);
  void refuse_head(const Link::Undecodable& undecodable);
  void logged_in(const wire::Node& success);
  void pair_success(const wire::Node& iq);

  void log_warning(std::string_view event, const Error& why) const;

  Context context;
  PendingIqs iqs;
  Keepalive keepalive;
  Backlog backlog;
  Owed owed;
  Backoff backoff;
  PreKeys pre_keys;
  Pairing pairing;
  Login login;
  std::unique_ptr<Chat> chat;  // anew after an erasure: it may remember the account
  std::unique_ptr<Link> link;

  std::optional<Millis> logged_in_at;  // mono; of this link
  int displaced = 0;                   // in a row, that another connection took this one's place

  ClientVersion announced;  // on this link, or the last one
  int refusals = 0;         // in a row, of the version
  bool outdated = false;    // waiting, because of that

  Phase phase = Phase::stopped;
  State state = State::stopped;
  std::optional<Error> state_cause;
  std::string state_asked;
  bool credentials_loaded = false;
  bool connected = false;  // a Connect is out, and neither side has ended it
  bool authenticated = false;
  bool link_confirmed = false;       // the service has restarted a stream: it knows this device
  bool departing = false;            // asks to be forgotten as soon as it is logged in
  std::optional<Error> broken;       // found while sending; see settle()
  std::optional<Millis> connect_at;  // mono; waiting, or the end of a temporary ban
  std::optional<Millis> deadline;    // mono; of the phase
  std::string id_prefix;             // of this link's stanza ids
  std::uint64_t id_count = 0;
};

}  // namespace pigeond::engine
