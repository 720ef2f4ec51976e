// What this device shows others: whether somebody is there, and what receipts say of it.
#include "engine/questions/presence.h"
#include "engine/messages/desk.h"
#include "engine/messages/in/answers.h"
#include "unit/engine/chat_world.h"

namespace pigeond::engine {
namespace {

class PresenceTest : public ChatTest {
 protected:
  PresenceTest() {
    context->credentials.push_name = "Shop";
    service.sent.clear();
  }
  Result<bool> show(Shows what, const char* of = "") {
    Result<bool> out = fail(Cause::internal, "no answer");
    show_presence(chat->desk(), what, *of != 0 ? jid(of) : wire::Jid{},
                  [&](Result<bool> done) { out = done; });
    commit();
    return out;
  }
  std::vector<std::string> said() const {
    std::vector<std::string> types;
    for (const auto& node : sent("presence")) types.push_back(node.attr("type"));
    return types;
  }
  std::string receipt_type(const char* chat_of, bool from_me = false) {
    Source source;
    source.id = "M1";
    source.from = source.chat = jid(chat_of);
    source.from_me = from_me;
    return delivery_receipt(wire::Node("message"), source, chat->desk().presence.available()).attr("type");
  }
};

TEST_F(PresenceTest, NothingIsSaidOfItselfAndReceiptsAreInactive) {
  start();
  EXPECT_TRUE(said().empty());
  EXPECT_EQ(receipt_type("9922@lid"), "inactive");
  EXPECT_EQ(receipt_type("1-2@g.us"), "inactive");
  EXPECT_EQ(receipt_type("9922@lid", true), "sender");
  EXPECT_EQ(receipt_type("status@broadcast"), "");
}

TEST_F(PresenceTest, EachChangeIsSaidOnce) {
  for (const auto what : {Shows::offline, Shows::online, Shows::online, Shows::offline, Shows::offline})
    EXPECT_TRUE(show(what).ok());
  EXPECT_EQ(said(), (std::vector<std::string>{"available", "unavailable"}));
  EXPECT_EQ(last("presence").attr("name"), "Shop");
  EXPECT_TRUE(show(Shows::online).ok());
  EXPECT_EQ(receipt_type("9922@lid"), "");
  ASSERT_FALSE(sent("ib").empty());
  EXPECT_TRUE(sent("ib").front().child("unified_session"));
}

TEST_F(PresenceTest, AnotherLinkIsNotToldOfIt) {
  EXPECT_TRUE(show(Shows::online).ok());
  chat->offline(fail(Cause::link_lost));
  chat->online();
  commit();
  EXPECT_EQ(said().size(), 1u);
  EXPECT_FALSE(chat->desk().presence.available());
  EXPECT_TRUE(show(Shows::offline).ok());
  EXPECT_EQ(said().size(), 1u) << "the service took it for unavailable when the link ended";
  EXPECT_TRUE(show(Shows::online).ok());
  EXPECT_EQ(said().size(), 2u);
}

TEST_F(PresenceTest, WithoutALinkNothingIsTakenForShown) {
  service.lose_link();
  chat->offline(fail(Cause::link_lost));
  for (const auto what : {Shows::online, Shows::offline}) EXPECT_EQ(show(what).cause(), Cause::link_lost);
  for (const auto what : {Shows::typing, Shows::recording, Shows::paused})
    EXPECT_EQ(show(what, "4922@s.whatsapp.net").cause(), Cause::link_lost);
  EXPECT_FALSE(chat->desk().presence.available());
  service.is_online = true;
  chat->online();
  EXPECT_TRUE(show(Shows::online).ok());
  EXPECT_EQ(said(), std::vector<std::string>{"available"}) << "it was not said before";
}

TEST_F(PresenceTest, WhileALoginIsUnderWayNothingIsTakenForShown) {
  chat = std::make_unique<Chat>(*context, service);
  EXPECT_EQ(show(Shows::online).cause(), Cause::link_lost);
  EXPECT_EQ(show(Shows::typing, "4922@s.whatsapp.net").cause(), Cause::link_lost);
  EXPECT_TRUE(service.sent.empty());
}

TEST_F(PresenceTest, WithoutTheAccountsNameItIsRefused) {
  context->credentials.push_name.clear();
  EXPECT_EQ(show(Shows::online).cause(), Cause::not_linked);
  EXPECT_TRUE(said().empty());
}

TEST_F(PresenceTest, WhatIsDoneInAChatGoesThere) {
  for (const auto what : {Shows::typing, Shows::recording, Shows::paused})
    EXPECT_TRUE(show(what, "4922@s.whatsapp.net").ok());
  EXPECT_TRUE(show(Shows::typing, "1-2@g.us").ok());
  const auto states = sent("chatstate");
  ASSERT_EQ(states.size(), 4u);
  EXPECT_TRUE(states[0].child("composing"));
  EXPECT_EQ(states[1].child("composing")->attr("media"), "audio");
  EXPECT_TRUE(states[2].child("paused"));
  EXPECT_EQ(states[2].attr("to"), "4922@s.whatsapp.net") << "the LID is not known yet";
  EXPECT_EQ(states[3].attr("to"), "1-2@g.us");
  EXPECT_TRUE(said().empty());
}

}  // namespace
}  // namespace pigeond::engine
