// What is written in a group: encrypted once with this device's sender key, which each device that is to read
// it is handed in a copy of its own before.
//
//   <message id to=GROUP type phash addressing_mode="lid|pn">
//     <participants><to jid=DEVICE><enc v=2 type="msg|pkmsg" decrypt-fail="hide">
//                     SenderKeyDistributionMessage</enc></to>…</participants>
//     <enc v=2 type="skmsg" [mediatype]>…</enc> [<device-identity/>] [<reporting/>]
//   </message>
//
// Who holds the key is kept in rows (store/account/group_keys.h). A device gets it until a message that hands
// it out to it is acknowledged; the account's own others get it with each message, as the web client does it.
// The key is another one as soon as a device that may have it is none of the group's any more: whoever was
// removed, and whoever's companion was unlinked, can't read what follows. whatsapp-rust does the same;
// whatsmeow and Baileys keep the key.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/messages/desk.h"
#include "engine/messages/groups/roster.h"
#include "engine/messages/out/fan_out.h"
#include "store/account/group_keys.h"

namespace pigeond::engine {

class GroupSending {
 public:
  explicit GroupSending(Desk& desk);

  struct Plan {
    wire::Jid self;                   // this device, in the group's form
    std::string phash;                // over all devices
    std::vector<wire::Jid> own;       // get the key each time
    std::vector<wire::Jid> wanting;   // others that are to get it
    std::vector<wire::Jid> unlisted;  // users whose devices have to be asked for; then there is no plan yet
    std::vector<wire::Jid> unheld;    // of the own ones, those that are no holders yet
  };
  // Of a group that is known. Good until the next call. Nothing is read for a group of which nothing has
  // changed since the last one. May drop the key; see above.
  const Plan& plan(const GroupDirectory::Known& group);
  // Who is to get the key, and has no session with this device. Not again those that had none when they were
  // asked for minutes ago.
  std::vector<wire::Jid> without_session(const Plan& plan) const;
  void asked_in_vain(const std::vector<wire::Jid>& devices);  // those that still have none
  // The message that hands the key out, and is not acknowledged: until it is, who is wanting is not known. 0:
  // none.
  std::int64_t handing_out(const wire::Jid& group);

  // The stanza of the message `seq` of the outbox. Its devices hold the key from here on.
  Result<FannedOut> encrypt(std::int64_t seq, const std::string& id, const GroupDirectory::Known& group,
                            ByteView content);
  // That message, which hands out the key, has ended. handed_out: the service has it, as it is.
  void ended(const wire::Jid& group, std::int64_t seq, bool handed_out);

  // For a device of a member that could not read a message: its content with the key beside it, as whatsmeow
  // and Baileys answer. The device gets the key with the next message as well.
  Result<Bytes> with_key(const GroupDirectory::Known& group, const wire::Jid& device, ByteView content);
  void give_again(const wire::Jid& group, const wire::Jid& device);

  void renew(const wire::Jid& group);  // the next message is encrypted with another key
  void forget_cache();

 private:
  struct Kept {
    GroupDirectory::Known group;  // as it was
    std::uint64_t lists = 0, losses = 0;
    Plan plan;
  };
  Plan make(const Group& group);
  Result<Bytes> distribution(const wire::Jid& group, const wire::Jid& self);

  Desk& desk_;
  store::GroupKeys rows_;
  std::unordered_map<wire::Jid, Kept> plans_;
  std::unordered_map<wire::Jid, Millis> keyless_;  // devices, until when they are not asked for again (mono)
};

}  // namespace pigeond::engine
