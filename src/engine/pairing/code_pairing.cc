#include "engine/pairing/code_pairing.h"

#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "engine/pairing/companion.h"
#include "engine/pairing/link_code.h"

namespace pigeond::engine {
namespace {

constexpr Millis kLife = 3 * kMinute;  // of a code, from before it is asked for, as the web client counts
constexpr int kTries = 3;              // the web client's
constexpr Millis kPairSuccess = kMinute;
constexpr std::size_t kRefSize = 512;  // bytes
constexpr std::size_t kSalt = 32;      // bytes
constexpr unsigned kPortion = 4096;    // rounds: some milliseconds

wire::Node request_of(const std::string& phone, const char* stage) {
  return wire::Node("link_code_companion_reg").set("jid", wire::pn(phone)).set("stage", stage);
}

wire::Node iq_with(wire::Node reg) {
  wire::Node iq("iq");
  return iq.set("to", wire::service()).set("type", "set").set("xmlns", "md").add(std::move(reg));
}

wire::Node content(const char* tag, ByteView bytes) {
  return wire::Node(tag).body(bytes);
}

Bytes content_of(const wire::Node& reg, std::string_view tag) {
  const wire::Node* node = reg.child(tag);
  return node == nullptr ? Bytes() : node->bytes();
}

// The service says 400 as well to whom it throttles (whatsapp-rust's src/pair_code.rs); what else it could
// find wrong with our request is the number alone.
Error refused(Error error) {
  if (error.cause != Cause::ack_error || (error.code != 400 && error.code != 429)) return error;
  error.cause = Cause::rate_limited;
  error.detail = "WhatsApp makes no code for this number now: too many were asked for, or it is nobody's";
  return error;
}

}  // namespace

Status CodePairing::check_phone(const std::string& phone) {
  if (!is_digits(phone) || phone.size() < 7 || phone.size() > 15 || phone.front() == '0')
    return fail(Cause::bad_input, Field::phone_number,
                "must be a number with the country's code, 7 to 15 digits, the first of which is no 0");
  return {};
}

void CodePairing::request(const std::string& phone, Answered<LinkCode> answered) {
  end(fail(Cause::cancelled, "another code was asked for"));
  trouble_.reset();
  phone_ = phone;
  answered_ = std::move(answered);
  letters_ = code_letters(context_.random.array<5>());
  ephemeral_ = crypto::generate_key_pair(context_.random);
  salt_ = context_.random.bytes(kSalt);
  tries_ = 0;
  expires_ = context_.now.mono + kLife;
  stage_ = Stage::stretching;
  stretching_ = stretched(letters_, salt_);
}

void CodePairing::say_hello() {
  const Bytes wrapped = wrap_key(stretching_->key(), salt_, ephemeral_.pub, context_.random);
  stretching_.reset();
  stage_ = Stage::asking;
  wire::Node reg = request_of(phone_, "companion_hello");
  reg.set("should_show_push_notification", "true")
      .add(content("link_code_pairing_wrapped_companion_ephemeral_pub", wrapped))
      .add(content("companion_server_auth_key_pub", context_.credentials.noise.pub))
      .add(content("companion_platform_id", as_bytes(kCompanionPlatform)))
      .add(content("companion_platform_display", as_bytes(kCompanionDisplay)))
      .add(content("link_code_pairing_nonce", Bytes{0}));
  stanzas_.query(iq_with(std::move(reg)), [this, turn = turn_](const Result<wire::Node>& answer) {
    if (turn == turn_ && stage_ == Stage::asking) told(answer);
  });
}

void CodePairing::told(const Result<wire::Node>& answer) {
  if (!answer) return end(refused(answer.error()));
  const wire::Node* ref = answer->path({"link_code_companion_reg", "link_code_pairing_ref"});
  ref_ = ref == nullptr ? std::string() : ref->text();
  if (ref_.empty() || ref_.size() > kRefSize)
    return end(fail(Cause::malformed, "the answer to a request for a code has no reference"));
  stage_ = Stage::shown;
  log::info("code made", {{"session", context_.session_name}});
  if (answered_) std::exchange(answered_, {})(LinkCode{grouped(letters_), expires_ - context_.now.mono});
}

bool CodePairing::notification(const wire::Node& notification) {
  if (!notification.is("type", "link_code_companion_reg")) return false;
  const wire::Node* reg = notification.child("link_code_companion_reg");
  const bool ours = reg != nullptr && notification.jid("from") == wire::service() && !ref_.empty() &&
                    as_text(content_of(*reg, "link_code_pairing_ref")) == ref_;
  if (!ours || stage_ < Stage::shown) {
    log::info("news of a code that is not shown", {{"session", context_.session_name}});
  } else if (reg->is("stage", "primary_hello")) {
    primary_hello(*reg);
  } else if (reg->is("stage", "refresh_code")) {
    end(fail(Cause::expired, "WhatsApp wants another code to be shown: ask for one"));
  }
  return true;
}

// The same code may be answered again: the phone's person has tried once more, or the phone itself.
void CodePairing::primary_hello(const wire::Node& reg) {
  const Bytes wrapped = content_of(reg, "link_code_pairing_wrapped_primary_ephemeral_pub");
  const Bytes identity = content_of(reg, "primary_identity_pub");
  // An account that demands a passkey sends no key, and goes on with that (whatsmeow #1188).
  if (wrapped.size() != kWrappedKey || identity.size() != sizeof(Key32)) return;
  if (context_.now.mono >= expires_ || ++tries_ > kTries)
    return end(fail(Cause::expired, "the code was typed too late or too often: ask for another"));
  log::info("code typed", {{"session", context_.session_name}, {"try", std::to_string(tries_)}});
  primary_wrapped_ = wrapped;
  primary_identity_ = identity;
  stage_ = Stage::deriving;
  stretching_ = stretched(letters_, primary_wrapped_);
  deadline_ = context_.now.mono + kPairSuccess;
}

void CodePairing::finish() {
  const Key32 primary_ephemeral = unwrap_key(stretching_->key(), primary_wrapped_);
  stretching_.reset();
  const auto bundle = seal_key_bundle(ephemeral_, primary_ephemeral, context_.credentials.identity,
                                      primary_identity_, context_.random);
  if (!bundle) return end(bundle.error());
  adv_secret_ = bundle->adv_secret;
  stage_ = Stage::finishing;
  wire::Node reg = request_of(phone_, "companion_finish");
  reg.add(content("link_code_pairing_wrapped_key_bundle", bundle->wrapped))
      .add(content("companion_identity_public", context_.credentials.identity.pub))
      .add(content("link_code_pairing_ref", as_bytes(ref_)));
  stanzas_.query(iq_with(std::move(reg)), [this, turn = turn_](const Result<wire::Node>& answer) {
    // Silence proves nothing: pair-success may come all the same.
    if (turn != turn_ || answer || answer.cause() != Cause::ack_error) return;
    end(Error(answer.error()));
  });
}

void CodePairing::end(std::optional<Error> why) {
  if (stage_ == Stage::idle) return;
  stage_ = Stage::idle;
  ++turn_;
  stretching_.reset();
  letters_.clear();
  ref_.clear();
  ephemeral_ = {};
  adv_secret_.reset();
  const Error error = why.value_or(fail(Cause::cancelled, "the code is not needed any more"));
  if (answered_) return std::exchange(answered_, {})(error);  // who asked hears it, nobody else
  if (!why) return;
  trouble_ = why;
  log::notice("the code linked nothing", {{"session", context_.session_name},
                                          {"cause", std::string(cause_name(error.cause))},
                                          {"code", std::to_string(error.code)},
                                          {"detail", error.detail}});
}

void CodePairing::link_down() {
  end(fail(Cause::link_lost, "the code went with the link that it was made on: ask for another"));
}

void CodePairing::wake() {
  if (stretching_ && stretching_->advance(kPortion)) stage_ == Stage::stretching ? say_hello() : finish();
  if (stage_ == Stage::shown && context_.now.mono >= expires_)
    return end(fail(Cause::expired, "nobody typed the code in time"));
  if (stage_ == Stage::finishing && context_.now.mono >= deadline_)
    end(fail(Cause::timed_out, "the phone did not take the code: was it typed as it was shown?"));
}

std::optional<Millis> CodePairing::next_wake() const {
  if (stretching_) return context_.now.mono;
  if (stage_ == Stage::shown) return expires_;
  if (stage_ == Stage::finishing) return deadline_;
  return std::nullopt;
}

}  // namespace pigeond::engine
