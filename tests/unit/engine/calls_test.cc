// What a companion that takes no calls says to them.
#include <gtest/gtest.h>

#include "unit/engine/scripted_server.h"

namespace pigeond::engine {
namespace {

using test::World;

wire::Node call(const char* action, const wire::Jid& from) {
  wire::Node child(action);
  child.set("call-id", "0123456789ABCDEF0123456789ABCDEF").set("call-creator", wire::lid("9922", 3));
  wire::Node stanza("call");
  return stanza.set("from", from).set("id", "C1").set("t", "1700000000").add(std::move(child));
}

std::optional<wire::Node> taken(World& world, const char* tag) {
  return world.take([&](const wire::Node& node) { return node.tag == tag && node.is("id", "C1"); });
}

TEST(Calls, AnOfferGetsAnAckAndTheReceiptThatMirrorsIt) {
  for (const bool by_lid : {true, false}) {
    World world;
    world.reach_online();
    const wire::Jid from = by_lid ? wire::lid("9922") : wire::pn("4922");
    world.send(call("offer", from));
    const auto ack = taken(world, "ack");
    ASSERT_TRUE(ack);
    EXPECT_TRUE(ack->is("class", "call"));
    EXPECT_EQ(ack->jid("to"), from);
    const auto receipt = taken(world, "receipt");
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->jid("to"), from);
    EXPECT_EQ(receipt->jid("from"), by_lid ? wire::lid(world.hidden_id, 7) : wire::pn(world.number, 7));
    const auto* offer = receipt->child("offer");
    ASSERT_TRUE(offer);
    EXPECT_TRUE(offer->is("call-id", "0123456789ABCDEF0123456789ABCDEF"));
    EXPECT_EQ(offer->jid("call-creator"), wire::lid("9922", 3));
  }
}

TEST(Calls, WhateverElseIsSaidOfACallGetsAnAckAlone) {
  World world;
  world.reach_online();
  for (const char* action : {"terminate", "transport", "offer_notice", "something_new"}) {
    world.send(call(action, wire::lid("9922")));
    EXPECT_TRUE(taken(world, "ack")) << action;
    EXPECT_FALSE(taken(world, "receipt")) << action;
  }
}

}  // namespace
}  // namespace pigeond::engine
