// Whether this device says that somebody sits at it. It doesn't, unless a program asks for it: while a
// companion is available the phone shows no notifications, and its delivery receipts show two ticks at once,
// day and night (whatsmeow's SendPresence and SetForceActiveDeliveryReceipts; Baileys' markOnlineOnConnect).
// It is said once for each change, and is the link's matter: the service takes a device whose link ends for
// unavailable, and the next link does not say it again.
#pragma once

#include "engine/context.h"
#include "engine/link/stanzas.h"

namespace pigeond::engine {

class OwnPresence {
 public:
  OwnPresence(Context& context, Stanzas& stanzas) : context_(context), stanzas_(stanzas) {}

  bool available() const { return available_; }
  // link_lost: nobody is logged in, and what is sent would be dropped: somebody would be told that others see
  // what they do not.
  Status reachable() const;
  // link_lost; or not_linked: the account's name is not known yet, and without it others would see none
  // (whatsmeow's ErrNoPushName).
  Status choose(bool available);
  void online() { online_ = true, available_ = false; }
  void offline() { online_ = available_ = false; }

 private:
  Context& context_;
  Stanzas& stanzas_;
  bool online_ = false;
  bool available_ = false;  // as the service was told on this link
};

}  // namespace pigeond::engine
