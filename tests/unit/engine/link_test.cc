#include <gtest/gtest.h>

#include "unit/engine/scripted_server.h"

namespace pigeond::engine {
namespace {

using test::World;

wire::Node server_ping(bool with_child) {
  wire::Node iq("iq");
  iq.set("from", wire::service()).set("type", "get").set("xmlns", "urn:xmpp:ping").set("id", "sp1");
  if (with_child) iq.add(wire::Node("ping"));
  return iq;
}

TEST(Link, NeverAnswersAServerWhoseCertificatesHaveAnotherRoot) {
  World world;
  world.server_authority = test::make_authority(world.random);
  world.start();
  world.accept();
  EXPECT_EQ(world.disconnects, 1);
  EXPECT_EQ(world.last_link->frames, 1);  // clientHello; no clientFinish with keys or account in it
  EXPECT_FALSE(world.last_link->handshake_done());
  ASSERT_TRUE(world.states.back().cause);
  EXPECT_EQ(world.states.back().cause->cause, Cause::bad_signature);
  EXPECT_TRUE(world.engine->next_wake());
}

TEST(Link, NamesTheClockWhenTheCertificatesAreOutOfTime) {
  World world;
  world.now.wall -= 30 * kDay;
  world.start();
  world.accept();
  EXPECT_EQ(world.last_link->frames, 1);
  ASSERT_TRUE(world.states.back().cause);
  EXPECT_NE(world.states.back().cause->detail.find("clock"), std::string::npos);
}

TEST(Link, ReconnectsWhenAFrameDoesNotOpen) {
  World world;
  world.reach_online();
  world.link->send_frame(Bytes(40, 7));
  world.deliver();
  EXPECT_EQ(world.engine->state(), State::connecting);
  EXPECT_EQ(world.disconnects, 2);  // after pairing, and now
  world.advance(2 * kSecond);
  EXPECT_EQ(world.connects, 3);
}

TEST(Link, DropsAFrameThatIsNoNodeAndGoesOn) {
  World world;
  world.reach_online();
  world.link->send_plain(Bytes{0, 0xf8, 0xff});
  world.deliver();
  EXPECT_EQ(world.engine->state(), State::online);
  world.send(server_ping(false));
  EXPECT_TRUE(world.take([](const wire::Node& n) { return n.is("id", "sp1"); }));
}

TEST(Link, TakesTheStreamInAnyPieces) {
  World world;
  world.reach_online();
  world.link->send(server_ping(true));
  world.link->send(server_ping(false));
  for (const std::uint8_t byte : std::exchange(world.link->out, {}))
    world.tick([&] { world.engine->receive(world.now, Bytes{byte}); });
  EXPECT_TRUE(world.take([](const wire::Node& n) { return n.is("id", "sp1"); }));
  EXPECT_TRUE(world.take([](const wire::Node& n) { return n.is("id", "sp1"); }));
}

TEST(Link, AnswersTheServersPings) {
  World world;
  world.reach_online();
  for (const bool with_child : {false, true}) {
    world.send(server_ping(with_child));
    const auto reply = world.take([](const wire::Node& n) { return n.is("id", "sp1"); });
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->tag, "iq");
    EXPECT_TRUE(reply->is("type", "result"));
    EXPECT_EQ(reply->jid("to"), wire::service());
  }
}

TEST(Link, LeavesUnknownRequestsOfTheServerUnanswered) {
  World world;
  world.reach_online();
  world.link->received.clear();
  wire::Node iq("iq");
  iq.set("from", wire::service()).set("type", "set").set("xmlns", "future").set("id", "x1");
  iq.add(wire::Node("thing"));
  world.send(iq);
  EXPECT_TRUE(world.link->received.empty());
  EXPECT_EQ(world.engine->state(), State::online);
}

TEST(Link, PingsIntoSilenceAndGivesADeadLinkUpWithinAMinute) {
  World world;
  world.reach_online();
  world.answer_pings = false;
  const int connects = world.connects;
  const Millis since = world.now.mono;
  while (world.engine->state() == State::online && world.now.mono - since < 5 * kMinute)
    world.advance(kSecond);
  EXPECT_LE(world.now.mono - since, 60 * kSecond);
  EXPECT_GE(world.now.mono - since, 40 * kSecond);
  ASSERT_TRUE(world.last_link);
  int pings = 0;
  for (const auto& node : world.last_link->received) pings += node.is("xmlns", "w:p") ? 1 : 0;
  EXPECT_EQ(pings, 1);
  world.advance(2 * kSecond);
  EXPECT_EQ(world.connects, connects + 1);
}

TEST(Link, AnIdleSessionWakesLessThanOnceInTenSecondsAndWritesNothing) {
  World world;
  world.reach_online();
  world.advance(kMinute);
  const int wakes = world.wakes;
  const auto commits = world.database->commits();
  world.advance(kHour);
  EXPECT_EQ(world.engine->state(), State::online);
  EXPECT_EQ(world.database->commits(), commits);
  // Each ping wakes the machine once more for its answer.
  EXPECT_LT(2 * (world.wakes - wakes), 360);
}

TEST(Link, GivesAServerUpThatNeverFinishesTheHandshake) {
  World world;
  world.start();
  world.connecting = false;
  world.tick([&] { world.engine->link_up(world.now); });
  world.advance(19 * kSecond);
  EXPECT_EQ(world.disconnects, 0);
  world.advance(kSecond);
  EXPECT_EQ(world.disconnects, 1);
  EXPECT_EQ(world.states.back().cause->cause, Cause::timed_out);
}

TEST(Link, GrowsTheDelaysUntilALinkLasts) {
  World world;
  world.reach_online();
  std::vector<Millis> delays;
  for (int i = 0; i < 6; ++i) {
    world.drop();
    ASSERT_TRUE(world.engine->next_wake());
    delays.push_back(*world.engine->next_wake() - world.now.mono);
    world.advance(delays.back());
    ASSERT_TRUE(world.connecting);
  }
  const Millis expected[] = {1000, 1000, 2000, 3000, 5000, 8000};
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_GE(delays[i], expected[i] * 9 / 10);
    EXPECT_LE(delays[i], expected[i] * 11 / 10);
  }
  world.log_in(812);
  world.advance(30 * kSecond);
  world.drop();
  EXPECT_LE(*world.engine->next_wake() - world.now.mono, 1100);
}

TEST(Link, ReplaysTheRoutingInfoOnTheNextConnection) {
  World world;
  world.reach_online();
  EXPECT_TRUE(world.link->intro().routing_info.empty());
  wire::Node info("routing_info");
  info.body(Bytes{1, 2, 3});
  wire::Node routing("edge_routing");
  routing.add(std::move(info));
  wire::Node ib("ib");
  ib.set("from", wire::service());
  ib.add(std::move(routing));
  world.send(ib);
  world.rebuild();
  world.start();
  world.accept();
  EXPECT_EQ(world.link->intro().routing_info, (Bytes{1, 2, 3}));
}

TEST(Link, CleansDirtyBits) {
  World world;
  world.reach_online();
  wire::Node ib("ib");
  ib.set("from", wire::service());
  ib.add(wire::Node("dirty").set("type", "groups").set("timestamp", "1750000001"));
  world.send(ib);
  const auto iq = world.take_iq("urn:xmpp:whatsapp:dirty", "clean");
  ASSERT_TRUE(iq);
  EXPECT_TRUE(iq->is("type", "set"));
  EXPECT_TRUE(iq->child("clean")->is("type", "groups"));
  EXPECT_TRUE(iq->child("clean")->is("timestamp", "1750000001"));
}

TEST(Link, AcknowledgesEachStanzaOnceThatNobodyElseHandles) {
  World world;
  world.reach_online();
  world.link->received.clear();
  wire::Node call("call");
  call.set("id", "c1").set("from", wire::lid("555", 3)).set("t", "1750000000");
  call.add(wire::Node("terminate").set("call-id", "X").set("call-creator", wire::lid("555", 3)));
  world.send(call);
  wire::Node psa("notification");
  psa.set("id", "n9").set("from", wire::service()).set("type", "psa");
  world.send(psa);
  int acks = 0;
  for (const auto& node : world.link->received) {
    if (node.tag != "ack") continue;
    ++acks;
    if (node.is("id", "c1")) {
      EXPECT_TRUE(node.is("class", "call"));
      EXPECT_EQ(node.jid("to"), wire::lid("555", 3));
    } else {
      EXPECT_TRUE(node.is("id", "n9"));
      EXPECT_TRUE(node.is("class", "notification"));
      EXPECT_TRUE(node.is("type", "psa"));
    }
  }
  EXPECT_EQ(acks, 2);
}

TEST(Link, IgnoresALinkThatComesUpAfterTheStop) {
  World world;
  world.start();
  world.tick([&] { world.engine->stop(world.now); });
  EXPECT_EQ(world.disconnects, 1);
  EXPECT_EQ(world.engine->state(), State::stopped);
  world.tick([&] { world.engine->link_up(world.now); });
  world.tick([&] { world.engine->link_down(world.now, fail(Cause::io, "late")); });
  EXPECT_EQ(world.connects, 1);
  EXPECT_FALSE(world.engine->next_wake());
}

}  // namespace
}  // namespace pigeond::engine
