// New devices: what an unpaired client says about itself, its QR references, and the pairing that a phone's
// scan starts.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "sandbox/accounts/adv.h"
#include "sandbox/world.h"
#include "wire/proto.h"

namespace pigeond::sandbox {

// A client that has no account yet.
struct Registration {
  Key32 noise_key{};
  Key32 identity{};
  std::uint32_t registration_id = 0;
  SignedKey signed_key;
  std::string platform;        // as it wants to be shown
  std::uint32_t revision = 0;  // of the version that it announced
};

class Registrar {
 public:
  using Scanned = std::function<void(Result<std::uint16_t>)>;  // the new device's number

  // What the account's phone does, wired by Service: it signs the companion (`forge`: not really), and takes
  // note of one that has confirmed.
  struct PhoneSide {
    std::function<wa_ADVSignedDeviceIdentity(const std::string& phone, const Key32& identity,
                                             std::uint32_t key_index, bool forge)>
        approve;
    std::function<void(const DeviceRef& companion)> confirmed;
  };

  // Takes a scan over whose account demands more; true: it has.
  using Gate = std::function<bool(ConnectionId connection, const std::string& phone, Scanned& done)>;

  explicit Registrar(World& world) : world_(world) {}
  void set_gate(Gate gate) { gate_ = std::move(gate); }
  void set_phone_side(PhoneSide side) { phone_ = std::move(side); }

  // Checks every part of the payload; what is wrong is reported. An error refuses the client.
  Result<Registration> check(const wa_ClientPayload& payload, const Key32& noise_key);
  // Sends <pair-device> with six references.
  void offer(ConnectionId connection, const Registration& registration);

  // The account's phone scans a QR. `done` is called once: when the companion has confirmed, refused or gone,
  // or after Policy::scan_time; at once, with Cause::outdated, for a client older than ClientPolicy::linking.
  void scan(const std::string& phone, std::string_view qr, Scanned done);

  // The account takes the client of that link for its companion, under an ADV secret that both know. `done`
  // as above.
  void vouch(ConnectionId connection, const std::string& phone, const Key32& adv_secret, Scanned done);
  const Registration* registration(ConnectionId connection) const;  // of a link that is being paired
  void extend(ConnectionId connection, Millis time);                // it is not closed before that

  // An iq of type result or error on a link that is being paired.
  void answered(ConnectionId connection, const wire::Node& iq);
  bool knows(ConnectionId connection) const { return pairings_.contains(connection); }
  void disconnected(ConnectionId connection);

  void sweep();
  std::optional<Millis> next_wake() const;  // mono

 private:
  struct Scan {
    std::string phone, iq_id;
    std::uint16_t number = 0;
    std::uint32_t key_index = 0;
    wa_ADVSignedDeviceIdentity identity{};
    Millis deadline = 0;  // mono
    Scanned done;
  };
  struct Pairing {
    Registration registration;
    std::vector<std::string> refs;
    std::string offer_id;
    bool offer_answered = false;
    Millis deadline = 0;  // mono
    std::optional<Scan> scan;
  };

  void confirm(ConnectionId connection, Pairing& pairing, const wire::Node& iq);
  Status check_signed(const Pairing& pairing, const wire::Node& iq, Bytes& device_identity);
  void finish_scan(Pairing& pairing, Result<std::uint16_t> result);

  World& world_;
  PhoneSide phone_;
  Gate gate_;
  std::map<ConnectionId, Pairing> pairings_;
};

}  // namespace pigeond::sandbox
