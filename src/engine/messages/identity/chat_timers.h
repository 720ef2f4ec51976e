// Chats whose messages disappear: each message that is sent there says after what time, or the recipient's
// phone shows that it will stay. The timer is the chat's; it is learnt from whatever names it, the newest
// setting counts:
//
//   contextInfo{25 expiration, 26 ephemeralSettingTimestamp}   of a message, of others or our own
//   protocolMessage{2 type = 3, 4 ephemeralExpiration, 5 ephemeralSettingTimestamp}   it is set, or ended (0)
//   Conversation{9 ephemeralExpiration, 10 ephemeralSettingTimestamp}   in the history
//
// A message without an expiration ends nothing: clients that know of no timers send such. Of a group its
// metadata says it, and nothing here does (out/timer_of_chat.h).
#pragma once

#include <cstdint>

#include "engine/context.h"
#include "engine/messages/identity/lid_directory.h"
#include "engine/messages/kinds/content.h"
#include "store/account/chat_timers.h"

namespace pigeond::engine {

class ChatTimers {
 public:
  ChatTimers(Context& context, LidDirectory& lids) : lids_(lids), rows_(context.database, context.session) {}

  Timer of(const wire::Jid& chat);  // of no seconds: there is none
  // It was set, or ended, at timer.set, or at `heard` (unix seconds), where that isn't told.
  void set(const wire::Jid& chat, const Timer& timer, std::int64_t heard);
  // A message of `heard` names it. What is known as newer stays.
  void seen(const wire::Jid& chat, const Timer& timer, std::int64_t heard);

 private:
  struct Found {
    std::string key;  // of the row: it may be kept by a form of address that is not the chat's now
    store::ChatTimer timer;
  };
  Found find(const wire::Jid& chat);

  LidDirectory& lids_;
  store::ChatTimers rows_;
};

}  // namespace pigeond::engine
