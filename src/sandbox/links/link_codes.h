// Linking by a code of eight characters that a companion shows and a person types into the phone: the
// service's part, which passes on what it can't read, and the phone's.
//
//   companion_hello   the companion's ephemeral key, wrapped under the code, and what its phone number is
//   primary_hello     the phone's, wrapped under the code that was typed
//   companion_finish  both identity keys and 32 random bytes, sealed under what the ephemeral keys agree on
//
// Only the phone sees at the end whether the codes were the same: it can open the bundle, or can't. Known
// from whatsmeow's pair-code.go, whatsapp-rust's wacore/src/pair_code.rs, and Baileys' Socket/socket.ts.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "sandbox/links/registrar.h"
#include "sandbox/world.h"

namespace pigeond::sandbox {

class LinkCodes {
 public:
  // The phone's X25519 with its identity key.
  using Agree = std::function<Result<Key32>(const std::string& phone, const Key32& pub)>;

  LinkCodes(World& world, Registrar& registrar) : world_(world), registrar_(registrar) {}
  // An account that demands more: then the phone sends no keys, and the code is only the way to find the
  // companion.
  void set_gate(Registrar::Gate gate) { gate_ = std::move(gate); }
  void set_phone_side(Agree agree) { agree_ = std::move(agree); }

  // An iq with <link_code_companion_reg> on a link that is being paired: answered here.
  void handle(ConnectionId connection, const wire::Node& iq);
  // Somebody types a code into the account's phone. `done` is called once: when the companion is linked, when
  // the code turned out to be wrong (bad_mac), or after Policy::scan_time. not_found: no companion waits for
  // this number.
  void enter(const std::string& phone, std::string_view code, Registrar::Scanned done);
  // The service wants the companion to show another code; false: none waits.
  bool refresh(const std::string& phone);

  void disconnected(ConnectionId connection);
  void sweep();
  std::optional<Millis> next_wake() const;  // mono

 private:
  struct Attempt {
    crypto::KeyPair ephemeral;
    Key32 companion_ephemeral{};
    Millis deadline = 0;  // mono
    Registrar::Scanned done;
  };
  struct Waiting {
    std::string phone;
    std::string ref;
    Bytes wrapped;     // the companion's ephemeral key
    Millis until = 0;  // mono; the code's end
    int wrong = 0;     // codes that were typed in vain
    std::optional<Attempt> attempt;
  };
  using Waitings = std::map<ConnectionId, Waiting>;

  void hello(ConnectionId connection, const wire::Node& iq, const wire::Node& reg);
  void finish(ConnectionId connection, const wire::Node& iq, const wire::Node& reg);
  std::string wrong_hello(ConnectionId connection, const wire::Node& reg) const;
  std::optional<wire::Node> throttled(const wire::Node& iq, const std::string& phone);
  // The ADV secret that the bundle makes.
  Result<Key32> open_bundle(const Waiting& waiting, const Key32& identity, const wire::Node& reg) const;
  Waitings::iterator waiting_for(const std::string& phone);
  static void end(Waiting& waiting, Result<std::uint16_t> result);

  World& world_;
  Registrar& registrar_;
  Agree agree_;
  Registrar::Gate gate_;
  Waitings waiting_;
  std::map<std::string, std::deque<Millis>> asked_;  // mono; by phone number
};

}  // namespace pigeond::sandbox
