// What people show each other, whom they block, and calls: as strict as the service.
#include "world_fixture.h"

namespace pigeond::sandbox {
namespace {

class People : public SandboxTest {
 protected:
  const Account& account(const char* phone) { return *service->world().account(phone); }
  wire::Jid lid(const char* phone) { return account(phone).jid(Form::lid); }
  wire::Node item(const char* action) {
    return wire::Node("item").set("action", action).set("jid", lid(kBob));
  }
  wire::Node block(ScriptedClient& who, wire::Node node) {
    return ask(who, who.iq("set", "blocklist", std::move(node)));
  }
  static wire::Node online() { return wire::Node("presence").set("type", "available").set("name", "x"); }
};

TEST_F(People, BlocksByLidAndNumberAndNotByNumberAlone) {
  ScriptedClient& who = linked(kAlice);
  EXPECT_TRUE(block(who, item("block").set("pn_jid", bob())).is("type", "result"));
  EXPECT_TRUE(account(kAlice).blocked.contains(kBob));
  const wire::Node listed = ask(who, who.iq("get", "blocklist", wire::Node("x")));
  EXPECT_EQ(listed.path({"list", "item"})->jid("jid"), lid(kBob));
  EXPECT_TRUE(block(who, item("unblock")).is("type", "result"));
  EXPECT_TRUE(account(kAlice).blocked.empty());
  EXPECT_TRUE(rules().empty());
  for (const auto& wrong : {item("block"), item("block").set("pn_jid", alice()), item("unlock"),
                            wire::Node("item").set("action", "block").set("jid", bob()).set("pn_jid", bob())})
    EXPECT_TRUE(block(who, wrong).child("error")->is("code", "400")) << wire::to_xml(wrong);
  EXPECT_EQ(rules(), std::vector<std::string>(4, "iq-malformed"));
  EXPECT_TRUE(account(kAlice).blocked.empty());
}

TEST_F(People, AChangeOfAListThatIsNotAsItsDeviceThinksIsAConflict) {
  ScriptedClient& who = linked(kAlice);
  EXPECT_TRUE(
      block(who, item("block").set("pn_jid", bob()).set("dhash", "stale")).child("error")->is("code", "409"));
  EXPECT_TRUE(account(kAlice).blocked.empty());
  const wire::Node list = *ask(who, who.iq("get", "blocklist", wire::Node("x"))).child("list");
  EXPECT_TRUE(
      block(who, item("block").set("pn_jid", bob()).set("dhash", list.attr("dhash"))).is("type", "result"));
  EXPECT_TRUE(account(kAlice).blocked.contains(kBob));
}

TEST_F(People, TheAccountsOtherDevicesHearOfEachChange) {
  ScriptedClient& who = linked(kAlice);
  ScriptedClient& sibling = linked(kAlice);
  const auto heard = [&](const char* what) {
    const wire::Node* note = sibling.last("notification");
    const bool is = note != nullptr && note->is("type", "account_sync") && note->child(what) != nullptr;
    answer_notifications(sibling);
    sibling.received.clear();
    return is;
  };
  block(who, item("block").set("pn_jid", bob()));
  EXPECT_TRUE(heard("blocklist"));
  ask(who,
      who.iq("set", "privacy",
             wire::Node("privacy").add(wire::Node("category").set("name", "last").set("value", "none"))));
  EXPECT_TRUE(heard("privacy"));
  ask(who, who.iq("set", "disappearing_mode", wire::Node("disappearing_mode").set("duration", "86400")));
  EXPECT_TRUE(heard("disappearing_mode"));
  EXPECT_EQ(account(kAlice).timer, 86400);
  ask(who, who.iq("set", "status", wire::Node("status").body(as_bytes("hi"))));
  EXPECT_EQ(account(kAlice).about, "hi");
}

TEST_F(People, APrivacySettingThatThereIsNotIsRefused) {
  ScriptedClient& who = linked(kAlice);
  for (const auto& [name, value] :
       {std::pair("last", "sometimes"), std::pair("mood", "all"), std::pair("readreceipts", "contacts")}) {
    const auto answer = ask(
        who, who.iq("set", "privacy",
                    wire::Node("privacy").add(wire::Node("category").set("name", name).set("value", value))));
    EXPECT_TRUE(answer.child("error")->is("code", "400")) << name;
  }
  EXPECT_TRUE(account(kAlice).privacy.empty());
}

TEST_F(People, WhoseLinkIsCutIsNotThereAnyMore) {
  ScriptedClient& watcher = linked(kAlice);
  ScriptedClient& watched = linked(kBob);
  send(watched, online());
  send(watcher, online());
  send(watcher, wire::Node("presence").set("type", "subscribe").set("to", bob()));
  watcher.received.clear();
  ASSERT_TRUE(service->disconnect(now, kBob, std::nullopt));
  pump();
  ASSERT_NE(watcher.last("presence"), nullptr);
  EXPECT_TRUE(watcher.last("presence")->is("type", "unavailable"));
}

TEST_F(People, NothingIsShownToWhoIsNotThereOrIsBlockedAndASubscriptionEndsWithItsLink) {
  ScriptedClient& watcher = linked(kAlice);
  ScriptedClient& watched = linked(kBob);
  const auto subscribe = [&] {
    send(watcher, wire::Node("presence").set("type", "subscribe").set("to", bob()));
  };
  subscribe();
  send(watched, online());
  send(watched, wire::Node("chatstate").set("to", alice()).add(wire::Node("composing")));
  EXPECT_EQ(watcher.last("presence"), nullptr);
  EXPECT_EQ(watcher.last("chatstate"), nullptr);
  send(watcher, online());
  subscribe();
  ASSERT_NE(watcher.last("presence"), nullptr);
  EXPECT_FALSE(watcher.last("presence")->has("type"));
  send(watched, wire::Node("chatstate").set("to", alice()).add(wire::Node("composing")));
  EXPECT_NE(watcher.last("chatstate"), nullptr);

  watcher.received.clear();
  ask(watched,
      watched.iq("set", "blocklist",
                 wire::Node("item").set("action", "block").set("jid", lid(kAlice)).set("pn_jid", alice())));
  send(watched, wire::Node("presence").set("type", "unavailable"));
  send(watched, wire::Node("chatstate").set("to", alice()).add(wire::Node("composing")));
  EXPECT_EQ(watcher.last("presence"), nullptr);
  EXPECT_EQ(watcher.last("chatstate"), nullptr);
  ASSERT_TRUE(service->disconnect(now, kAlice, std::nullopt));
  pump();
  EXPECT_TRUE(account(kBob).watchers.empty());
  EXPECT_TRUE(rules().empty());
}

TEST_F(People, APresenceOfNobodyAndAChatstateThatIsNoneAreReported) {
  ScriptedClient& who = linked(kAlice);
  send(who, wire::Node("presence").set("type", "subscribe"));
  send(who, wire::Node("chatstate").set("to", bob()).add(wire::Node("dancing")));
  send(who,
       wire::Node("chatstate").set("to", wire::Jid{"status", "broadcast", 0, 0}).add(wire::Node("paused")));
  EXPECT_EQ(rules(),
            (std::vector<std::string>{"presence-malformed", "chatstate-malformed", "chatstate-malformed"}));
}

TEST_F(People, ACallIsDeclinedForAllDevicesOnceAndOnlyByWhomItRings) {
  ScriptedClient& who = linked(kAlice);
  ScriptedClient& sibling = linked(kAlice);
  ScriptedClient& caller = linked(kBob);
  const std::string id = *service->call(now, {kBob, kAlice});
  pump();
  ASSERT_NE(who.last("call"), nullptr);
  const auto reject = [&](const std::string& call_id) {
    wire::Node action("reject");
    action.set("call-id", call_id).set("call-creator", lid(kBob)).set("count", "0");
    return wire::Node("call").set("to", lid(kBob)).set("id", "R1").add(std::move(action));
  };
  send(who, reject(id));
  EXPECT_TRUE(who.last("ack")->is("class", "call"));
  ASSERT_NE(caller.last("call"), nullptr);
  EXPECT_NE(caller.last("call")->child("reject"), nullptr);
  ASSERT_NE(sibling.last("call"), nullptr);
  EXPECT_TRUE(sibling.last("call")->child("terminate")->is("reason", "rejected_elsewhere"));
  EXPECT_EQ(service->calls().back().state, "rejected");
  EXPECT_TRUE(rules().empty());
  send(who, reject("UNKNOWN"));
  send(caller, reject(id));
  send(who, wire::Node("call").set("to", lid(kBob)).add(wire::Node("reject").set("call-id", id)));
  EXPECT_EQ(rules(), std::vector<std::string>(3, "call-malformed"));
}

TEST_F(People, ABusinessIsToldFromSomebodyElse) {
  NewAccount shop;
  shop.phone = "4915110000009";
  shop.business = Business{"Bread", "Bakery", "https://a.example/", "", ""};
  ASSERT_TRUE(service->add_account(now, shop));
  ScriptedClient& who = linked(kAlice);
  const auto ask_about = [&](const wire::Jid& whom) {
    return ask(
        who,
        who.iq("get", "w:biz",
               wire::Node("business_profile").set("v", "244").add(wire::Node("profile").set("jid", whom))));
  };
  const wire::Node* profile = nullptr;
  const wire::Node answer = ask_about(wire::pn(shop.phone));
  profile = answer.path({"business_profile", "profile"});
  ASSERT_NE(profile, nullptr);
  EXPECT_EQ(profile->child("description")->text(), "Bread");
  EXPECT_EQ(ask_about(bob()).path({"business_profile", "profile"}), nullptr);
}

}  // namespace
}  // namespace pigeond::sandbox
