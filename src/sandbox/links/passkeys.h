// Accounts whose owner has to sign with a passkey before another device is linked: what the service asks, and
// checks as a relying party does (W3C Web Authentication, section 7.2), and what the phone and the companion
// agree on beneath it. In force since June 2026 (whatsmeow #1184, Baileys #2672); the steps are those of
// whatsmeow's pair-passkey.go and whatsapp-rust's wacore/src/shortcake.rs.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "sandbox/links/registrar.h"
#include "sandbox/world.h"

namespace pigeond::sandbox {

class Passkeys {
 public:
  Passkeys(World& world, Registrar& registrar) : world_(world), registrar_(registrar) {}

  // A companion was scanned, or its code was typed: the person has to sign. `done` as Registrar::scan().
  void demand(ConnectionId connection, const std::string& phone, Registrar::Scanned done);
  // An iq of this exchange on a link that is being paired: answered here. False: it is another.
  bool handle(ConnectionId connection, const wire::Node& iq);
  // The code that the account's phone shows to be compared; empty: none.
  std::string code(const std::string& phone) const;

  void disconnected(ConnectionId connection);
  void sweep();
  std::optional<Millis> next_wake() const;  // mono

 private:
  enum class Stage { challenged, proved, revealed };
  struct Ceremony {
    std::string phone;
    Registrar::Scanned done;
    Stage stage = Stage::challenged;
    std::string challenge;  // base64url
    std::string ref;
    Bytes identity;             // the companion's, as it came
    Key32 companion{}, hash{};  // its key, and what it has committed to
    std::int32_t device_type = 0;
    crypto::KeyPair ephemeral;
    Key32 nonce{};
    std::string code;
    Millis until = 0;  // mono
  };

  std::string options(Ceremony& ceremony) const;
  wire::Node prologue(Ceremony& ceremony, const wire::Node& iq, const wire::Node& child);
  wire::Node reveal(Ceremony& ceremony, const wire::Node& iq, const Bytes& nonce);
  void request(ConnectionId connection, Ceremony& ceremony, const wire::Node& iq, const Bytes& sealed);
  Status check_assertion(const Ceremony& ceremony, const wire::Node& child) const;
  Status check_prologue(Ceremony& ceremony, const wire::Node& child) const;
  void end(ConnectionId connection, Result<std::uint16_t> result);

  World& world_;
  Registrar& registrar_;
  std::map<ConnectionId, Ceremony> ceremonies_;
};

}  // namespace pigeond::sandbox
