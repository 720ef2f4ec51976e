// Calls on one session that meet in one tick of a real gateway: what the last one asked for is what becomes
// of it.
#include <gtest/gtest.h>

#include "world.h"

namespace pigeond::app {
namespace {

using gateway::SessionStatus;

class LifeCycle : public ::testing::Test {
 protected:
  using Call = void (gateway::Core::*)(const std::string&, gateway::Reply<gateway::SessionInfo>);
  static constexpr Call kStart = &gateway::Core::start, kStop = &gateway::Core::stop,
                        kRestart = &gateway::Core::restart;

  // All of them in one round of the loop, and so in one tick.
  void together(std::vector<Call> calls) {
    const auto seen = gateway.call<gateway::SessionInfo>([&](gateway::Core& core, auto reply) {
      for (std::size_t i = 0; i + 1 < calls.size(); ++i) (core.*calls[i])("a", [](const auto&) {});
      (core.*calls.back())("a", reply);
    });
    ASSERT_TRUE(seen);
  }
  void rest() {
    together({kStop});
    ASSERT_TRUE(gateway.reaches("a", SessionStatus::stopped));
    ASSERT_TRUE(eventually([&] { return service.connections() == 0; }));
  }
  // It sends, stops for good, and can be removed.
  void expect_sound() {
    ASSERT_TRUE(gateway.reaches("a", SessionStatus::working));
    EXPECT_TRUE(gateway.send("a", "Hello"));
    rest();
    EXPECT_TRUE(gateway.remove("a"));
  }

  Folder folder;
  Service service;
  Gateway gateway{service, folder.file("p.db")};
};

TEST_F(LifeCycle, RestartAndStartOfAStoppedSessionEndInAWorkingOne) {
  gateway.link("a", service);
  rest();
  together({kRestart, kStart});
  expect_sound();
}

TEST_F(LifeCycle, StopsAndStartsThatMeetEndInWhatTheLastOneAskedFor) {
  gateway.link("a", service);
  rest();
  std::vector<Call> calls;
  for (int i = 0; i < 8; ++i) calls.insert(calls.end(), {kStop, kStart});
  together(calls);
  ASSERT_TRUE(gateway.reaches("a", SessionStatus::working));
  calls.push_back(kStop);
  together(calls);
  ASSERT_TRUE(gateway.reaches("a", SessionStatus::stopped));
  EXPECT_TRUE(eventually([&] { return service.connections() == 0; }));
  together({kStart});
  expect_sound();
}

}  // namespace
}  // namespace pigeond::app
