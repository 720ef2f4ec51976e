#include "store/account/groups.h"

#include <gtest/gtest.h>

#include "store/erasing.h"
#include "store/sessions.h"

namespace pigeond::store {
namespace {

const wire::Jid kGroup{"120363000000000001", wire::server::kGroup};

class GroupRows : public testing::Test {
 protected:
  std::unique_ptr<Database> database = std::move(Database::open(":memory:").value());
  SessionTable sessions{*database};
  std::int64_t one = sessions.create({0, "one", "{}", true, 1});
  std::int64_t two = sessions.create({0, "two", "{}", true, 1});
  Groups groups{*database, one};

  static GroupRow some_group() {
    GroupRow row;
    row.jid = kGroup;
    row.addressing = Addressing::lid;
    row.subject = "Choir";
    row.subject_at = 1700000000;
    row.subject_by = wire::lid("1");
    row.description = "Tuesdays";
    row.description_id = "ABC";
    row.description_at = 1700000001;
    row.description_by = wire::lid("2");
    row.created = 1600000000;
    row.creator = wire::lid("1");
    row.announce = row.admins_add = row.default_part = row.stale = true;
    row.ephemeral = 86400;
    row.parent = {"120363000000000002", wire::server::kGroup};
    row.read_at = 1700000000123;
    return row;
  }

  static std::vector<GroupMember> people(int count) {
    std::vector<GroupMember> out;
    for (int i = 0; i < count; ++i) {
      const std::string number = std::to_string(100000 + i);
      out.push_back({wire::lid(number), i % 2 == 0 ? wire::pn("49" + number) : wire::Jid{},
                     i == 0 ? Rank::owner : Rank::member});
    }
    return out;
  }
};

TEST_F(GroupRows, AGroupIsReadAsItWasSaved) {
  EXPECT_FALSE(groups.find(kGroup));
  groups.save(some_group());
  EXPECT_EQ(*groups.find(kGroup), some_group());
  GroupRow changed = some_group();
  changed.subject = "Band";
  changed.announce = changed.stale = false;
  changed.locked = changed.approval = changed.community = true;
  groups.save(changed);
  EXPECT_EQ(*groups.find(kGroup), changed);
  EXPECT_FALSE(Groups(*database, two).find(kGroup)) << "another account's";
}

TEST_F(GroupRows, SavingAGroupAgainKeepsItsMembers) {
  groups.save(some_group());
  groups.set_members(kGroup, people(3));
  groups.save(some_group());
  EXPECT_EQ(groups.members(kGroup), people(3));
}

TEST_F(GroupRows, OnlyMembersWhoDifferAreWritten) {
  groups.save(some_group());
  auto members = people(1000);
  groups.set_members(kGroup, members);
  EXPECT_EQ(groups.members(kGroup), members);
  database->begin();
  groups.set_members(kGroup, members);
  EXPECT_EQ(database->rows_changed(), 0);
  members[5].rank = Rank::admin;
  members.pop_back();
  groups.set_members(kGroup, members);
  EXPECT_EQ(database->rows_changed(), 2);
  ASSERT_TRUE(database->commit());
  EXPECT_EQ(groups.members(kGroup), members);
}

TEST_F(GroupRows, OneWhoIsNamedTwiceIsOneMember) {
  groups.save(some_group());
  auto members = people(2);
  members.push_back(members.front());
  groups.set_members(kGroup, members);
  EXPECT_EQ(groups.members(kGroup), people(2));
}

TEST_F(GroupRows, ErasingAnAccountTakesItsGroupsInSteps) {
  for (const auto session : {one, two}) {
    Groups of(*database, session);
    of.save(some_group());
    of.set_members(kGroup, people(100));
  }
  sessions.erase_account(one);
  EXPECT_FALSE(groups.find(kGroup));
  EXPECT_TRUE(groups.present().empty());
  EXPECT_EQ(groups.count(), 0);

  groups.save(some_group());  // the next account of the session, in the same group
  groups.set_members(kGroup, people(2));
  while (erase_step(*database, 7) > 0) {
  }
  ASSERT_FALSE(database->failed());
  auto left = database->prepare("SELECT count(*) FROM group_member");
  ASSERT_TRUE(left.step());
  EXPECT_EQ(left.integer(0), 102);
  EXPECT_EQ(groups.members(kGroup), people(2));
  EXPECT_EQ(Groups(*database, two).members(kGroup).size(), 100u);
}

TEST_F(GroupRows, AllAreDoubtedAtOnce) {
  GroupRow row = some_group();
  row.stale = false;
  groups.save(row);
  groups.all_stale();
  EXPECT_TRUE(groups.find(kGroup)->stale);
  row.present = false;
  groups.save(row);
  EXPECT_EQ(groups.count(), 0);
}

}  // namespace
}  // namespace pigeond::store
