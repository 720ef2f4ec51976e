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
#include <memory>
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
    std::vector<wire::Jid> unlisted;  // users whose devices have to be asked for; the rest is without them
    std::vector<wire::Jid> unheld;    // of the own ones, those that are no holders yet
  };
  // Of a group that is known. Good until the next call. Nothing is read for a group of which nothing has
  // changed since the last one: who is in it, under which address this device writes there, and of its
  // members and the account itself which devices they have and what these hold (UserChanges). What becomes
  // known of others, or of the group's subject, costs nothing. May drop the key; see above.
  const Plan& plan(const GroupDirectory::Known& group);
  // Who is to get the key, and has no session with this device. Not again those that had none when they were
  // asked for minutes ago.
  std::vector<wire::Jid> without_session(const Plan& plan) const;
  void asked_in_vain(const std::vector<wire::Jid>& devices);  // those that still have none
  // Whom the service left out of its answer about devices is not known to have none: whatsmeow and Baileys
  // keep the lists of those alone who are in it. So nothing is kept of them but that they are not asked
  // about again for minutes, which they would be with each message; until then the group is written to
  // without them. What they miss is mended as they ask for it.
  void left_out(const std::vector<wire::Jid>& users);  // those that still have no list
  // The message that hands the key out, and is not acknowledged: until it is, who is wanting is not known. 0:
  // none.
  std::int64_t handing_out(const wire::Jid& group);

  // The stanza of a message of the outbox. Its devices hold the key from here on, given in that message, or,
  // if they are to get it once more, in store::KeyHolder::kAgain.
  Result<FannedOut> encrypt(std::int64_t given_in, const std::string& id, const GroupDirectory::Known& group,
                            ByteView content);
  // That message, which hands out the key, has ended.
  void ended(const wire::Jid& group, std::int64_t seq, bool acknowledged);

  // For a device of a member that could not read a message: its content with the key beside it, as whatsmeow
  // and Baileys answer. The device gets the key with the next message as well.
  Result<Bytes> with_key(const GroupDirectory::Known& group, const wire::Jid& device, ByteView content);
  void give_again(const wire::Jid& group, const wire::Jid& device);

  void renew(const wire::Jid& group);  // the next message is encrypted with another key
  void forget_cache();
  std::uint64_t made() const { return made_; }  // plans so far, for who asks what a message has cost

 private:
  struct Kept {
    GroupDirectory::Known group;     // as it was
    std::vector<std::size_t> users;  // whom it is about: hashes of their names, in order
    Plan plan;
    Millis until = 0;  // somebody is to be asked about again (mono); 0: nobody
  };
  bool holds(Kept& kept, const GroupDirectory::Known& group) const;
  std::vector<std::size_t> users_of(const Group& group) const;
  void changed(const wire::Jid& user);
  void drop_plans_of(const wire::Jid& user);
  Millis spared_until(const wire::Jid& user) const;
  void make(const Group& group, Kept& kept);
  Result<Bytes> distribution(const wire::Jid& group, const wire::Jid& self);

  Desk& desk_;
  store::GroupKeys rows_;
  std::unordered_map<wire::Jid, Kept> plans_;
  std::unordered_map<wire::Jid, Millis> keyless_;   // devices, until when they are not asked for again (mono)
  std::unordered_map<wire::Jid, Millis> listless_;  // users, as those
  std::uint64_t made_ = 0;
  std::shared_ptr<const UserChanges::Heard> heard_;
};

}  // namespace pigeond::engine
