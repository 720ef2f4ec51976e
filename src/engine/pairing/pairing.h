// Linking a device by QR: refs from the server become codes on show, one after the other, until a phone scans
// one and the server brings the account's signed word for us (pair-success).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/context.h"
#include "engine/link/stanzas.h"
#include "wire/node.h"

namespace pigeond::engine {

// What the phone reads. `platform` is the companion platform id, "1" for Chrome.
std::string qr_text(const std::string& ref, const Key32& noise_public, const Key32& identity_public,
                    const Key32& adv_secret, std::string_view platform);

class Pairing {
 public:
  Pairing(Context& context, Stanzas& stanzas) : context_(context), stanzas_(stanzas) {}

  void restart() { sets_shown_ = 0; }  // a person asked for codes again

  // <iq><pair-device> with new refs: answered at once, and the first code shown. False: there was no usable
  // ref.
  bool pair_device(const wire::Node& iq);

  // <iq><pair-success>. linked: everything is stored, and the reply that confirms it is on its way. refused:
  // the error reply is, and nothing was stored; the link must go.
  enum class Outcome { linked, refused, ignored };
  Outcome pair_success(const wire::Node& iq);

  // <notification type="companion_reg_refresh">: a new ADV secret under the same ref; acknowledged here.
  bool refresh(const wire::Node& notification);

  // Takes the code off; what was shown long enough counts as one of the sets that a person had.
  void link_down();

  bool wake();             // true: the last code lapsed, the link is of no more use
  bool exhausted() const;  // enough sets were shown, and nobody scanned
  std::optional<Millis> next_wake() const;
  const std::optional<QrShown>& qr() const { return qr_; }

 private:
  void show();
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
};

}  // namespace pigeond::engine
