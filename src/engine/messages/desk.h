// What all parts of the message side work with: one for each account, owned by Chat.
#pragma once

#include <memory>

#include "engine/account/presence.h"
#include "engine/account/privacy.h"
#include "engine/account/watches.h"
#include "engine/context.h"
#include "engine/groups/group_directory.h"
#include "engine/history/history.h"
#include "engine/link/stanzas.h"
#include "engine/media/retries.h"
#include "engine/media/servers.h"
#include "engine/messages/identity/address_forms.h"
#include "engine/messages/identity/chat_timers.h"
#include "engine/messages/identity/ciphers.h"
#include "engine/messages/identity/device_directory.h"
#include "engine/messages/identity/dialled.h"
#include "engine/messages/identity/lid_directory.h"
#include "engine/messages/identity/lookups.h"
#include "engine/messages/identity/names.h"
#include "engine/messages/identity/user_changes.h"
#include "engine/messages/trust/privacy_tokens.h"
#include "store/messages/messages.h"
#include "store/messages/outbox.h"
#include "store/messages/receipts.h"
#include "store/messages/retries.h"

namespace pigeond::engine {

struct Desk {
  Desk(Context& engine_context, Stanzas& engine_stanzas)
      : context(engine_context),
        stanzas(engine_stanzas),
        lids(engine_context),
        dialled(engine_context, lids),
        forms(engine_context, lids),
        timers(engine_context, lids),
        devices(engine_context, lids, changes),
        ciphers(engine_context, lids, changes),
        messages(engine_context.database, engine_context.session),
        outbox(engine_context.database, engine_context.session),
        retries(engine_context.database, engine_context.session),
        tokens(*this),
        presence(engine_context, engine_stanzas),
        privacy(*this),
        groups(*this),
        watches(*this),
        names(engine_context, lids),
        receipts(engine_context.database),
        media_servers(*this),
        media_retries(*this),
        history(*this) {}

  // As Stanzas::query, but the callback is dropped when the desk is gone.
  void query(wire::Node iq, IqCallback callback) {
    stanzas.query(std::move(iq), [alive = std::weak_ptr<bool>(alive_),
                                  callback = std::move(callback)](Result<wire::Node> answer) {
      if (alive.lock()) callback(std::move(answer));
    });
  }

  Context& context;
  Stanzas& stanzas;
  LidDirectory lids;
  Dialled dialled;
  AddressForms forms;
  ChatTimers timers;
  UserChanges changes;
  DeviceDirectory devices;
  Ciphers ciphers;
  store::Messages messages;
  store::Outbox outbox;
  store::Retries retries;
  PrivacyTokens tokens;
  OwnPresence presence;
  Privacy privacy;
  GroupDirectory groups;
  Watches watches;
  Lookups lookups;
  Names names;
  store::Receipts receipts;
  MediaServers media_servers;
  MediaRetries media_retries;
  History history;

 private:
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

// Both forms of a user's JID without device; a group or broadcast in neither.
struct Forms {
  wire::Jid shown, pn, lid;
};
Forms forms_of(Desk& desk, const wire::Jid& jid);

// Of an event about a message: where it stands, and who says it.
template <typename Event>
void set_place(Desk& desk, Event& event, const wire::Jid& chat, const wire::Jid& sender) {
  const Forms in = forms_of(desk, chat), by = forms_of(desk, sender);
  event.chat = in.shown;
  event.chat_pn = in.pn;
  event.chat_lid = in.lid;
  event.sender = sender;
  event.sender_pn = by.pn;
  event.sender_lid = by.lid;
}

// What the service says of users, in answer to a usync query: their devices, and their other forms.
void learn_users(Desk& desk, const wire::Node& answer);

}  // namespace pigeond::engine
