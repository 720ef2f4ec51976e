#include "base/log.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace pigeond {
namespace {

class Log : public testing::Test {
 protected:
  void SetUp() override { log::set_level(log::Level::debug); }
  void TearDown() override { log::set_level(log::Level::info); }
};

template <typename Action>
std::string printed(Action action) {
  testing::internal::CaptureStderr();
  action();
  return testing::internal::GetCapturedStderr();
}

TEST_F(Log, ALineHasItsPriorityItsEventAndItsFields) {
  EXPECT_EQ(printed([] {
              log::info("linked", {{"session", "default"}, {"count", "3"}});
            }),
            "<6>linked session=default count=3\n");
  EXPECT_EQ(printed([] { log::error("stopped"); }), "<3>stopped\n");
  EXPECT_EQ(printed([] { log::warning("a"); }), "<4>a\n");
  EXPECT_EQ(printed([] { log::notice("a"); }), "<5>a\n");
  EXPECT_EQ(printed([] { log::debug("a"); }), "<7>a\n");
}

TEST_F(Log, LinesLessUrgentThanTheLevelAreDropped) {
  log::set_level(log::Level::warning);
  EXPECT_EQ(printed([] {
              log::notice("quiet");
              log::warning("loud");
            }),
            "<4>loud\n");
}

TEST_F(Log, OfASessionThatIsWatchedNoLineIsDropped) {
  log::set_level(log::Level::error);
  EXPECT_FALSE(log::debugs("shop"));
  log::watch("shop", true);
  EXPECT_TRUE(log::debugs("shop"));
  EXPECT_FALSE(log::debugs("sho"));
  EXPECT_EQ(printed([] {
              log::debug("seen", {{"id", "1"}, {"session", "shop"}});
              log::debug("not seen", {{"session", "default"}});
              log::notice("not seen", {{"name", "shop"}});
              log::warning("not seen");
            }),
            "<7>seen id=1 session=shop\n");
  log::watch("shop", false);
  log::watch("shop", false);
  EXPECT_EQ(printed([] { log::debug("not seen", {{"session", "shop"}}); }), "");
}

TEST_F(Log, AValueCannotForgeAFieldOrALine) {
  EXPECT_EQ(printed([] {
              log::info("x", {{"host", "a b=c\n<0>panic \"\\\x7f"}});
            }),
            "<6>x host=\"a b=c\\x0a<0>panic \\\"\\\\\\x7f\"\n");
  EXPECT_EQ(printed([] { log::info("x", {{"empty", ""}}); }), "<6>x empty=\"\"\n");
}

TEST_F(Log, TextBeyondAsciiStaysReadable) {
  EXPECT_EQ(printed([] { log::info("x", {{"name", "J\xc3\xbcrgen"}}); }), "<6>x name=J\xc3\xbcrgen\n");
}

TEST_F(Log, LinesOfSeveralThreadsStayWhole) {
  const auto text = printed([] {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([] {
        for (int i = 0; i < 100; ++i) log::info("event", {{"filler", std::string(200, 'x')}});
      });
    }
    for (auto& thread : threads) thread.join();
  });
  const std::string line = "<6>event filler=" + std::string(200, 'x') + "\n";
  std::string expected;
  for (int i = 0; i < 400; ++i) expected += line;
  EXPECT_EQ(text, expected);
}

}  // namespace
}  // namespace pigeond
