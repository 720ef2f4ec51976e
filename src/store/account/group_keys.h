// Rows of `group_key` and `group_key_holder`: the sender keys with which this device writes in groups, and
// which devices may have them. The keys themselves are in `sender_key`.
//
// A device is a holder from the moment in which the key is on its way to it, since nobody can tell later
// whether it arrived; whether it is to get the key once more is another question.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/database/database.h"
#include "wire/jid.h"

namespace pigeond::store {

struct KeyHolder {
  std::string user;  // the user's part of its address, in the group's form
  std::uint16_t device = 0;
  // The message of the outbox that hands the key out to it, and is not acknowledged; 0: it has the key;
  // kAgain: it is to get the key again.
  std::int64_t given_in = 0;

  static constexpr std::int64_t kAgain = -1;
};

class GroupKeys {
 public:
  GroupKeys(Database& database, std::int64_t session) : database_(database), session_(session) {}

  // The form that the group's addresses had when its key was made, true: LID; nullopt: there is no key.
  std::optional<bool> by_lid(const wire::Jid& group);
  void begin(const wire::Jid& group, bool by_lid);  // a key that nobody has
  void forget(const wire::Jid& group);              // the key, with its holders
  std::vector<KeyHolder> holders(const wire::Jid& group);
  // The message `seq` hands it out to these devices, of whom only the user's part and the number count.
  void give(const wire::Jid& group, const std::vector<wire::Jid>& devices, std::int64_t seq);
  void arrived(const wire::Jid& group, std::int64_t seq);  // the service has that message
  void failed(const wire::Jid& group, std::int64_t seq);   // it has ended without
  // This device can't use what it has.
  void give_again(const wire::Jid& group, const wire::Jid& device);
  // Nor can any device of this user that holds it.
  void give_again_to(const wire::Jid& group, const wire::Jid& user);
  // Nor can any device of this user, in any group.
  void give_again(const wire::Jid& user);

 private:
  void set_given(const wire::Jid& group, std::int64_t from, std::int64_t to);

  Database& database_;
  std::int64_t session_;
};

}  // namespace pigeond::store
