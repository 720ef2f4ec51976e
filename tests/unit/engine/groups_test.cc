// What the account knows of its groups, from answers and notifications, and what programs are told of them.
#include "engine/groups/group.h"

#include "chat_world.h"
#include "engine/groups/joined.h"
#include "engine/groups/membership.h"
#include "engine/groups/settings.h"
#include "engine/messages/desk.h"

namespace pigeond::engine {
namespace {

using What = GroupEvent::What;

const wire::Jid kGroup = jid("120363000000000001@g.us");

wire::Node participant(const std::string& lid, const std::string& pn, const std::string& type = {}) {
  wire::Node node("participant");
  node.set("jid", wire::lid(lid)).set("phone_number", wire::pn(pn)).set("type", type);
  return node;
}

wire::Node choir() {
  wire::Node group("group");
  group.set("id", kGroup.user).set("addressing_mode", "lid").set("subject", "Choir").set("s_t", "1700000000");
  group.set("creator", wire::lid("9922")).set("creation", "1600000000");
  group.add(participant("9922", "4922", "superadmin")).add(participant("9911", "4911"));
  return group;
}

class GroupsTest : public ChatTest {
 protected:
  GroupsTest() {
    service.account_answers["w:g2"] = [this](const wire::Node& iq) -> Result<wire::Node> {
      ++asked;
      if (iq.child("query") == nullptr) return wire::Node("iq");
      if (refusal != 0) return fail(Cause::ack_error, "no", refusal);
      return wire::Node("iq").add(described);
    };
  }

  GroupDirectory& groups() { return chat->desk().groups; }

  Result<GroupDirectory::Known> ask() {
    Result<GroupDirectory::Known> out = fail(Cause::internal);
    groups().ask(kGroup, [&](const Result<GroupDirectory::Known>& told) { out = told; });
    commit();
    return out;
  }

  wire::Node notification(wire::Node action) {
    wire::Node node("notification");
    node.set("from", kGroup).set("type", "w:gp2").set("id", "n1").set("t", "1700000100");
    node.set("participant", wire::lid("9922")).set("participant_pn", wire::pn("4922"));
    return node.set("addressing_mode", "lid").add(std::move(action));
  }

  wire::Node described = choir();
  int asked = 0, refusal = 0;
};

TEST_F(GroupsTest, AGroupIsAskedForOnceByAllWhoWantIt) {
  service.hold_account = true;
  int told = 0;
  for (int i = 0; i < 3; ++i)
    groups().ask(kGroup, [&](const Result<GroupDirectory::Known>& known) { told += known.ok() ? 1 : 0; });
  service.release_account();
  EXPECT_EQ(told, 3);
  EXPECT_EQ(asked, 1);
  service.hold_account = false;
  start();
  ASSERT_TRUE(ask());
  EXPECT_EQ(asked, 1) << "it is in rows";
  EXPECT_EQ((*ask())->facts.subject, "Choir");
  EXPECT_EQ((*ask())->members.size(), 2u);
}

TEST_F(GroupsTest, PairsOfMembersAreLearnt) {
  described.add(participant("9977", "4977"));
  ASSERT_TRUE(ask());
  EXPECT_EQ(chat->desk().lids.pn(wire::lid("9977")), wire::pn("4977"));
}

TEST_F(GroupsTest, ChangesAreTakenOverAndToldWithoutAQuestion) {
  ASSERT_TRUE(ask());
  handle(notification(wire::Node("add").add(participant("9977", "4977"))));
  handle(notification(wire::Node("promote").add(participant("9977", "4977"))));
  handle(notification(wire::Node("subject").set("subject", "Band").set("s_t", "1700000100")));
  handle(notification(wire::Node("announcement")));
  const auto known = groups().known(kGroup);
  ASSERT_NE(known, nullptr);
  ASSERT_NE(known->find(wire::pn("4977")), nullptr);
  EXPECT_EQ(known->find(wire::lid("9977"))->rank, Rank::admin);
  EXPECT_EQ(known->facts.subject, "Band");
  EXPECT_EQ(known->facts.subject_by, wire::lid("9922"));
  EXPECT_TRUE(known->facts.announce);
  EXPECT_EQ(asked, 1);

  const auto events = effects<GroupEvent>();
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[0].what, What::joined);
  EXPECT_EQ(events[0].by_other, wire::pn("4922"));
  EXPECT_EQ(events[1].what, What::promoted);
  EXPECT_EQ(events[1].members.at(0).rank, Rank::admin);
  EXPECT_EQ(events[2].subject, "Band");
  EXPECT_EQ(events[3].announce, true);
  EXPECT_EQ(last("ack").attr("class"), "notification");

  handle(notification(wire::Node("remove").add(participant("9977", "4977"))));
  EXPECT_EQ(groups().known(kGroup)->members.size(), 2u);
}

TEST_F(GroupsTest, WhoIsRemovedIsToldSoAndIsNoMember) {
  ASSERT_TRUE(ask());
  handle(
      notification(wire::Node("remove").add(participant("9911", "4911")).add(participant("9922", "4922"))));
  EXPECT_FALSE(groups().known(kGroup)->facts.present);
  const auto events = effects<GroupEvent>();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].what, What::departed);
  EXPECT_EQ(events[1].what, What::left);
  EXPECT_EQ(events[1].members.size(), 1u);

  handle(notification(wire::Node("create").set("reason", "invite").add(choir())));
  EXPECT_TRUE(groups().known(kGroup)->facts.present);
  EXPECT_EQ(effects<GroupEvent>().back().what, What::entered);
  EXPECT_EQ(effects<GroupEvent>().back().members.size(), 2u);
}

TEST_F(GroupsTest, AGroupThatGoesByAnotherFormNowIsReadAnew) {
  described.set("addressing_mode", "pn");
  ASSERT_TRUE(ask());
  EXPECT_EQ((*ask())->members.at(0).jid.is_pn(), true) << "in the group's form";
  described = choir();
  handle(notification(wire::Node("locked")));
  EXPECT_EQ(groups().known(kGroup), nullptr);
  ASSERT_TRUE(ask());
  EXPECT_EQ((*ask())->facts.addressing, Addressing::lid);
  EXPECT_TRUE((*ask())->members.at(0).jid.is_lid());
}

TEST_F(GroupsTest, WhatTheServiceRefusesSaysWhy) {
  refusal = 404;
  EXPECT_EQ(ask().cause(), Cause::not_found);
  refusal = 403;
  EXPECT_EQ(ask().cause(), Cause::forbidden);
  refusal = 0;
  described = wire::Node("group").set("id", "120363000000000009");
  EXPECT_EQ(ask().cause(), Cause::malformed) << "another group";
}

TEST_F(GroupsTest, AGroupOfMoreMembersThanAreTakenIsAnErrorAndWhatWasKnownStays) {
  ASSERT_TRUE(ask());
  for (int i = 0; i < 10001; ++i)
    described.add(participant(std::to_string(100000 + i), std::to_string(490000 + i)));
  groups().doubt(kGroup);
  EXPECT_EQ(ask().cause(), Cause::too_large);
  EXPECT_EQ(groups().last_known(kGroup)->members.size(), 2u);
}

TEST_F(GroupsTest, GroupsThatAreNotListedAnyMoreTheAccountHasLeft) {
  ASSERT_TRUE(ask());
  service.account_answers["w:g2"] = [](const wire::Node&) -> Result<wire::Node> {
    wire::Node other = choir();
    other.set("id", "120363000000000002");
    return wire::Node("iq").add(wire::Node("groups").add(std::move(other)));
  };
  Result<bool> done = fail(Cause::internal);
  ask_joined_groups(chat->desk(), false, [&](const Result<bool>& told) { done = told; });
  commit();
  ASSERT_TRUE(done);
  EXPECT_FALSE(groups().last_known(kGroup)->facts.present);
  EXPECT_TRUE(groups().known(jid("120363000000000002@g.us"))->facts.present);
}

TEST_F(GroupsTest, PairsOfAllListedGroupsMembersAreLearntEachOnce) {
  service.account_answers["w:g2"] = [](const wire::Node&) -> Result<wire::Node> {
    wire::Node list("groups");
    for (int i = 0; i < 50; ++i) {
      wire::Node group = choir();
      group.set("id", std::to_string(120363000000000100 + i)).add(participant("9955", "4955"));
      list.add(std::move(group));
    }
    return wire::Node("iq").add(std::move(list));
  };
  store::LidMappings rows(*database, session);
  const auto before = rows.count();
  ask_joined_groups(chat->desk(), false, [](const Result<bool>&) {});
  commit();
  EXPECT_EQ(rows.count(), before + 2);
  EXPECT_EQ(chat->desk().lids.lid(wire::pn("4955")), wire::lid("9955"));
  EXPECT_EQ(chat->desk().lids.lid(wire::pn("4922")), wire::lid("9922"));
}

TEST_F(GroupsTest, ADescriptionNamesTheOneBeforeAndLooksAgainAfterAConflict) {
  described.add(wire::Node("description")
                    .set("id", "D1")
                    .add(wire::Node("body").body(as_bytes(std::string_view("old")))));
  ASSERT_TRUE(ask());
  std::vector<std::string> previous;
  service.account_answers["w:g2"] = [&](const wire::Node& iq) -> Result<wire::Node> {
    if (iq.child("query") != nullptr) {
      wire::Node other = choir();
      other.add(wire::Node("description").set("id", "D2"));
      return wire::Node("iq").add(std::move(other));
    }
    previous.push_back(iq.child("description")->attr("prev"));
    if (previous.back() != "D2") return fail(Cause::ack_error, "conflict", 409);
    return wire::Node("iq");
  };
  Result<bool> done = fail(Cause::internal);
  set_group_description(chat->desk(), kGroup, "new", [&](const Result<bool>& told) { done = told; });
  commit();
  EXPECT_TRUE(done);
  EXPECT_EQ(previous, (std::vector<std::string>{"D1", "D2"}));
  EXPECT_EQ(groups().known(kGroup)->facts.description, "new");
}

TEST_F(GroupsTest, EachParticipantOfARequestHasAResult) {
  add_person("49770", "9977", {0});
  ASSERT_TRUE(ask());
  wire::Node sent;
  service.account_answers["w:g2"] = [&](const wire::Node& iq) -> Result<wire::Node> {
    sent = *iq.child("add");
    wire::Node add("add"), full = participant("9922", "4922");
    add.add(participant("9977", "49770")).add(full.set("error", "409"));
    return wire::Node("iq").add(std::move(add));
  };
  std::vector<MemberResult> results;
  change_members(chat->desk(), kGroup, MemberChange::add,
                 {wire::pn("49770"), wire::lid("9922"), wire::pn("49999")},
                 [&](const Result<std::vector<MemberResult>>& told) { results = *told; });
  commit();
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results[0].code, 200);
  EXPECT_EQ(results[1].code, 409);
  EXPECT_EQ(results[2].code, 404) << "nobody has the number";
  ASSERT_EQ(sent.children().size(), 2u) << "whom nobody knows the service is not asked about";
  EXPECT_EQ(sent.children()[0].jid("jid"), wire::lid("9977"));
  EXPECT_EQ(sent.children()[0].jid("phone_number"), wire::pn("49770"));
  EXPECT_NE(groups().known(kGroup)->find(wire::pn("49770")), nullptr);
}

TEST_F(GroupsTest, ALookupThatIsRefusedIsToldAndMakesNobodyUnknown) {
  ASSERT_TRUE(ask());
  wire::Node error("error"), contact("contact"), result("result"), usync("usync"), answer("iq");
  contact.add(error.set("code", "429"));
  result.add(std::move(contact));
  usync.add(std::move(result));
  service.usync_answer = answer.add(std::move(usync));
  Result<std::vector<MemberResult>> told = fail(Cause::internal);
  change_members(chat->desk(), kGroup, MemberChange::add, {wire::pn("49991234567")},
                 [&](const Result<std::vector<MemberResult>>& results) { told = results; });
  commit();
  ASSERT_FALSE(told.ok());
  EXPECT_EQ(told.error().cause, Cause::rate_limited);
}

TEST_F(GroupsTest, TextsThatMakeNoSenseAreLeftOutAndStrangersBytesChangeNothing) {
  described.set("subject", std::string("\xff\xfe"));
  ASSERT_TRUE(ask());
  EXPECT_EQ((*ask())->facts.subject, "");
  handle(notification(wire::Node("create")));
  handle(notification(wire::Node("add").add(wire::Node("participant").set("jid", "nobody"))));
  handle(notification(wire::Node("something_new")));
  EXPECT_TRUE(effects<GroupEvent>().empty());
}

}  // namespace
}  // namespace pigeond::engine
