// Linking by a code: a person types it into the phone instead of scanning the QR that is shown beside it.
//
//   request -> companion_hello, answered -> the code is told -> primary_hello -> companion_finish ->
//   pair-success
//
// A code lives for three minutes on one link, and takes three tries. Keys are stretched in portions, one a
// wake(). The ADV secret that comes of it is kept here: it takes the place of the stored one only with a
// pair-success that proves it, so that the QR stays good whatever becomes of the code.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "crypto/pbkdf2.h"
#include "engine/context.h"
#include "engine/link/stanzas.h"
#include "engine/questions/question.h"
#include "wire/node.h"

namespace pigeond::engine {

struct LinkCode {
  std::string text;       // "ABCD-EFGH"
  Millis expires_in = 0;  // ms
};

class CodePairing {
 public:
  CodePairing(Context& context, Stanzas& stanzas) : context_(context), stanzas_(stanzas) {}
  CodePairing(const CodePairing&) = delete;
  CodePairing& operator=(const CodePairing&) = delete;

  // On a link that shows QRs. Takes the place of the code before, which is worth nothing from now on: who
  // waits for it is told `cancelled`. rate_limited: the service makes none for this number now; code and,
  // where it says so, the time to wait are its own. `phone`: digits, as check_phone() takes them.
  void request(const std::string& phone, Answered<LinkCode> answered);
  static Status check_phone(const std::string& phone);  // bad_input

  // <notification type="link_code_companion_reg">, which is acknowledged by whoever asks this. False: it is
  // another.
  bool notification(const wire::Node& notification);
  void linked() { end(std::nullopt); }
  void link_down();
  void wake();
  std::optional<Millis> next_wake() const;  // mono

  bool live() const { return stage_ != Stage::idle; }  // the link must stay
  // Under which the account's word for us may come; nullopt: the phone has not been answered.
  const std::optional<Key32>& adv_secret() const { return adv_secret_; }
  // Why the last code linked nothing, as far as it is known; gone with the next one.
  const std::optional<Error>& trouble() const { return trouble_; }

 private:
  enum class Stage {
    idle,
    stretching,  // the code's key for companion_hello
    asking,      // companion_hello is on its way
    shown,       // to be typed
    deriving,    // the code's key for what the phone sent
    finishing,   // companion_finish was sent; pair-success follows, or another primary_hello
  };

  void say_hello();
  void told(const Result<wire::Node>& answer);
  void primary_hello(const wire::Node& reg);
  void finish();
  void end(std::optional<Error> why);

  Context& context_;
  Stanzas& stanzas_;
  Stage stage_ = Stage::idle;
  std::uint64_t turn_ = 0;  // of the code: answers to what was asked for another are no news
  std::string phone_, letters_, ref_;
  crypto::KeyPair ephemeral_;
  Bytes salt_;  // of our wrapped key
  std::optional<crypto::Pbkdf2> stretching_;
  Bytes primary_wrapped_, primary_identity_;
  int tries_ = 0;
  Millis expires_ = 0;   // mono; of the code
  Millis deadline_ = 0;  // mono; of pair-success, while finishing
  Answered<LinkCode> answered_;
  std::optional<Key32> adv_secret_;
  std::optional<Error> trouble_;
};

}  // namespace pigeond::engine
