#include "net/loop.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>

namespace pigeond::net {
namespace {

// Time moves only when the test says so.
class ManualClock final : public Clock {
 public:
  Instant now() override { return {mono, 0}; }
  std::atomic<Millis> mono{1000};
};

struct Pair {
  Pair() {
    int fds[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    near.reset(fds[0]);
    far.reset(fds[1]);
  }
  void poke() { EXPECT_EQ(::write(far.get(), "x", 1), 1); }
  UniqueFd near, far;
};

class LoopTest : public ::testing::Test {
 protected:
  ManualClock clock;
  Loop loop{clock};
  std::string order;
};

TEST(Loop, ATaskThatThrowsCostsThoseBehindItNothing) {
  SystemClock clock;
  Loop loop(clock);
  std::vector<int> ran;
  loop.post([&] { ran.push_back(1); });
  loop.post([] { throw std::runtime_error("a bad task"); });
  loop.post([&] { ran.push_back(2); });
  EXPECT_THROW(loop.run_once(), std::runtime_error);
  loop.run_once();
  EXPECT_EQ(ran, (std::vector<int>{1, 2}));
}

TEST_F(LoopTest, PostedTasksRunInOrder) {
  loop.post([&] { order += "a"; });
  loop.post([&] { order += "b"; });
  loop.run_once();
  EXPECT_EQ(order, "ab");
}

TEST_F(LoopTest, WhatATaskPostsRunsInTheNextRound) {
  loop.post([&] { loop.post([&] { order += "later"; }); });
  loop.run_once();
  EXPECT_EQ(order, "");
  loop.run_once();
  EXPECT_EQ(order, "later");
}

TEST_F(LoopTest, TellsWhenItHasSomethingToDo) {
  EXPECT_EQ(loop.next_due(), std::nullopt);
  const auto later = loop.at(1300, [] {});
  loop.at(1200, [] {});
  EXPECT_EQ(loop.next_due(), 1200);
  loop.post([] {});
  EXPECT_EQ(loop.next_due(), 1000);
  loop.run_once();
  EXPECT_EQ(loop.next_due(), 1200);
  clock.mono = 1200;
  loop.run_once();
  loop.cancel(later);
  EXPECT_EQ(loop.next_due(), std::nullopt);
}

TEST_F(LoopTest, APostFromAnotherThreadWakesTheWaitingLoop) {
  std::thread other([&] { loop.post([&] { order += "woken"; }); });
  while (order.empty()) loop.run_once();
  other.join();
  EXPECT_EQ(order, "woken");
}

TEST_F(LoopTest, TimersRunByTimeAndThenByTheOrderTheyWereSet) {
  loop.at(1300, [&] { order += "c"; });
  loop.at(1100, [&] { order += "a"; });
  loop.at(1100, [&] { order += "b"; });
  loop.run_once(1000);
  EXPECT_EQ(order, "");
  clock.mono = 1299;
  loop.run_once(1299);
  EXPECT_EQ(order, "ab");
  clock.mono = 1300;
  loop.run_once();
  EXPECT_EQ(order, "abc");
}

TEST_F(LoopTest, ACancelledTimerDoesNotRunEvenInTheSameRound) {
  Loop::TimerId second = 0;
  loop.at(1000, [&] {
    order += "a";
    loop.cancel(second);
  });
  second = loop.at(1000, [&] { order += "b"; });
  loop.cancel(0);
  loop.run_once();
  loop.run_once(1000);
  EXPECT_EQ(order, "a");
}

TEST_F(LoopTest, ATimerThatSetsItselfAgainForNowLetsTheRoundEnd) {
  int runs = 0;
  std::function<void()> again = [&] {
    ++runs;
    loop.at(1000, again);
  };
  loop.at(1000, again);
  loop.run_once();
  EXPECT_EQ(runs, 1);
  loop.run_once();
  EXPECT_EQ(runs, 2);
}

TEST_F(LoopTest, TheDeadlineEndsARoundWithNothingToDo) {
  EXPECT_TRUE(loop.run_once(1000));
  EXPECT_TRUE(loop.run_once(-5));
}

TEST_F(LoopTest, AReadableDescriptorCallsItsHandlerUntilRead) {
  Pair pair;
  int calls = 0;
  loop.watch(pair.near.get(), Loop::kReadable, [&](std::uint32_t ready) {
    EXPECT_EQ(ready, Loop::kReadable);
    ++calls;
    char c;
    if (calls == 2) {
      EXPECT_EQ(::read(pair.near.get(), &c, 1), 1);
    }
  });
  loop.run_once(1000);
  EXPECT_EQ(calls, 0);
  pair.poke();
  loop.run_once();
  loop.run_once();
  loop.run_once(1000);
  EXPECT_EQ(calls, 2);
  loop.unwatch(pair.near.get());
}

TEST_F(LoopTest, EventsCanBeTurnedOffAndOn) {
  Pair pair;
  pair.poke();
  int calls = 0;
  loop.watch(pair.near.get(), 0, [&](std::uint32_t) { ++calls; });
  loop.run_once(1000);
  EXPECT_EQ(calls, 0);
  loop.set_events(pair.near.get(), Loop::kReadable);
  loop.run_once();
  EXPECT_EQ(calls, 1);
  loop.unwatch(pair.near.get());
}

TEST_F(LoopTest, AHangUpIsReportedAsReadableAndWritable) {
  Pair pair;
  pair.far.reset();
  std::uint32_t seen = 0;
  loop.watch(pair.near.get(), 0, [&](std::uint32_t ready) { seen = ready; });
  loop.run_once();
  EXPECT_EQ(seen, Loop::kReadable | Loop::kWritable);
  loop.unwatch(pair.near.get());
}

TEST_F(LoopTest, AHandlerMayUnwatchItselfAndANeighbourThatIsReadyToo) {
  Pair first;
  Pair second;
  int calls = 0;
  auto handler = [&](std::uint32_t) {
    ++calls;
    loop.unwatch(first.near.get());
    loop.unwatch(second.near.get());
  };
  loop.watch(first.near.get(), Loop::kReadable, handler);
  loop.watch(second.near.get(), Loop::kReadable, handler);
  first.poke();
  second.poke();
  loop.run_once();
  loop.run_once(1000);
  EXPECT_EQ(calls, 1);
}

TEST_F(LoopTest, AReusedDescriptorNumberDoesNotGetTheEventsOfTheOldOne) {
  Pair first;
  Pair second;
  int old_calls = 0;
  int new_calls = 0;
  const int number = second.near.get();
  auto fresh = std::make_unique<Pair>();
  loop.watch(first.near.get(), Loop::kReadable, [&](std::uint32_t) {
    loop.unwatch(first.near.get());
    loop.unwatch(number);
    EXPECT_EQ(::dup2(fresh->near.get(), number),
              number);  // quiet, under the number that is in this round's list
    loop.watch(number, Loop::kReadable, [&](std::uint32_t) { ++new_calls; });
  });
  loop.watch(number, Loop::kReadable, [&](std::uint32_t) { ++old_calls; });
  first.poke();
  second.poke();
  loop.run_once();
  // Whichever came first in the kernel's list, the new handler has heard nothing.
  EXPECT_LE(old_calls, 1);
  EXPECT_EQ(new_calls, 0);
  loop.unwatch(number);
}

TEST_F(LoopTest, StopFromAnotherThreadEndsRun) {
  std::thread other([&] { loop.stop(); });
  loop.run();
  other.join();
  EXPECT_FALSE(loop.run_once(1000));
}

}  // namespace
}  // namespace pigeond::net
