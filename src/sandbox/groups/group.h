// A group, as the service keeps it. Its members are accounts; by which form of their addresses they go in it
// is the group's matter.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "sandbox/model.h"

namespace pigeond::sandbox {

// `owner` is the service's "superadmin": who made it.
enum class GroupRank { member, admin, owner };

// Somebody who wants to join where admins have to agree.
struct JoinRequest {
  std::int64_t time = 0;  // unix seconds
  std::string method;     // "invite_link"
};

struct Group {
  std::string id;  // user part of its JID
  Form addressing = Form::lid;
  std::string subject;
  std::int64_t subject_at = 0;  // unix seconds
  std::string subject_by;       // phone, as are the others
  std::string description, description_id, description_by;
  std::int64_t description_at = 0;
  std::int64_t created = 0;
  std::string creator;
  bool announce = false;       // only admins may write
  bool locked = false;         // only admins may change subject and description
  bool admins_add = false;     // only admins may add members
  bool approval = false;       // admins approve who joins by the link
  std::int64_t ephemeral = 0;  // seconds
  std::string invite_code;
  std::set<std::string> reset_codes;            // that were good once
  std::map<std::string, GroupRank> members;     // by phone
  std::set<std::string> removed;                // by an admin: the link is no way back for them
  std::set<std::string> gone;                   // by themselves: nobody adds them again
  std::map<std::string, JoinRequest> requests;  // by phone

  wire::Jid jid() const { return {id, wire::server::kGroup}; }
  bool has(const std::string& phone) const { return members.contains(phone); }
  bool is_admin(const std::string& phone) const {
    const auto found = members.find(phone);
    return found != members.end() && found->second != GroupRank::member;
  }
};

}  // namespace pigeond::sandbox
