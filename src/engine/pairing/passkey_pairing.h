// What an account that demands a passkey wants between the scan of the QR, or the code, and the word for us:
// a signature that only a person's authenticator can make, and a code that the person compares with the
// phone's.
//
//   passkey_prologue_request -> options -> (a person signs) -> passkey_prologue -> crsc_continuation ->
//   companion_nonce
//   -> code -> (a person compares) -> encrypted_pairing_request -> pair-success
//
// The new ADV secret is kept here, and takes the place of the stored one only with the pair-success that
// proves it. Whatever ends an attempt wants a new link: its QRs are good as before.
#pragma once

#include <optional>
#include <string>

#include "engine/context.h"
#include "engine/link/stanzas.h"
#include "engine/pairing/passkey_exchange.h"
#include "engine/questions/question.h"
#include "wire/node.h"

namespace pigeond::engine {

class PasskeyPairing {
 public:
  enum class Step { none, assertion, comparison };  // what is wanted of a person

  PasskeyPairing(Context& context, Stanzas& stanzas) : context_(context), stanzas_(stanzas) {}
  PasskeyPairing(const PasskeyPairing&) = delete;
  PasskeyPairing& operator=(const PasskeyPairing&) = delete;

  // What a person's authenticator has signed: answered when the service has taken it. not_linked: none is
  // wanted; already_exists: one is being looked at; the service's refusals, after which other options are
  // asked for.
  void prove(const PasskeyAssertion& assertion, Answered<bool> answered);
  // The person has found the same code on the phone: answered when the service has the keys. not_linked:
  // there is none.
  void confirm(Answered<bool> answered);

  Step step() const;
  // Of `assertion` the options as JSON (passkey_options.h), of `comparison` the code.
  const std::string& shown() const { return step() == Step::comparison ? code_ : options_; }

  // Of the two types that belong here; acknowledged by whoever asks this. False: it is another.
  bool notification(const wire::Node& notification);
  void linked() { reset(); }
  void link_down();
  void wake();
  std::optional<Millis> next_wake() const;  // mono

  bool live() const { return stage_ != Stage::idle; }
  bool wants_new_link() const { return wants_new_link_; }
  const std::optional<Key32>& adv_secret() const { return adv_secret_; }
  const std::optional<Error>& trouble() const { return trouble_; }  // why the last attempt ended
  void forget_trouble() { trouble_.reset(); }

 private:
  enum class Stage {
    idle,
    fetching,   // options that the notification did not have
    wanted,     // a person's signature
    proving,    // the service looks at it
    waiting,    // for the phone's key
    revealing,  // our nonce is on its way
    comparing,  // a person compares the code
    sealing,    // our keys are on their way
    finishing,  // pair-success follows
  };

  void fetch_options();
  void take_options(ByteView json);
  void send_prologue(const wire::Node& answer);
  void continuation(const wire::Node& notification);
  // Sets the handler's answer aside where the attempt is another by then.
  void query(const char* type, wire::Node child, IqCallback callback);
  void refused(const Error& why);
  void end(const Error& why);
  void reset();

  Context& context_;
  Stanzas& stanzas_;
  Stage stage_ = Stage::idle;
  std::uint64_t turn_ = 0;  // of the attempt
  Millis until_ = 0;        // mono; of the stage
  std::string options_, code_;
  PasskeyAssertion assertion_;
  PasskeyOffer offer_;
  Key32 key_{};
  Answered<bool> answered_;
  std::optional<Key32> adv_secret_;
  std::optional<Error> trouble_;
  bool wants_new_link_ = false;
};

}  // namespace pigeond::engine
