#include "sandbox/links/registrar.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/hash.h"

namespace pigeond::sandbox {
namespace {

constexpr std::size_t kRefs = 6;

std::string version_text(const wa_ClientPayload_UserAgent_AppVersion& version) {
  return std::to_string(version.primary) + "." + std::to_string(version.secondary) + "." +
         std::to_string(version.tertiary);
}

Key32 key32(const Bytes& bytes) {
  Key32 key{};
  if (bytes.size() == key.size()) std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

// What is wrong with the keys, or nothing.
std::string wrong_keys(const wa_ClientPayload_DevicePairingRegistrationData& data) {
  // Zero is taken: Baileys draws ids from one byte, so that one device in 256 has it.
  if (data.eRegid.size() != 4) return "eRegid is not 4 bytes";
  if (data.eKeytype != Bytes{5}) return "eKeytype is not 05";
  if (data.eIdent.size() != 32) return "eIdent is not 32 bytes";
  if (data.eSkeyID.size() != 3) return "eSkeyID is not 3 bytes";
  if (data.eSkeyVal.size() != 32) return "eSkeyVal is not 32 bytes";
  if (!crypto::verify(data.eIdent, crypto::with_type_byte(data.eSkeyVal), data.eSkeySig))
    return "eSkeySig is no signature of the signed pre-key by eIdent";
  return {};
}

wire::Node iq_set(const std::string& id) {
  wire::Node iq("iq");
  iq.set("from", wire::service()).set("type", "set").set("id", id);
  return iq;
}

}  // namespace

Result<Registration> Registrar::check(const wa_ClientPayload& payload, const Key32& noise_key) {
  auto refuse = [this](const std::string& detail) {
    world_.violation("registration-payload", nullptr, detail, nullptr);
    return fail(Cause::malformed, detail);
  };
  const auto& data = payload.devicePairingData;
  if (!payload.has_userAgent || !payload.userAgent.has_appVersion)
    return refuse("userAgent.appVersion is missing");
  if (!payload.has_webInfo && payload.userAgent.platform == wa_ClientPayload_UserAgent_Platform_WEB)
    return refuse("webInfo is missing");
  if (std::string wrong = wrong_keys(data); !wrong.empty()) return refuse(wrong);
  const auto hash = crypto::md5(as_bytes(version_text(payload.userAgent.appVersion)));
  if (data.buildHash != to_bytes(hash)) return refuse("buildHash is not the MD5 of the version");
  const auto props = wire::proto::decode<wa_DeviceProps>(data.deviceProps);
  if (data.deviceProps.empty() || !props) return refuse("deviceProps do not parse");
  if (payload.passive) return refuse("passive is set");

  Registration registration;
  registration.noise_key = noise_key;
  registration.identity = key32(data.eIdent);
  registration.registration_id = static_cast<std::uint32_t>(read_be(data.eRegid));
  registration.signed_key.id = static_cast<std::uint32_t>(read_be(data.eSkeyID));
  registration.signed_key.value = key32(data.eSkeyVal);
  std::copy(data.eSkeySig.begin(), data.eSkeySig.end(), registration.signed_key.signature.begin());
  registration.platform = props->os;
  registration.revision = payload.userAgent.appVersion.tertiary;
  return registration;
}

void Registrar::offer(ConnectionId connection, const Registration& registration) {
  Pairing pairing;
  pairing.registration = registration;
  pairing.offer_id = world_.next_id();
  pairing.deadline = world_.now.mono + world_.policy.pairing_time;
  wire::Node offer("pair-device");
  for (std::size_t index = 0; index < kRefs; ++index) {
    pairing.refs.push_back("2@" + base64(world_.random.bytes(48)));
    offer.add(wire::Node("ref").body(as_bytes(pairing.refs.back())));
  }
  wire::Node iq = iq_set(pairing.offer_id);
  iq.set("xmlns", "md").add(std::move(offer));
  pairings_[connection] = std::move(pairing);
  world_.write(connection, iq);
}

void Registrar::scan(const std::string& phone, std::string_view qr, Scanned done) {
  Account* account = world_.account(phone);
  if (account == nullptr) return done(fail(Cause::not_found, "account"));
  const auto code = parse_qr(qr);
  if (!code) return done(code.error());
  auto shown = std::find_if(pairings_.begin(), pairings_.end(), [&](const auto& entry) {
    const auto& refs = entry.second.refs;
    return std::find(refs.begin(), refs.end(), code->ref) != refs.end();
  });
  if (shown == pairings_.end()) return done(fail(Cause::not_found, "qr: nobody shows this code any more"));
  auto& [connection, pairing] = *shown;
  if (pairing.scan) return done(fail(Cause::already_exists, "qr: this code was scanned already"));
  if (code->noise_key != pairing.registration.noise_key || code->identity != pairing.registration.identity) {
    world_.violation("qr-mismatch", nullptr, "the keys in the QR are not those of the link", nullptr);
    return done(fail(Cause::bad_input, "qr: the keys are not those of the client that shows it"));
  }
  if (gate_ && gate_(connection, phone, done)) return;
  vouch(connection, phone, code->adv_secret, std::move(done));
}

void Registrar::extend(ConnectionId connection, Millis time) {
  const auto found = pairings_.find(connection);
  if (found != pairings_.end())
    found->second.deadline = std::max(found->second.deadline, world_.now.mono + time);
}

const Registration* Registrar::registration(ConnectionId connection) const {
  const auto found = pairings_.find(connection);
  return found == pairings_.end() ? nullptr : &found->second.registration;
}

void Registrar::vouch(ConnectionId connection, const std::string& phone, const Key32& adv_secret,
                      Scanned done) {
  Account* account = world_.account(phone);
  const auto found = pairings_.find(connection);
  if (account == nullptr || found == pairings_.end())
    return done(fail(Cause::link_lost, "the companion closed its link"));
  Pairing& pairing = found->second;
  if (pairing.scan) return done(fail(Cause::already_exists, "the companion is being linked already"));
  // Linking needs a newer client than a login does: the code is shown and scanned, the phone says "Couldn't
  // link device", and the client hears nothing of it (Baileys #2679, FaserF/ha-whatsapp #106).
  if (pairing.registration.revision < world_.policy.clients.linking)
    return done(fail(Cause::outdated, "the phone can't link the device"));
  Scan scan;
  scan.phone = phone;
  scan.iq_id = world_.next_id();
  scan.number = account->next_device++;
  scan.key_index = scan.number;
  scan.deadline = world_.now.mono + world_.policy.scan_time;
  scan.done = std::move(done);
  const DeviceRef self{phone, 0};
  const bool forge = world_.faults.strike(FaultKind::forged_account_signature, &self).has_value();
  scan.identity = phone_.approve(phone, pairing.registration.identity, scan.key_index, forge);

  wa_ADVSignedDeviceIdentityHMAC container{};
  container.details = wire::proto::encode(scan.identity);
  container.hmac = to_bytes(crypto::hmac_sha256(adv_secret, container.details));
  wire::Node success("pair-success");
  success.add(wire::Node("device-identity").body(wire::proto::encode(container)))
      .add(wire::Node("device")
               .set("jid", account->jid(Form::pn, scan.number))
               .set("lid", account->jid(Form::lid, scan.number)))
      .add(wire::Node("platform").set("name", "android"));
  // ClientPairingProps: 1 isChatDbLidMigrated.
  if (account->tells_migration)
    success.add(
        wire::Node("client-props").body(Bytes{0x08, static_cast<std::uint8_t>(account->lid_migrated)}));
  wire::Node iq = iq_set(scan.iq_id);
  iq.set("t", static_cast<std::uint64_t>(world_.now.unix_seconds())).add(std::move(success));
  pairing.scan = std::move(scan);
  world_.write(connection, iq);
}

void Registrar::answered(ConnectionId connection, const wire::Node& iq) {
  auto found = pairings_.find(connection);
  if (found == pairings_.end()) return;
  Pairing& pairing = found->second;
  const std::string id = iq.attr("id");
  if (id == pairing.offer_id) {
    pairing.offer_answered = true;
    return;
  }
  if (!pairing.scan || id != pairing.scan->iq_id) {
    world_.violation("iq-unknown", nullptr, "an answer to a request that was not made", &iq);
    return;
  }
  if (iq.is("type", "error")) {
    const wire::Node* error = iq.child("error");
    const std::string text = error == nullptr ? "" : error->attr("code") + " " + error->attr("text");
    finish_scan(pairing, fail(Cause::bad_signature, "the companion refused the pairing: " + text));
    return;
  }
  confirm(connection, pairing, iq);
}

Status Registrar::check_signed(const Pairing& pairing, const wire::Node& iq, Bytes& device_identity) {
  const wire::Node* node = iq.path({"pair-device-sign", "device-identity"});
  if (node == nullptr) return fail(Cause::malformed, "pair-device-sign without device-identity");
  if (node->number("key-index") != pairing.scan->key_index) return fail(Cause::malformed, "wrong key-index");
  auto reply = wire::proto::decode<wa_ADVSignedDeviceIdentity>(node->bytes());
  if (!reply) return fail(Cause::malformed, "the device identity does not parse");
  const auto& sent = pairing.scan->identity;
  if (reply->details != sent.details || reply->accountSignature != sent.accountSignature)
    return fail(Cause::malformed, "details or account signature were changed");
  const Key32 primary = key32(sent.accountSignatureKey);
  if (!device_signature_holds(*reply, pairing.registration.identity, primary))
    return fail(Cause::bad_signature, "the device signature does not hold");
  reply->accountSignatureKey = sent.accountSignatureKey;
  device_identity = wire::proto::encode(*reply);
  return {};
}

void Registrar::confirm(ConnectionId connection, Pairing& pairing, const wire::Node& iq) {
  const DeviceRef ref{pairing.scan->phone, pairing.scan->number};
  if (!pairing.offer_answered)
    world_.violation("pair-device-unanswered", &ref, "pair-device got no result before the pairing", &iq);
  Bytes device_identity;
  if (auto status = check_signed(pairing, iq, device_identity); !status) {
    world_.violation("device-signature", &ref, status.error().detail, &iq);
    finish_scan(pairing, status.error());
    world_.close(connection);
    return;
  }
  Account* account = world_.account(ref.phone);
  if (account == nullptr) return finish_scan(pairing, fail(Cause::not_found, "account"));
  Device& device = account->devices[ref.number];
  device.number = ref.number;
  device.key_index = pairing.scan->key_index;
  device.identity = pairing.registration.identity;
  device.noise_key = pairing.registration.noise_key;
  device.registration_id = pairing.registration.registration_id;
  device.signed_key = pairing.registration.signed_key;
  device.platform = pairing.registration.platform;
  device.device_identity = std::move(device_identity);
  phone_.confirmed(ref);
  world_.write(connection, wire::Node("stream:error").set("code", "515"));
  finish_scan(pairing, ref.number);
  pairings_.erase(connection);
  world_.close(connection);
}

void Registrar::finish_scan(Pairing& pairing, Result<std::uint16_t> result) {
  if (!pairing.scan) return;
  Scanned done = std::move(pairing.scan->done);
  pairing.scan.reset();
  if (done) done(std::move(result));
}

void Registrar::disconnected(ConnectionId connection) {
  auto found = pairings_.find(connection);
  if (found == pairings_.end()) return;
  finish_scan(found->second, fail(Cause::link_lost, "the companion closed its link"));
  pairings_.erase(connection);
}

void Registrar::sweep() {
  std::vector<ConnectionId> lapsed;
  for (auto& [connection, pairing] : pairings_) {
    if (pairing.scan && pairing.scan->deadline <= world_.now.mono)
      finish_scan(pairing, fail(Cause::timed_out, "the companion did not confirm in time"));
    if (pairing.deadline <= world_.now.mono) lapsed.push_back(connection);
  }
  for (const ConnectionId connection : lapsed) world_.close(connection);
}

std::optional<Millis> Registrar::next_wake() const {
  std::optional<Millis> next;
  for (const auto& [connection, pairing] : pairings_) {
    Millis due = pairing.deadline;
    if (pairing.scan) due = std::min(due, pairing.scan->deadline);
    if (!next || due < *next) next = due;
  }
  return next;
}

}  // namespace pigeond::sandbox
