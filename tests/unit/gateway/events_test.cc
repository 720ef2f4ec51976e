#include "gateway/events.h"

#include <gtest/gtest.h>

#include "gateway/ulid.h"

namespace pigeond::gateway {
namespace {

using Names = std::vector<std::string>;

engine::MessageEvent message_in(const wire::Jid& chat, bool from_me = false) {
  engine::MessageEvent message;
  message.chat = chat;
  message.from_me = from_me;
  message.type = "text";
  return message;
}

TEST(Events, TellIncomingMessagesTwiceAndOwnOnesOnce) {
  const SessionConfig config;
  EXPECT_EQ(event_names(config, message_in(wire::pn("123"))), (Names{"message", "message.any"}));
  EXPECT_EQ(event_names(config, message_in(wire::pn("123"), true)), (Names{"message.any"}));
}

TEST(Events, LeaveReactionsToTheirOwnEvent) {
  auto reaction = message_in(wire::pn("123"));
  reaction.type = "reaction";
  EXPECT_EQ(event_names({}, reaction), Names{});
}

TEST(Events, TellAcknowledgementsOfGroupsApart) {
  engine::AckEvent ack;
  ack.chat = wire::pn("123");
  EXPECT_EQ(event_names({}, ack), (Names{"message.ack"}));
  ack.chat = {"123-456", "g.us"};
  EXPECT_EQ(event_names({}, ack), (Names{"message.ack.group"}));
}

TEST(Events, SkipExactlyWhatASessionIgnores) {
  const wire::Jid status{"status", "broadcast"}, list{"17", "broadcast"}, group{"1-2", "g.us"},
      channel{"9", "newsletter"};
  SessionConfig config;
  config.ignore_status = true;
  EXPECT_TRUE(event_names(config, message_in(status)).empty());
  EXPECT_FALSE(event_names(config, message_in(list)).empty());
  config = {};
  config.ignore_broadcast = true;
  EXPECT_FALSE(event_names(config, message_in(status)).empty());
  EXPECT_TRUE(event_names(config, message_in(list)).empty());
  config = {};
  config.ignore_groups = config.ignore_channels = true;
  EXPECT_TRUE(event_names(config, message_in(group)).empty());
  EXPECT_TRUE(event_names(config, message_in(channel)).empty());
  EXPECT_FALSE(event_names(config, message_in(wire::pn("1"))).empty());
}

TEST(Ulid, SortsByTimeAndDiffersWithinIt) {
  SeededRandom random(1);
  const auto first = make_ulid(1000, random), second = make_ulid(1000, random),
             later = make_ulid(1001, random);
  EXPECT_EQ(first.size(), 26u);
  EXPECT_NE(first, second);
  EXPECT_EQ(first.substr(0, 10), second.substr(0, 10));
  EXPECT_LT(std::max(first, second), later);
  EXPECT_EQ(make_ulid(1469918176385, random).substr(0, 10),
            "01aryz6s41");  // the time of the ULID specification's example
}

}  // namespace
}  // namespace pigeond::gateway
