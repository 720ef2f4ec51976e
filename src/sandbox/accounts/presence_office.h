// Who is shown as online, and who writes.
//
//   <presence type="available|unavailable" [name]/>     a device says whether somebody sits at it
//   <presence type="subscribe" to="USER">[<tctoken>]    and whom it wants to see, for its connection
//   <chatstate to="USER"><composing [media="audio"]/>|<paused/></chatstate>
//
// What comes of it is told only to devices that are available themselves (whatsmeow's SubscribePresence), at
// once when they subscribe, and never to whom its owner has blocked, or where he hides it. Nothing of it is
// kept.
#pragma once

#include <string>

#include "sandbox/messages/token_office.h"
#include "sandbox/world.h"

namespace pigeond::sandbox {

class PresenceOffice {
 public:
  PresenceOffice(World& world, TokenOffice& tokens) : world_(world), tokens_(tokens) {}

  void presence(const DeviceRef& from, const wire::Node& stanza);
  void chatstate(const DeviceRef& from, const wire::Node& stanza);
  void disconnected(const DeviceRef& who);
  // As by the account's phone.
  void show(Account& account, bool available);
  void write(const Account& account, const Account& to, wire::Node state);

 private:
  void subscribe(const DeviceRef& from, const wire::Node& stanza);
  void set_available(Account& account, Device& device, bool available);
  void tell(const DeviceRef& watcher, const Account& account) const;
  void deliver(const Account& account, Form form, const Account& to, const wire::Node& state) const;

  World& world_;
  TokenOffice& tokens_;
};

}  // namespace pigeond::sandbox
