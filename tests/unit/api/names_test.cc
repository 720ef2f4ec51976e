#include "api/waha/names.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace pigeond::api::waha {
namespace {

using gateway::Topic;
using gateway::Topics;

TEST(EventNames, EachTopicHasOneByWhichItIsFound) {
  EXPECT_EQ(event_names().size(), std::size(gateway::kTopics));
  for (const Topic topic : gateway::kTopics)
    EXPECT_EQ(topics_named(event_name(topic)).value(), Topics{topic});
  EXPECT_EQ(event_name(Topic::message_in), "message");
  EXPECT_EQ(event_name(Topic::message_any), "message.any");
}

TEST(EventNames, StarStandsForAllThatAreTold) {
  EXPECT_EQ(topics_named("*").value(), Topics::all().without(Topic::raw_part));
  EXPECT_EQ(topics_named("engine.event").value(), Topics{Topic::raw_part}) << "who wants it names it";
  const auto names = event_names();
  EXPECT_EQ(std::count(names.begin(), names.end(), "state.change"), 0) << "then * is not all";
}

TEST(EventNames, AnotherOneIsRefusedWithTheListInShortAndValidWords) {
  for (const std::string& wrong : {std::string(), std::string("messages"), std::string(5000, 'x'),
                                   std::string(63, 'x') + "ää", std::string("Message")}) {
    const auto named = topics_named(wrong);
    ASSERT_FALSE(named) << wrong;
    EXPECT_EQ(named.cause(), Cause::bad_input);
    EXPECT_NE(named.error().detail.find("message.ack.group"), std::string::npos) << named.error().detail;
    EXPECT_LT(named.error().detail.size(), 700u);
    EXPECT_TRUE(is_valid_utf8(named.error().detail));
  }
}

TEST(StatusNames, AreWahas) {
  EXPECT_EQ(status_name(gateway::SessionStatus::pairing), "SCAN_QR_CODE");
  EXPECT_EQ(status_names(),
            (std::vector<std::string>{"STOPPED", "STARTING", "SCAN_QR_CODE", "PASSKEY_REQUIRED",
                                      "PASSKEY_CONFIRMATION_REQUIRED", "WORKING", "FAILED"}));
}

TEST(StatusNames, AreWhatIsToldOfASession) {
  EXPECT_EQ(status_text(gateway::SessionStatus::pairing), "session status is SCAN_QR_CODE");
  EXPECT_EQ(status_text(gateway::SessionStatus::stopped), "session status is STOPPED");
}

}  // namespace
}  // namespace pigeond::api::waha
