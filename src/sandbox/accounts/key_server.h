// Keys of devices: what they upload, and bundles for those who want to write to them. A one-time key is given
// out once.
#pragma once

#include <functional>
#include <string>

#include "sandbox/world.h"

namespace pigeond::sandbox {

class Mailroom;

class KeyServer {
 public:
  KeyServer(World& world, Mailroom& mailroom) : world_(world), mailroom_(mailroom) {}

  // An iq of xmlns `encrypt`, answered with a result or an error.
  wire::Node handle(const DeviceRef& from, const wire::Node& iq);

  // A pkmsg names the keys it was made with: they must be the sender's own, and the one-time key one that the
  // sender was given, used for one session only.
  void check_pkmsg(const DeviceRef& sender, const DeviceRef& recipient, ByteView ciphertext,
                   const wire::Node& stanza);
  // The bundle in a retry receipt hands its one-time key to the device it goes to.
  void issued_in_receipt(const DeviceRef& owner, const DeviceRef& to, const wire::Node& receipt);

 private:
  wire::Node upload(const DeviceRef& from, const wire::Node& iq);
  wire::Node rotate(const DeviceRef& from, const wire::Node& iq);
  wire::Node digest(const DeviceRef& from, const wire::Node& iq);
  wire::Node fetch(const DeviceRef& from, const wire::Node& iq, const wire::Node& request);
  wire::Node bundle(const DeviceRef& for_whom, const wire::Jid& jid);
  std::string check_upload(const Device& device, const wire::Node& iq) const;
  Bytes shown_identity(const DeviceRef& for_whom, const DeviceRef& owner, const Device& device);
  void warn_low(const DeviceRef& owner, Device& device);

  World& world_;
  Mailroom& mailroom_;
};

// <iq type=result id from/> and <iq type=error><error code text/></iq> in answer to `iq`.
wire::Node iq_result(const wire::Node& iq);
wire::Node iq_error(const wire::Node& iq, int code, std::string_view text);

}  // namespace pigeond::sandbox
