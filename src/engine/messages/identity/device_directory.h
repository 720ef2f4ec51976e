// Which devices a user has, from usync answers and notifications; kept in the database until told otherwise.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/context.h"
#include "engine/messages/identity/lid_directory.h"
#include "engine/messages/identity/user_changes.h"
#include "store/account/device_lists.h"
#include "wire/node.h"

namespace pigeond::engine {

// One <user> of a usync answer.
struct UsyncUser {
  wire::Jid jid;        // as answered; without device
  wire::Jid pn, lid;    // forms told beside it; empty if not
  std::string contact;  // "in", "out", or empty: not asked
  std::string query;    // the number that was asked about, as sent ("+4917...")
  std::optional<store::DeviceList> devices;
};

std::vector<UsyncUser> parse_usync(const wire::Node& answer);

// <iq xmlns=usync type=get>; sid is any text unique for the query. Users by JID, and by "+digits".
wire::Node usync_query(const std::string& sid, const std::string& context,
                       const std::vector<std::string>& protocols, const std::vector<wire::Jid>& users,
                       const std::vector<std::string>& numbers = {});

class DeviceDirectory {
 public:
  // Tells of whose list has changed, or is not known any more.
  DeviceDirectory(Context& context, LidDirectory& lids, const UserChanges& changes);

  // Device JIDs in the form of `user`; nullopt: not known. Hosted devices get the hosted form of the server.
  std::optional<std::vector<wire::Jid>> devices(const wire::Jid& user);
  // Stores mapping and devices of an answer. True, which is told once: the account was registered anew, and
  // its sessions and identities are to be forgotten (Ciphers::forget_user).
  [[nodiscard]] bool learn(const UsyncUser& user);
  bool set(const wire::Jid& user, store::DeviceList list);
  void drop(const wire::Jid& user);
  // <notification type=devices>'s <add>, <remove> or <update>; drops the list when the hash afterwards is
  // another one.
  void apply(const wire::Jid& user, const wire::Node& change);
  void forget_cache();

 private:
  const store::DeviceList* find(const wire::Jid& user);

  Context& context_;
  LidDirectory& lids_;
  const UserChanges& changes_;
  store::DeviceLists rows_;
  std::unordered_map<std::string, store::DeviceList> cache_;
};

// <device-list> and <key-index-list> as siblings under `parent`.
std::optional<store::DeviceList> parse_device_list(const wire::Node& parent);

}  // namespace pigeond::engine
