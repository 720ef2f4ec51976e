// What becomes of a link whose version of the client the service does not want, or may not.
#include <gtest/gtest.h>

#include "unit/engine/scripted_server.h"

namespace pigeond::engine {
namespace {

using test::World;

class VersionTest : public ::testing::Test {
 protected:
  void refuse() {
    world.accept();
    world.send(wire::Node("failure").set("reason", "405").set("location", "frc"));
  }
  // Logged in before, and refused now.
  void reach_refusal() {
    world.reach_online();
    world.drop();
    world.advance(2 * kSecond);
    refuse();
  }
  void raise() {
    ++world.profile.version.revision;
    world.tick([&] { world.engine->version_raised(world.now); });
  }

  World world;
};

TEST_F(VersionTest, ARefusedOneIsTriedAgainWithGrowingPausesAndIsNoEnd) {
  reach_refusal();
  EXPECT_EQ(world.engine->state(), State::connecting);
  ASSERT_TRUE(world.states.back().cause);
  EXPECT_EQ(world.states.back().cause->cause, Cause::outdated);
  EXPECT_NE(world.states.back().cause->detail.find("client outdated"), std::string::npos);
  for (const Millis pause : {5 * kMinute, 10 * kMinute, 20 * kMinute, 40 * kMinute, kHour, kHour}) {
    const int before = world.connects;
    const Millis wait = *world.engine->next_connect() - world.now.mono;
    EXPECT_GE(wait, pause - pause / 10);
    EXPECT_LE(wait, pause + pause / 10);
    world.advance(wait);
    ASSERT_EQ(world.connects, before + 1);
    refuse();
  }
  ASSERT_EQ(world.all<VersionDoubted>().size(), 7u);
  EXPECT_TRUE(world.all<VersionDoubted>().back().refused);
  EXPECT_EQ(world.all<VersionDoubted>().back().announced, world.profile.version);
}

TEST_F(VersionTest, ANewerOneIsTriedAtOnce) {
  reach_refusal();
  const int before = world.connects;
  raise();
  EXPECT_EQ(world.connects, before + 1);
  world.log_in(812);
  EXPECT_EQ(world.link->payload.userAgent.appVersion.tertiary, world.profile.version.revision);
}

TEST_F(VersionTest, OneThatWasLearntMeanwhileIsTriedAtOnceToo) {
  world.reach_online();
  world.drop();
  world.advance(2 * kSecond);
  world.accept();
  ++world.profile.version.revision;  // while the login was under way
  const int before = world.connects;
  world.send(wire::Node("failure").set("reason", "405"));
  EXPECT_EQ(world.connects, before + 1);
}

TEST_F(VersionTest, ALoginEndsTheGrowthOfThePauses) {
  reach_refusal();
  raise();
  world.log_in(812);
  world.drop();
  world.advance(2 * kSecond);
  refuse();
  EXPECT_LE(*world.engine->next_wake() - world.now.mono, 5 * kMinute + 30 * kSecond);
}

TEST_F(VersionTest, CodesThatLapsedUnusedPutItInDoubt) {
  world.start();
  world.accept();
  world.send_pair_device(1);
  EXPECT_TRUE(world.all<VersionDoubted>().empty());
  world.advance(kMinute);
  ASSERT_EQ(world.all<VersionDoubted>().size(), 1u);
  EXPECT_FALSE(world.all<VersionDoubted>()[0].refused);
}

TEST_F(VersionTest, CodesOnShowAreMadeAnewWithANewerOne) {
  world.start();
  world.accept();
  world.send_pair_device();
  raise();
  EXPECT_FALSE(world.engine->qr());
  world.accept();
  EXPECT_EQ(world.link->payload.userAgent.appVersion.tertiary, world.profile.version.revision);
  world.send_pair_device();
  EXPECT_EQ(world.engine->state(), State::pairing);
}

TEST_F(VersionTest, ALinkThatWorksIsLeftAloneByANewerOne) {
  world.reach_online();
  const int before = world.connects;
  raise();
  EXPECT_EQ(world.engine->state(), State::online);
  EXPECT_EQ(world.connects, before);
}

TEST_F(VersionTest, TheDayOfItsEndIsTold) {
  world.reach_online();
  const auto say = [&](wire::Node node) {
    world.send(wire::Node("ib").set("from", wire::service()).add(std::move(node)));
    return world.all<ExpiryTold>();
  };
  auto told = say(wire::Node("client_expiration").set("t", "1800000000"));
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].at, 1800000000);
  EXPECT_EQ(told[0].announced, world.profile.version);
  for (const char* nonsense : {"soon", "-1", "99999999999999999999"})
    EXPECT_EQ(say(wire::Node("client_expiration").set("t", nonsense)).size(), 1u) << nonsense;
  told = say(wire::Node("client_expiration"));
  ASSERT_EQ(told.size(), 2u);
  EXPECT_FALSE(told[1].at);
}

}  // namespace
}  // namespace pigeond::engine
