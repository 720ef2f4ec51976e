#include "engine/messages/identity/chat_timers.h"

#include "base/limits.h"
#include "engine/groups/group.h"
#include "engine/messages/desk.h"
#include "engine/messages/kinds/location.h"
#include "engine/messages/kinds/timer.h"
#include "engine/questions/chat_timer.h"
#include "store/account/lid_mappings.h"
#include "unit/engine/chat_world.h"

namespace pigeond::engine {
namespace {

const wire::Jid kUs = jid("9911:7@lid");
constexpr std::uint32_t kDayLong = 86400, kWeekLong = 604800;
constexpr std::int64_t kBefore = 1699990000;

class ChatTimersTest : public ChatTest {
 protected:
  PeerDevice& phone() { return *alice->devices[0]; }
  void SetUp() override { greet(phone(), kUs); }

  void receive(const Content& content) {
    handle(message("M" + std::to_string(++count_), jid("9922@lid"), phone().seal(kUs, content.message)));
  }
  void receive_with(const Timer& timer) {
    Framing framing;
    framing.timer = timer;
    receive({*framed(text_content("hi"), framing)});
  }
  std::string id() const { return "M" + std::to_string(count_); }

  // What the last message that was stored says.
  Timer sent(const Content& content) {
    const std::string own_id = "OWN" + std::to_string(++count_);
    chat->send({1, jid("4922@s.whatsapp.net"), own_id, content, {}, {}});
    commit();
    auto row = database->prepare("SELECT content FROM message WHERE id = ?");
    row.bind(own_id);
    if (!row.step()) return {};
    return timer_of(wire::proto::decode<wa_Message>(row.blob(0)).value()).value_or(Timer{});
  }

  // What programs are told of the chat.
  std::uint32_t told(const wire::Jid& of) {
    std::optional<std::uint32_t> seconds;
    chat_timer(chat->desk(), of, [&](Result<Timer> timer) { seconds = timer.value().seconds; });
    EXPECT_TRUE(seconds);
    return seconds.value_or(0);
  }

  int count_ = 0;
};

TEST_F(ChatTimersTest, ThatOfAGroupIsToldAsItsFactsHaveIt) {
  wire::Node facts("group");
  facts.set("id", "120363000000000001").set("subject", "Test").set("addressing_mode", "lid");
  facts.add(wire::Node("ephemeral").set("expiration", std::uint64_t{kWeekLong}));
  auto group = parse_group(facts);
  ASSERT_TRUE(group.ok()) << group.error().detail;
  chat->desk().groups.learn(std::move(*group));
  EXPECT_EQ(told(jid("120363000000000001@g.us")), kWeekLong);
  EXPECT_EQ(told(jid("4922@s.whatsapp.net")), 0u);
  receive_with({.seconds = kDayLong, .set = kBefore});
  EXPECT_EQ(told(jid("4922@s.whatsapp.net")), kDayLong);
}

TEST_F(ChatTimersTest, WhatTheOtherSideNamesIsInOurNextMessageOfAnyKind) {
  EXPECT_EQ(sent(text_content("x")).seconds, 0u);
  receive_with({.seconds = kWeekLong, .set = kBefore});
  EXPECT_EQ(sent(text_content("x")).seconds, kWeekLong);
  EXPECT_EQ(sent(text_content("x")).set, kBefore);
  EXPECT_EQ(sent(location_content(1, 2, "Gate")).seconds, kWeekLong);
}

TEST_F(ChatTimersTest, ASettingCountsAndIsNoMessage) {
  receive(timer_content({.seconds = kDayLong, .set = kBefore}));
  EXPECT_TRUE(shown().empty());
  EXPECT_EQ(sent(text_content("x")).seconds, kDayLong);
  receive(timer_content({.seconds = 0, .set = kBefore + 5}));
  EXPECT_EQ(sent(text_content("x")).seconds, 0u);
}

TEST_F(ChatTimersTest, WhatIsOlderChangesNothing) {
  receive(timer_content({.seconds = 0, .set = kBefore + 5}));
  receive_with({.seconds = kWeekLong, .set = kBefore});
  receive(timer_content({.seconds = kWeekLong, .set = kBefore}));
  EXPECT_EQ(sent(text_content("x")).seconds, 0u);
}

TEST_F(ChatTimersTest, AMessageThatNamesNoneEndsNone) {
  receive_with({.seconds = kWeekLong, .set = kBefore});
  receive(text_content("hi"));
  EXPECT_EQ(sent(text_content("x")).seconds, kWeekLong);
}

TEST_F(ChatTimersTest, ASettingFromTheFarFutureCanBeChangedAgain) {
  receive(timer_content({.seconds = kWeekLong, .set = 99999999999}));
  now.wall += 3 * kDay;
  context->now = now;
  receive(timer_content({.seconds = kDayLong, .set = now.wall / 1000}));
  EXPECT_EQ(sent(text_content("x")).seconds, kDayLong);
  receive(timer_content({.seconds = 4000000000u, .set = kBefore}));
  EXPECT_EQ(sent(text_content("x")).seconds, kDayLong) << "nobody waits that long";
}

TEST_F(ChatTimersTest, SurvivesARestartAndIsForgottenWithTheAccount) {
  receive_with({.seconds = kWeekLong, .set = kBefore});
  start();
  EXPECT_EQ(sent(text_content("x")).seconds, kWeekLong);
  store::SessionTable(*database).unlink_account(session);
  EXPECT_EQ(ChatTimers(*context, chat->desk().lids).of(alice->lid).seconds, 0u);
}

TEST_F(ChatTimersTest, OurOwnSettingHoldsFromThenOn) {
  sent(timer_content({.seconds = kDayLong}));
  const Timer timer = sent(text_content("x"));
  EXPECT_EQ(timer.seconds, kDayLong);
  EXPECT_EQ(timer.set, now.wall / 1000);
}

TEST_F(ChatTimersTest, WhatNobodyKnowsIsToldAsItCameAndOnce) {
  Bytes unknown;
  append_field(unknown, 4711, as_bytes("new"));
  receive({unknown});
  EXPECT_TRUE(shown().empty());
  const auto told = effects<RawPartEvent>();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].part, "part 4711");
  EXPECT_EQ(told[0].id, id());
  EXPECT_EQ(told[0].message, unknown);
  EXPECT_EQ(told[0].chat.text(), "4922@s.whatsapp.net");
  Bytes large;
  append_field(large, 4711, Bytes(limits::kRawPart + 1, 'x'));
  receive({large});
  ASSERT_EQ(effects<RawPartEvent>().size(), 2u);
  EXPECT_EQ(effects<RawPartEvent>()[1].size, large.size());
  EXPECT_TRUE(effects<RawPartEvent>()[1].message.empty());
}

}  // namespace
}  // namespace pigeond::engine
