// Linking a device: refs from the server become QRs on show, one after the other, until a phone scans one, or
// a person types a code (code_pairing.h), and the server brings the account's signed word for us
// (pair-success); of some accounts only after a person has signed with a passkey (passkey_pairing.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/context.h"
#include "engine/effects.h"
#include "engine/link/stanzas.h"
#include "engine/pairing/adv.h"
#include "engine/pairing/code_pairing.h"
#include "engine/pairing/passkey_pairing.h"
#include "wire/node.h"

namespace pigeond::engine {

// What the phone reads. `platform` is the companion platform id, "1" for Chrome.
std::string qr_text(const std::string& ref, const Key32& noise_public, const Key32& identity_public,
                    const Key32& adv_secret, std::string_view platform);

class Pairing {
 public:
  Pairing(Context& context, Stanzas& stanzas)
      : context_(context), stanzas_(stanzas), code_(context, stanzas), passkey_(context, stanzas) {}

  // --- what people ask for, while QRs are shown ---
  void restart() { sets_shown_ = 0; }  // a person asked for codes again
  // A code to be typed instead. It dies with its link, which the service closes after three minutes: on one
  // that is not fresh any more a new link is made first (wants_new_link). As CodePairing::request();
  // not_linked: no QR is shown.
  void request_code(const std::string& phone, Answered<LinkCode> answered);

  PasskeyPairing& passkey() { return passkey_; }

  // <iq><pair-device> with new refs: answered at once, and the first code shown. False: there was no usable
  // ref.
  bool pair_device(const wire::Node& iq);

  // <iq><pair-success>. linked: everything is stored, and the reply that confirms it is on its way. refused:
  // the error reply is, and nothing was stored; the link must go.
  enum class Outcome { linked, refused, ignored };
  Outcome pair_success(const wire::Node& iq);

  // A notification about linking: acknowledged here. False: it is about something else.
  bool notification(const wire::Node& notification);

  // Takes the code off; what was shown long enough counts as one of the sets that a person had.
  void link_down();

  bool wake();             // true: the last code lapsed, the link is of no more use
  bool exhausted() const;  // enough sets were shown, and nobody scanned
  bool wants_new_link() const { return (wanted_ || passkey_.wants_new_link()) && !refs_.empty(); }
  State state() const;                                           // while it is under way
  bool busy() const { return code_.live() || passkey_.live(); }  // a code or a passkey, with a person at it
  const std::string& asked() const { return passkey_.shown(); }  // StateChanged::asked
  // Why the last try linked nothing.
  const std::optional<Error>& trouble() const {
    return passkey_.trouble() ? passkey_.trouble() : code_.trouble();
  }
  std::optional<Millis> next_wake() const;
  const std::optional<QrShown>& qr() const { return qr_; }

 private:
  struct Wanted {  // a code, on the next link
    std::string phone;
    Answered<LinkCode> answered;
    Millis until = 0;  // mono
  };

  void show();
  void refresh(const wire::Node& notification);
  Result<DeviceIdentity> accept(ByteView container);
  void refuse(const wire::Node& iq, const Error& why);
  Status link_account(const wire::Node& iq, const wire::Node& success);
  void drop_others_messages(const std::string& pn, const std::string& lid);

  Context& context_;
  Stanzas& stanzas_;
  std::vector<std::string> refs_;
  std::size_t index_ = 0;
  int sets_shown_ = 0;
  Millis shown_since_ = 0;  // mono; of the set
  std::optional<QrShown> qr_;
  CodePairing code_;
  PasskeyPairing passkey_;
  std::optional<Wanted> wanted_;
};

}  // namespace pigeond::engine
