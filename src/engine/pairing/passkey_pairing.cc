#include "engine/pairing/passkey_pairing.h"

#include <utility>

#include "base/log.h"
#include "engine/pairing/companion.h"
#include "engine/pairing/link_code.h"
#include "engine/pairing/passkey_options.h"

namespace pigeond::engine {
namespace {

// The web client's: for a person to sign, and to compare.
constexpr Millis kPerson = 10 * kMinute;
constexpr Millis kPhone = 10 * kMinute;  // for the phone's answer, which its person may have to allow
constexpr Millis kPairSuccess = kMinute;
constexpr std::size_t kRefSize = 512;  // bytes

Error said(const Error& error) {
  if (error.cause != Cause::ack_error) return error;
  Error out = error;
  if (error.code >= 400 && error.code < 500) out.cause = Cause::not_allowed;
  out.detail =
      "WhatsApp does not take the passkey's signature" + (error.detail.empty() ? "" : ": " + error.detail);
  return out;
}

}  // namespace

PasskeyPairing::Step PasskeyPairing::step() const {
  if (stage_ >= Stage::comparing) return Step::comparison;
  // Options that are asked for anew leave the old ones on show.
  return stage_ == Stage::idle || options_.empty() ? Step::none : Step::assertion;
}

void PasskeyPairing::query(const char* type, wire::Node child, IqCallback callback) {
  wire::Node iq("iq");
  iq.set("to", wire::service()).set("type", type).set("xmlns", "md").add(std::move(child));
  stanzas_.query(std::move(iq), [this, turn = turn_, stage = stage_,
                                 callback = std::move(callback)](Result<wire::Node> answer) {
    if (turn == turn_ && stage == stage_) callback(std::move(answer));
  });
}

bool PasskeyPairing::notification(const wire::Node& notification) {
  const bool request = notification.is("type", "passkey_prologue_request");
  if (!request && !notification.is("type", "crsc_continuation")) return false;
  if (notification.jid("from") != wire::service()) {
    log::warning("news of a passkey that are not the service's", {{"session", context_.session_name}});
  } else if (!request) {
    continuation(notification);
  } else {
    const Answered<bool> waiting = std::move(answered_);
    reset();
    trouble_.reset();
    if (waiting) waiting(fail(Cause::cancelled, "WhatsApp asks for the passkey anew"));
    const wire::Node* options = notification.child("passkey_request_options");
    take_options(options == nullptr ? Bytes() : options->bytes());
  }
  return true;
}

// What can't be read, or is not there, is asked for (whatsmeow, whatsapp-rust).
void PasskeyPairing::take_options(ByteView json) {
  auto options = read_passkey_options(json);
  if (!options && stage_ == Stage::fetching) return end(options.error());
  if (!options) return fetch_options();
  options_ = std::move(*options);
  stage_ = Stage::wanted;
  until_ = context_.now.mono + kPerson;
  log::notice("a passkey is wanted", {{"session", context_.session_name}});
}

void PasskeyPairing::fetch_options() {
  stage_ = Stage::fetching;
  query("get", wire::Node("passkey_request_options"), [this](const Result<wire::Node>& answer) {
    if (!answer) return end(answer.error());
    const wire::Node* options = answer->child("passkey_request_options");
    take_options(options == nullptr ? Bytes() : options->bytes());
  });
}

void PasskeyPairing::prove(const PasskeyAssertion& assertion, Answered<bool> answered) {
  if (stage_ > Stage::wanted && stage_ < Stage::comparing)
    return answered(fail(Cause::already_exists, "a signature is being looked at"));
  if (stage_ != Stage::wanted) return answered(fail(Cause::not_linked, "no passkey is wanted now"));
  assertion_ = assertion;
  answered_ = std::move(answered);
  stage_ = Stage::proving;
  query("get", wire::Node("ref"), [this](const Result<wire::Node>& answer) {
    answer ? send_prologue(*answer) : refused(answer.error());
  });
}

// No proof of an earlier link goes with it: a device that was not linked has none to give, and the code would
// not be compared then (whatsapp-rust's src/passkey/flow.rs).
void PasskeyPairing::send_prologue(const wire::Node& answer) {
  const wire::Node* ref = answer.child("ref");
  offer_ = {};
  offer_.ref = ref == nullptr ? std::string() : ref->text();
  if (offer_.ref.empty() || offer_.ref.size() > kRefSize)
    return refused(fail(Cause::malformed, "the service's answer has no reference"));
  offer_.ephemeral = crypto::generate_key_pair(context_.random);
  offer_.nonce = context_.random.array<32>();
  offer_.device_type = kCompanionDevice;
  wire::Node prologue("passkey_prologue");
  prologue.add(wire::Node("credential_id").body(assertion_.credential_id))
      .add(wire::Node("webauthn_assertion").body(as_bytes(assertion_json(assertion_))))
      .add(wire::Node("prologue_payload").body(passkey_prologue(offer_)));
  query("set", std::move(prologue), [this](const Result<wire::Node>& taken) {
    if (!taken) return refused(taken.error());
    stage_ = Stage::waiting;
    until_ = context_.now.mono + kPhone;
    assertion_ = {};
    if (answered_) std::exchange(answered_, {})(true);
  });
}

// A challenge is good for one signature.
void PasskeyPairing::refused(const Error& why) {
  const Answered<bool> answered = std::exchange(answered_, {});
  assertion_ = {};
  log::notice("a passkey's signature was refused", {{"session", context_.session_name},
                                                    {"cause", std::string(cause_name(why.cause))},
                                                    {"code", std::to_string(why.code)}});
  fetch_options();
  if (answered) answered(said(why));
}

void PasskeyPairing::continuation(const wire::Node& notification) {
  if (stage_ != Stage::waiting) {
    log::info("news of a passkey that nobody waits for", {{"session", context_.session_name}});
    return;
  }
  const wire::Node* identity = notification.child("primary_ephemeral_identity");
  const auto primary = read_primary_ephemeral(identity == nullptr ? Bytes() : identity->bytes());
  if (!primary) return end(primary.error());
  const auto key = passkey_key(offer_, *primary);
  if (!key) return end(key.error());
  key_ = *key;
  code_ = grouped(comparison_code(offer_, *primary));
  stage_ = Stage::revealing;
  query("set", wire::Node("companion_nonce").body(ByteView(offer_.nonce)),
        [this](const Result<wire::Node>& answer) {
          if (!answer) return end(answer.error());
          stage_ = Stage::comparing;
          until_ = context_.now.mono + kPerson;
        });
}

void PasskeyPairing::confirm(Answered<bool> answered) {
  if (stage_ > Stage::comparing)
    return answered(fail(Cause::already_exists, "the code was confirmed before"));
  if (stage_ != Stage::comparing) return answered(fail(Cause::not_linked, "there is no code to confirm"));
  answered_ = std::move(answered);
  adv_secret_ = context_.random.array<32>();
  stage_ = Stage::sealing;
  const auto& credentials = context_.credentials;
  const Bytes request = seal_pairing_request(key_, credentials.noise.pub, credentials.identity.pub,
                                             *adv_secret_, context_.random);
  query("set", wire::Node("encrypted_pairing_request").body(request),
        [this](const Result<wire::Node>& answer) {
          if (!answer) return end(answer.error());
          stage_ = Stage::finishing;
          until_ = context_.now.mono + kPairSuccess;
          if (answered_) std::exchange(answered_, {})(true);
        });
}

void PasskeyPairing::end(const Error& why) {
  if (stage_ == Stage::idle) return;
  const Answered<bool> answered = std::exchange(answered_, {});
  reset();
  wants_new_link_ = true;
  trouble_ = why;
  log::notice("the passkey linked nothing", {{"session", context_.session_name},
                                             {"cause", std::string(cause_name(why.cause))},
                                             {"code", std::to_string(why.code)},
                                             {"detail", why.detail}});
  if (answered) answered(why);
}

void PasskeyPairing::reset() {
  stage_ = Stage::idle;
  ++turn_;
  options_.clear();
  code_.clear();
  assertion_ = {};
  offer_ = {};
  key_ = {};
  answered_ = {};
  adv_secret_.reset();
}

void PasskeyPairing::link_down() {
  end(fail(Cause::link_lost, "the link was lost in the middle: scan the QR again"));
  wants_new_link_ = false;
}

void PasskeyPairing::wake() {
  const bool timed = stage_ == Stage::wanted || stage_ == Stage::waiting || stage_ == Stage::comparing ||
                     stage_ == Stage::finishing;
  if (!timed || context_.now.mono < until_) return;
  if (stage_ == Stage::wanted) return end(fail(Cause::expired, "nobody signed with the passkey in time"));
  if (stage_ == Stage::comparing) return end(fail(Cause::expired, "nobody confirmed the code in time"));
  end(fail(Cause::timed_out, "the phone said nothing in time"));
}

std::optional<Millis> PasskeyPairing::next_wake() const {
  const bool timed = stage_ == Stage::wanted || stage_ == Stage::waiting || stage_ == Stage::comparing ||
                     stage_ == Stage::finishing;
  return timed ? std::optional(until_) : std::nullopt;
}

}  // namespace pigeond::engine
