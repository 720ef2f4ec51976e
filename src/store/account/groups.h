// Rows of `group_chat` and `group_member`: what is known of groups, and who is in them. Members are read and
// written all at once; a write changes only the rows that differ.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "store/database/database.h"
#include "wire/jid.h"

namespace pigeond::store {

// By which form of their addresses a group's members are known in it. The numbers are stored.
enum class Addressing { pn = 1, lid = 2 };

// What somebody may do in a group; the numbers are stored. `owner` is the service's "superadmin".
enum class Rank { member = 0, admin = 1, owner = 2 };

struct GroupMember {
  wire::Jid jid;    // without device, in the group's own form
  wire::Jid other;  // in the other form; empty: not known
  Rank rank = Rank::member;
  bool operator==(const GroupMember&) const = default;
};

// Of times, 0 means that it was not told; of JIDs and texts, empty.
struct GroupRow {
  wire::Jid jid;
  Addressing addressing = Addressing::pn;
  std::string subject;
  std::int64_t subject_at = 0;  // unix seconds
  wire::Jid subject_by;         // user
  std::string description;
  std::string description_id;  // which whoever changes the description has to name
  std::int64_t description_at = 0;
  wire::Jid description_by;
  std::int64_t created = 0;
  wire::Jid creator;
  bool announce = false;       // only admins may write
  bool locked = false;         // only admins may change subject, description and picture
  bool admins_add = false;     // only admins may add members
  bool approval = false;       // admins approve who joins by a link
  std::int64_t ephemeral = 0;  // seconds after which messages vanish; 0: they stay
  bool community = false;      // it holds other groups
  bool default_part = false;   // the announcements of its community
  wire::Jid parent;            // the community that it is part of
  bool present = true;         // the account is a member
  bool stale = false;          // to be read again before anything is sent by it
  Millis read_at = 0;          // wall, when it was last read whole; 0: never
  bool operator==(const GroupRow&) const = default;
};

class Groups {
 public:
  Groups(Database& database, std::int64_t session) : database_(database), session_(session) {}

  std::optional<GroupRow> find(const wire::Jid& group);
  void save(const GroupRow& row);                            // also of one that is not there yet
  std::vector<GroupMember> members(const wire::Jid& group);  // by address
  // These are all. Nothing where the group has no row.
  void set_members(const wire::Jid& group, const std::vector<GroupMember>& members);
  void put_members(const wire::Jid& group, const std::vector<GroupMember>& members);  // beside the others
  void remove_members(const wire::Jid& group, const std::vector<wire::Jid>& members);
  // Something may have been missed: all are read again before they are used.
  void all_stale();
  // In which the account is, by JID.
  std::vector<GroupRow> present();
  std::int64_t count();

 private:
  std::optional<std::int64_t> row_of(const wire::Jid& group);

  Database& database_;
  std::int64_t session_;
};

}  // namespace pigeond::store
