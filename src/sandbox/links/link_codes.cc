#include "sandbox/links/link_codes.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"
#include "crypto/aes.h"
#include "crypto/hash.h"
#include "crypto/pbkdf2.h"
#include "sandbox/accounts/key_server.h"

namespace pigeond::sandbox {
namespace {

constexpr std::string_view kAlphabet = "123456789ABCDEFGHJKLMNPQRSTVWXYZ";
constexpr std::size_t kCode = 8;
constexpr unsigned kRounds = 131072;
constexpr std::size_t kSalt = 32, kCounter = 16, kNonce = 12;
constexpr std::size_t kWrapped = kSalt + kCounter + sizeof(Key32);
constexpr std::size_t kBundle = 3 * sizeof(Key32);
constexpr Millis kLife = 3 * kMinute;  // of a code; the web client's
constexpr int kTries = 3;              // of typing it
// How many requests for one number are let through is not known, but that there is a limit, which is told as
// 400 like any other mistake (whatsapp-rust's src/pair_code.rs).
constexpr std::size_t kRequests = 8;
constexpr Millis kRequestsIn = 5 * kMinute;
constexpr int kBackoff = 60;  // seconds

// Measured against the service: any real browser and operating system is taken, a product's name is not
// (Baileys #2769, whatsapp-rust's wacore/src/companion_reg.rs).
constexpr std::array<std::string_view, 7> kBrowsers = {"Chrome", "Edge",   "Firefox", "IE",
                                                       "Opera",  "Safari", "Desktop"};
constexpr std::array<std::string_view, 7> kSystems = {"Windows", "Mac OS", "Linux", "Android",
                                                      "iOS",     "Ubuntu", "Fedora"};
constexpr std::string_view kPlatforms = "123456789c";  // letters for Android want an attestation

bool is_display(std::string_view text) {
  const auto open = text.find(" (");
  if (open == std::string_view::npos || text.empty() || text.back() != ')') return false;
  const auto browser = text.substr(0, open), system = text.substr(open + 2, text.size() - open - 3);
  return std::ranges::find(kBrowsers, browser) != kBrowsers.end() &&
         std::ranges::find(kSystems, system) != kSystems.end();
}

Bytes content_of(const wire::Node& reg, std::string_view tag) {
  const wire::Node* node = reg.child(tag);
  return node == nullptr ? Bytes() : node->bytes();
}

Key32 key32(ByteView bytes) {
  Key32 key{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), key.size()), key.begin());
  return key;
}

Bytes stretch(std::string_view code, ByteView salt) {
  return crypto::pbkdf2_sha256(as_bytes(code), salt, kRounds, sizeof(Key32));
}

// salt (32) || counter block (16) || key (32), the key under AES-256-CTR
Bytes wrap(std::string_view code, const Key32& key, Random& random) {
  const Bytes salt = random.bytes(kSalt), counter = random.bytes(kCounter);
  return concat({salt, counter, crypto::aes_ctr(stretch(code, salt), counter, key)});
}

Key32 unwrap(std::string_view code, ByteView wrapped) {
  const auto salt = wrapped.first(kSalt), counter = wrapped.subspan(kSalt, kCounter);
  return key32(crypto::aes_ctr(stretch(code, salt), counter, wrapped.last(sizeof(Key32))));
}

// As people type it: with a dash or without, in any case.
std::optional<std::string> typed(std::string_view text) {
  std::string code;
  for (const char each : text) {
    if (each == '-' || each == ' ') continue;
    const char upper = static_cast<char>(std::toupper(static_cast<unsigned char>(each)));
    if (kAlphabet.find(upper) == std::string_view::npos) return std::nullopt;
    code += upper;
  }
  return code.size() == kCode ? std::optional(code) : std::nullopt;
}

wire::Node error_to(const wire::Node& iq, int code, const char* text, int backoff = 0) {
  wire::Node error("error");
  error.set("code", static_cast<std::uint64_t>(code)).set("text", text);
  if (backoff > 0) error.set("backoff", static_cast<std::uint64_t>(backoff));
  wire::Node reply("iq");
  reply.set("from", wire::service()).set("type", "error").set("id", iq.attr("id")).add(std::move(error));
  return reply;
}

wire::Node news_of(World& world, wire::Node reg) {
  wire::Node news("notification");
  return news.set("from", wire::service())
      .set("id", world.next_id())
      .set("type", "link_code_companion_reg")
      .set("t", static_cast<std::uint64_t>(world.now.unix_seconds()))
      .add(std::move(reg));
}

}  // namespace

void LinkCodes::handle(ConnectionId connection, const wire::Node& iq) {
  const wire::Node& reg = *iq.child("link_code_companion_reg");
  const std::string stage = reg.attr("stage");
  if (iq.is("type", "set") && stage == "companion_hello") return hello(connection, iq, reg);
  if (iq.is("type", "set") && stage == "companion_finish") return finish(connection, iq, reg);
  world_.violation("link-code", nullptr, "stage is " + (stage.empty() ? "missing" : stage), &iq);
  world_.write(connection, error_to(iq, 400, "bad-request"));
}

// What of it the service refuses, or nothing.
std::string LinkCodes::wrong_hello(ConnectionId connection, const wire::Node& reg) const {
  const auto jid = reg.jid("jid");
  if (!jid || !jid->is_pn() || !is_digits(jid->user) || jid->user.size() < 7 || jid->user.front() == '0')
    return "jid is no phone number's";
  if (content_of(reg, "link_code_pairing_wrapped_companion_ephemeral_pub").size() != kWrapped)
    return "the wrapped key is not 80 bytes";
  const auto* registration = registrar_.registration(connection);
  if (registration == nullptr ||
      content_of(reg, "companion_server_auth_key_pub") != to_bytes(registration->noise_key))
    return "companion_server_auth_key_pub is not the link's";
  const Bytes platform = content_of(reg, "companion_platform_id");
  if (platform.size() != 1 || kPlatforms.find(static_cast<char>(platform[0])) == std::string_view::npos)
    return "companion_platform_id is none that is known";
  if (!is_display(as_text(content_of(reg, "companion_platform_display"))))
    return "companion_platform_display is no browser (operating system)";
  const std::string push = reg.attr("should_show_push_notification");
  if (push != "true" && push != "false") return "should_show_push_notification is missing";
  // A zero byte of whatsmeow and the web client, the digit 0 of Baileys.
  const Bytes nonce = content_of(reg, "link_code_pairing_nonce");
  if (nonce != Bytes{0} && nonce != Bytes{'0'}) return "link_code_pairing_nonce is not 0";
  return {};
}

std::optional<wire::Node> LinkCodes::throttled(const wire::Node& iq, const std::string& phone) {
  const DeviceRef who{phone, 0};
  if (const auto fault = world_.faults.strike(FaultKind::code_throttled, &who))
    return fault->code == 429 ? error_to(iq, 429, "rate-overlimit", kBackoff)
                              : error_to(iq, 400, "bad-request");
  auto& asked = asked_[phone];
  while (!asked.empty() && asked.front() + kRequestsIn <= world_.now.mono) asked.pop_front();
  if (asked.size() >= kRequests) return error_to(iq, 400, "bad-request", kBackoff);
  asked.push_back(world_.now.mono);
  return std::nullopt;
}

void LinkCodes::hello(ConnectionId connection, const wire::Node& iq, const wire::Node& reg) {
  if (const std::string wrong = wrong_hello(connection, reg); !wrong.empty()) {
    world_.violation("link-code-hello", nullptr, wrong, &iq);
    return world_.write(connection, error_to(iq, 400, "bad-request"));
  }
  const std::string phone = reg.jid("jid")->user;
  if (const auto refusal = throttled(iq, phone)) return world_.write(connection, *refusal);
  // The phone is asked by its number: who asked last is whom a code is for.
  disconnected(connection);
  if (const auto former = waiting_for(phone); former != waiting_.end()) disconnected(former->first);
  Waiting waiting;
  waiting.phone = phone;
  waiting.ref = "3@" + base64(world_.random.bytes(24));
  waiting.wrapped = content_of(reg, "link_code_pairing_wrapped_companion_ephemeral_pub");
  waiting.until = world_.now.mono + kLife;
  wire::Node answer("link_code_companion_reg");
  answer.set("stage", "companion_hello").add(wire::Node("link_code_pairing_ref").body(as_bytes(waiting.ref)));
  waiting_[connection] = std::move(waiting);
  world_.write(connection, iq_result(iq).add(std::move(answer)));
}

LinkCodes::Waitings::iterator LinkCodes::waiting_for(const std::string& phone) {
  return std::ranges::find_if(waiting_, [&](const auto& entry) { return entry.second.phone == phone; });
}

void LinkCodes::enter(const std::string& phone, std::string_view text, Registrar::Scanned done) {
  if (world_.account(phone) == nullptr) return done(fail(Cause::not_found, "account"));
  const auto code = typed(text);
  if (!code) return done(fail(Cause::bad_input, "code: not eight of " + std::string(kAlphabet)));
  const auto found = waiting_for(phone);
  if (found == waiting_.end())
    return done(fail(Cause::not_found, "code: no companion waits for this number"));
  Waiting& waiting = found->second;
  end(waiting, fail(Cause::cancelled, "another code was typed"));
  wire::Node reg("link_code_companion_reg");
  reg.set("stage", "primary_hello").add(wire::Node("link_code_pairing_ref").body(as_bytes(waiting.ref)));
  const ConnectionId connection = found->first;
  if (world_.account(phone)->passkey && gate_) {  // whatsmeow #1188
    world_.write(connection, news_of(world_, std::move(reg)));
    gate_(connection, phone, done);
    return;
  }
  Attempt attempt;
  attempt.ephemeral = crypto::generate_key_pair(world_.random);
  attempt.companion_ephemeral = unwrap(*code, waiting.wrapped);
  attempt.deadline = world_.now.mono + world_.policy.scan_time;
  attempt.done = std::move(done);
  reg.add(wire::Node("link_code_pairing_wrapped_primary_ephemeral_pub")
              .body(wrap(*code, attempt.ephemeral.pub, world_.random)))
      .add(wire::Node("primary_identity_pub").body(world_.device({phone, 0})->identity));
  waiting.attempt = std::move(attempt);
  world_.write(connection, news_of(world_, std::move(reg)));
}

bool LinkCodes::refresh(const std::string& phone) {
  const auto found = waiting_for(phone);
  if (found == waiting_.end()) return false;
  wire::Node reg("link_code_companion_reg");
  reg.set("stage", "refresh_code")
      .set("force_manual_refresh", "true")
      .add(wire::Node("link_code_pairing_ref").body(as_bytes(found->second.ref)));
  const ConnectionId connection = found->first;
  disconnected(connection);
  world_.write(connection, news_of(world_, std::move(reg)));
  return true;
}

// salt (32) || nonce (12) || AES-256-GCM(companion's identity || phone's identity || random)
Result<Key32> LinkCodes::open_bundle(const Waiting& waiting, const Key32& identity,
                                     const wire::Node& reg) const {
  const Bytes wrapped = content_of(reg, "link_code_pairing_wrapped_key_bundle");
  if (wrapped.size() != kSalt + kNonce + kBundle + crypto::kGcmTag)
    return fail(Cause::malformed, "the wrapped key bundle is not 156 bytes");
  const ByteView bytes(wrapped);
  const Attempt& attempt = *waiting.attempt;
  PIGEOND_TRY(const Key32 shared, crypto::agree(attempt.ephemeral.priv, attempt.companion_ephemeral));
  const Bytes key = crypto::hkdf_sha256(
      bytes.first(kSalt), shared, as_bytes("link_code_pairing_key_bundle_encryption_key"), sizeof(Key32));
  PIGEOND_TRY(const Bytes bundle,
              crypto::aes_gcm_open(key, bytes.subspan(kSalt, kNonce), {}, bytes.subspan(kSalt + kNonce)));
  const ByteView parts(bundle);
  if (key32(parts.first(32)) != identity)
    return fail(Cause::malformed, "the bundle's first key is not the companion's");
  if (key32(parts.subspan(32, 32)) != world_.accounts.at(waiting.phone).devices.at(0).identity)
    return fail(Cause::malformed, "the bundle's second key is not the phone's");
  PIGEOND_TRY(const Key32 identities, agree_(waiting.phone, identity));
  return key32(crypto::hkdf_sha256({}, concat({shared, identities, parts.last(32)}), as_bytes("adv_secret"),
                                   sizeof(Key32)));
}

void LinkCodes::finish(ConnectionId connection, const wire::Node& iq, const wire::Node& reg) {
  const auto found = waiting_.find(connection);
  const auto* registration = registrar_.registration(connection);
  const bool expected = found != waiting_.end() && found->second.attempt && registration != nullptr;
  const auto jid = reg.jid("jid");
  if (!expected || !jid || jid->user != found->second.phone ||
      as_text(content_of(reg, "link_code_pairing_ref")) != found->second.ref ||
      content_of(reg, "companion_identity_public") != to_bytes(registration->identity)) {
    world_.violation("link-code-finish", nullptr, "number, reference or identity are not those of a code",
                     &iq);
    return world_.write(connection, error_to(iq, 400, "bad-request"));
  }
  if (world_.faults.strike(FaultKind::code_finish_refused, nullptr)) {
    end(found->second, fail(Cause::not_allowed, "the service refused the companion's key bundle"));
    waiting_.erase(found);
    return world_.write(connection, error_to(iq, 500, "internal-server-error"));
  }
  // The service can't look into the bundle: it takes it, and the phone finds out.
  world_.write(connection, iq_result(iq));
  Waiting& waiting = found->second;
  const auto secret = open_bundle(waiting, registration->identity, reg);
  if (!secret) {
    if (secret.cause() == Cause::malformed)
      world_.violation("link-code-finish", nullptr, secret.error().detail, &iq);
    end(waiting, secret.cause() == Cause::bad_mac
                     ? fail(Cause::bad_mac, "code: is not the one that the companion shows")
                     : secret.error());
    if (++waiting.wrong >= kTries) waiting_.erase(found);
    return;
  }
  const std::string phone = waiting.phone;
  auto done = std::move(waiting.attempt->done);
  waiting_.erase(found);
  registrar_.vouch(connection, phone, *secret, std::move(done));
}

void LinkCodes::end(Waiting& waiting, Result<std::uint16_t> result) {
  if (!waiting.attempt) return;
  auto done = std::move(waiting.attempt->done);
  waiting.attempt.reset();
  if (done) done(std::move(result));
}

void LinkCodes::disconnected(ConnectionId connection) {
  auto gone = waiting_.extract(connection);
  if (!gone.empty()) end(gone.mapped(), fail(Cause::link_lost, "the companion shows that code no more"));
}

void LinkCodes::sweep() {
  for (auto each = waiting_.begin(); each != waiting_.end();) {
    Waiting& waiting = each->second;
    if (waiting.attempt && waiting.attempt->deadline <= world_.now.mono)
      end(waiting, fail(Cause::timed_out, "the companion said nothing in time"));
    each = waiting.until <= world_.now.mono && !waiting.attempt ? waiting_.erase(each) : std::next(each);
  }
}

std::optional<Millis> LinkCodes::next_wake() const {
  std::optional<Millis> next;
  for (const auto& [connection, waiting] : waiting_) {
    const Millis due = waiting.attempt ? waiting.attempt->deadline : waiting.until;
    if (!next || due < *next) next = due;
  }
  return next;
}

}  // namespace pigeond::sandbox
