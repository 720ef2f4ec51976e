#include "sandbox/links/passkeys.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "crypto/aes.h"
#include "crypto/ecdsa.h"
#include "crypto/hash.h"
#include "sandbox/accounts/key_server.h"
#include "wire/proto.h"

namespace pigeond::sandbox {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kParty = "web.whatsapp.com";
constexpr std::string_view kOrigin = "https://web.whatsapp.com";
constexpr std::string_view kLetters = "123456789ABCDEFGHJKLMNPQRSTVWXYZ";
constexpr Millis kLife = 10 * kMinute;
constexpr std::uint8_t kPresent = 1, kVerified = 4;  // flags of authenticatorData

std::optional<Key32> key32(const Bytes& bytes) {
  Key32 key;
  if (bytes.size() != key.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

Bytes content_of(const wire::Node& parent, std::string_view tag) {
  const wire::Node* node = parent.child(tag);
  return node == nullptr ? Bytes() : node->bytes();
}

// A member of binary value.
Bytes binary(const Json& object, const char* name) {
  if (!object.is_object() || !object.contains(name) || !object[name].is_string()) return {};
  return parse_base64url(object[name].get<std::string>()).value_or(Bytes());
}

Error wrong(std::string what) {
  return fail(Cause::bad_signature, std::move(what));
}

std::string letters_of(ByteView bits) {
  std::string out;
  for (std::uint64_t number = read_be(bits), shift = 40; shift > 0; shift -= 5)
    out += kLetters[(number >> (shift - 5)) & 31];
  return out.substr(0, 4) + "-" + out.substr(4);
}

wire::Node news(World& world, const char* type) {
  wire::Node notification("notification");
  return notification.set("from", wire::service())
      .set("id", world.next_id())
      .set("type", type)
      .set("t", static_cast<std::uint64_t>(world.now.unix_seconds()));
}

}  // namespace

void Passkeys::demand(ConnectionId connection, const std::string& phone, Registrar::Scanned done) {
  end(connection, fail(Cause::cancelled, "the companion was scanned anew"));
  Ceremony& ceremony = ceremonies_[connection];
  ceremony.phone = phone;
  ceremony.done = std::move(done);
  ceremony.until = world_.now.mono + kLife;
  registrar_.extend(connection, kLife + world_.policy.scan_time);
  wire::Node notification = news(world_, "passkey_prologue_request");
  if (!world_.account(phone)->passkey->bare)
    notification.add(wire::Node("passkey_request_options").body(as_bytes(options(ceremony))));
  world_.write(connection, notification);
}

// A challenge of its own each time.
std::string Passkeys::options(Ceremony& ceremony) const {
  ceremony.challenge = base64url(world_.random.bytes(32));
  const Json credential = {{"id", base64url(world_.account(ceremony.phone)->passkey->credential)},
                           {"type", "public-key"},
                           {"transports", {"hybrid", "internal"}}};
  return Json{{"challenge", ceremony.challenge},
              {"timeout", kLife},
              {"rpId", kParty},
              {"allowCredentials", Json::array({credential})},
              {"userVerification", "required"},
              {"extensions", {{"uvm", true}}}}
      .dump();
}

bool Passkeys::handle(ConnectionId connection, const wire::Node& iq) {
  const auto found = ceremonies_.find(connection);
  const bool get = iq.is("type", "get");
  const wire::Node* proof = iq.child("passkey_prologue");
  const wire::Node* nonce = iq.child("companion_nonce");
  const wire::Node* sealed = iq.child("encrypted_pairing_request");
  const bool asks = get && (iq.child("passkey_request_options") != nullptr || iq.child("ref") != nullptr);
  if (!asks && proof == nullptr && nonce == nullptr && sealed == nullptr) return false;
  if (found == ceremonies_.end()) {
    world_.violation("passkey", nullptr, "nobody was asked for one", &iq);
    world_.write(connection, iq_error(iq, 400, "bad-request"));
    return true;
  }
  Ceremony& ceremony = found->second;
  if (asks && iq.child("ref") == nullptr) {
    ceremony.stage = Stage::challenged;
    wire::Node child = wire::Node("passkey_request_options").body(as_bytes(options(ceremony)));
    world_.write(connection, iq_result(iq).add(std::move(child)));
  } else if (asks) {
    ceremony.ref = "4@" + base64(world_.random.bytes(24));
    world_.write(connection, iq_result(iq).add(wire::Node("ref").body(as_bytes(ceremony.ref))));
  } else if (proof != nullptr) {
    const wire::Node answer = prologue(ceremony, iq, *proof);
    world_.write(connection, answer);
    if (ceremony.stage != Stage::proved) return true;
    wa_PrimaryEphemeralIdentity identity{};
    identity.publicKey = to_bytes(ceremony.ephemeral.pub);
    identity.nonce = to_bytes(ceremony.nonce);
    world_.write(connection,
                 news(world_, "crsc_continuation")
                     .add(wire::Node("primary_ephemeral_identity").body(wire::proto::encode(identity))));
  } else if (nonce != nullptr) {
    world_.write(connection, reveal(ceremony, iq, nonce->bytes()));
  } else {
    request(connection, ceremony, iq, sealed->bytes());
  }
  return true;
}

Status Passkeys::check_assertion(const Ceremony& ceremony, const wire::Node& child) const {
  const Passkey& passkey = *world_.account(ceremony.phone)->passkey;
  const Json assertion = Json::parse(content_of(child, "webauthn_assertion"), nullptr, false);
  if (!assertion.is_object() || !assertion.contains("response")) return wrong("the assertion is no JSON");
  const Json& response = assertion["response"];
  if (content_of(child, "credential_id") != passkey.credential ||
      binary(assertion, "rawId") != passkey.credential)
    return wrong("the credential is none that may be used");
  if (assertion.value("type", "") != "public-key") return wrong("type is not public-key");
  const Bytes data = binary(response, "clientDataJSON"),
              authenticator = binary(response, "authenticatorData");
  const Json client = Json::parse(data, nullptr, false);
  if (!client.is_object() || client.value("type", "") != "webauthn.get")
    return wrong("type is not webauthn.get");
  if (client.value("challenge", "") != ceremony.challenge) return wrong("the challenge is another");
  if (client.value("origin", "") != kOrigin || client.value("crossOrigin", false))
    return wrong("the origin is another");
  constexpr std::size_t kFlags = 32, kShortest = 37;
  if (authenticator.size() < kShortest) return wrong("authenticatorData is too short");
  const Key32 party = crypto::sha256(as_bytes(kParty));
  if (!std::equal(party.begin(), party.end(), authenticator.begin()))
    return wrong("the relying party is another");
  if ((authenticator[kFlags] & kPresent) == 0 || (authenticator[kFlags] & kVerified) == 0)
    return wrong("the user was not there, or not verified");
  if (!crypto::verify_p256(passkey.point, concat({authenticator, crypto::sha256(data)}),
                           binary(response, "signature")))
    return wrong("the signature does not hold");
  return {};
}

Status Passkeys::check_prologue(Ceremony& ceremony, const wire::Node& child) const {
  const auto payload = wire::proto::decode<wa_ProloguePayload>(content_of(child, "prologue_payload"));
  if (!payload) return fail(Cause::malformed, "the prologue does not parse");
  const auto identity =
      wire::proto::decode<wa_CompanionEphemeralIdentity>(payload->companionEphemeralIdentity);
  const auto key = identity ? key32(identity->publicKey) : std::nullopt;
  const auto hash = payload->has_commitment ? key32(payload->commitment.hash) : std::nullopt;
  if (!key || !hash || !identity->has_deviceType) return fail(Cause::malformed, "key, device or commitment");
  if (ceremony.ref.empty() || identity->ref != ceremony.ref)
    return fail(Cause::malformed, "the reference is another");
  // A device that was never linked has nothing to hand over; whoever takes it for one is not shown the code.
  if (child.child("pairing_handoff_proof") != nullptr)
    return fail(Cause::malformed, "a proof of an earlier link");
  ceremony.identity = payload->companionEphemeralIdentity;
  ceremony.companion = *key;
  ceremony.hash = *hash;
  ceremony.device_type = identity->deviceType;
  return {};
}

wire::Node Passkeys::prologue(Ceremony& ceremony, const wire::Node& iq, const wire::Node& child) {
  if (ceremony.stage != Stage::challenged || ceremony.challenge.empty()) return iq_error(iq, 409, "conflict");
  const auto assertion = check_assertion(ceremony, child);
  ceremony.challenge.clear();  // each is good for one try
  // What a person's authenticator signs is not the client's fault; what the client makes of it is.
  if (!assertion) return iq_error(iq, 401, assertion.error().detail.c_str());
  if (const auto payload = check_prologue(ceremony, child); !payload) {
    world_.violation("passkey-prologue", nullptr, payload.error().detail, &iq);
    return iq_error(iq, 400, "bad-request");
  }
  ceremony.ephemeral = crypto::generate_key_pair(world_.random);
  ceremony.nonce = world_.random.array<32>();
  ceremony.stage = Stage::proved;
  ceremony.until = world_.now.mono + kLife;
  return iq_result(iq);
}

wire::Node Passkeys::reveal(Ceremony& ceremony, const wire::Node& iq, const Bytes& nonce) {
  if (ceremony.stage != Stage::proved || nonce.size() != sizeof(Key32) ||
      crypto::sha256({ceremony.identity, nonce}) != ceremony.hash) {
    world_.violation("passkey-nonce", nullptr, "is not what the companion has committed to", &iq);
    return iq_error(iq, 400, "bad-request");
  }
  const Key32 digest = crypto::sha256({nonce, ceremony.ephemeral.pub});
  Bytes bits(5);
  for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = ceremony.nonce[i] ^ digest[i];
  ceremony.code = letters_of(bits);
  ceremony.stage = Stage::revealed;
  return iq_result(iq);
}

void Passkeys::request(ConnectionId connection, Ceremony& ceremony, const wire::Node& iq,
                       const Bytes& sealed) {
  const auto refuse = [&](const char* why) {
    world_.violation("passkey-request", nullptr, why, &iq);
    world_.write(connection, iq_error(iq, 400, "bad-request"));
  };
  if (ceremony.stage != Stage::revealed) return refuse("comes before the nonce");
  const auto envelope = wire::proto::decode<wa_EncryptedPairingRequest>(sealed);
  const auto shared = crypto::agree(ceremony.ephemeral.priv, ceremony.companion);
  if (!envelope || !shared || envelope->IV.size() != 12) return refuse("does not parse");
  const std::string salt =
      "Companion Pairing " + std::to_string(ceremony.device_type) + " with ref " + ceremony.ref;
  const Bytes key = crypto::hkdf_sha256(as_bytes(salt), *shared,
                                        as_bytes("Pairing Information Encryption Key"), sizeof(Key32));
  const auto opened = crypto::aes_gcm_open(key, envelope->IV, {}, envelope->encryptedPayload);
  if (!opened) return refuse("does not open");
  const auto keys = wire::proto::decode<wa_PairingRequest>(*opened);
  const auto secret = keys ? key32(keys->advSecret) : std::nullopt;
  const auto* registration = registrar_.registration(connection);
  if (!secret || registration == nullptr || keys->companionPublicKey != to_bytes(registration->noise_key) ||
      keys->companionIdentityKey != to_bytes(registration->identity))
    return refuse("the keys are not those of the link");
  world_.write(connection, iq_result(iq));
  auto ended = ceremonies_.extract(connection);
  registrar_.vouch(connection, ended.mapped().phone, *secret, std::move(ended.mapped().done));
}

std::string Passkeys::code(const std::string& phone) const {
  for (const auto& [connection, ceremony] : ceremonies_)
    if (ceremony.phone == phone) return ceremony.code;
  return {};
}

void Passkeys::end(ConnectionId connection, Result<std::uint16_t> result) {
  auto ended = ceremonies_.extract(connection);
  if (!ended.empty() && ended.mapped().done) ended.mapped().done(std::move(result));
}

void Passkeys::disconnected(ConnectionId connection) {
  end(connection, fail(Cause::link_lost, "the companion closed its link"));
}

void Passkeys::sweep() {
  std::vector<ConnectionId> lapsed;
  for (const auto& [connection, ceremony] : ceremonies_)
    if (ceremony.until <= world_.now.mono) lapsed.push_back(connection);
  for (const ConnectionId connection : lapsed)
    end(connection, fail(Cause::timed_out, "the passkey's time is over"));
}

std::optional<Millis> Passkeys::next_wake() const {
  std::optional<Millis> next;
  for (const auto& [connection, ceremony] : ceremonies_)
    if (!next || ceremony.until < *next) next = ceremony.until;
  return next;
}

}  // namespace pigeond::sandbox
