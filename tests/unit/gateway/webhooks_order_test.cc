// What goes side by side, and what never overtakes.
#include <set>

#include "base/limits.h"
#include "unit/gateway/webhooks_support.h"

namespace pigeond::gateway {
namespace {

using Bodies = std::vector<std::string>;

class WebhookOrder : public WebhookWorld {};

TEST_F(WebhookOrder, ChatsGoSideBySideAndEachInItsOrder) {
  for (int i = 0; i < 2; ++i)
    for (const char* chat : {"1", "2", "3"}) add(chat, i);
  tick();
  EXPECT_EQ(sender->bodies(), (Bodies{"1:0", "2:0", "3:0"}));
  sender->answer(1, 200);
  EXPECT_EQ(sender->bodies(), (Bodies{"1:0", "3:0", "2:1"})) << "the next of that chat, at once";
  sender->answer(0, 200);
  EXPECT_EQ(sender->bodies(), (Bodies{"3:0", "2:1", "1:1"}));
}

TEST_F(WebhookOrder, NoMoreThanTheConfiguredConnections) {
  configure([](WebhookConfig& webhook) { webhook.connections = 2; });
  for (int chat = 0; chat < 5; ++chat) add(std::to_string(chat + 1), 0);
  tick();
  EXPECT_EQ(sender->open.size(), 2U);
  sender->answer(0, 200);
  EXPECT_EQ(sender->open.size(), 2U);
}

TEST_F(WebhookOrder, TheSessionsOwnEventsKeepTheirOrderAmongThemselves) {
  add_status("STARTING");
  add("1", 0);
  add_status("WORKING");
  tick();
  EXPECT_EQ(sender->bodies(), (Bodies{"STARTING", "1:0"}));
  sender->answer(0, 200);
  EXPECT_EQ(sender->bodies(), (Bodies{"1:0", "WORKING"}));
}

TEST_F(WebhookOrder, StrictIsOneLine) {
  configure([](WebhookConfig& webhook) { webhook.strict = true; });
  for (const char* chat : {"1", "2", "3"}) add(chat, 0);
  tick();
  EXPECT_EQ(sender->bodies(), (Bodies{"1:0"}));
  sender->answer(0, 503);
  EXPECT_TRUE(sender->open.empty()) << "what failed is first again";
  pass(kMinute);
  EXPECT_EQ(sender->bodies(), (Bodies{"1:0"}));
  sender->answer(0, 200);
  EXPECT_EQ(sender->bodies(), (Bodies{"2:0"}));
}

TEST_F(WebhookOrder, AChatThatFailsHoldsUpNoOther) {
  for (int i = 0; i < 3; ++i)
    for (const char* chat : {"1", "2"}) add(chat, i);
  tick();
  sender->answer(0, 500);  // 1:0
  for (int i = 0; i < 3; ++i) sender->answer(0, 200);
  EXPECT_TRUE(sender->open.empty()) << sender->bodies()[0];
  pass(kMinute);
  EXPECT_EQ(sender->bodies(), (Bodies{"1:0"}));
  EXPECT_EQ(sender->header(0, "Mark-Attempt"), "2");
  for (const char* body : {"1:0", "1:1", "1:2"}) {
    EXPECT_EQ(sender->bodies(), (Bodies{body}));
    sender->answer(0, 200);
  }
}

TEST_F(WebhookOrder, NothingLeavesBeforeItsCommitThoughAnAnswerComesInTheSameTick) {
  add("1", 0);
  tick();
  add("1", 1);
  add("2", 0);
  sender->answer(0, 200);
  EXPECT_TRUE(sender->open.empty());
  roll_back();
  tick();
  EXPECT_TRUE(sender->open.empty());
  add("1", 2);
  tick();
  EXPECT_EQ(sender->bodies(), (Bodies{"1:2"}));
}

TEST_F(WebhookOrder, AReceiverThatIsDownIsSparedAndThenGetsAllAtOnce) {
  for (int chat = 0; chat < 100; ++chat) add(std::to_string(chat + 1), 0);
  tick();
  while (!sender->open.empty()) sender->answer(0, fail(Cause::io, "refused"));
  EXPECT_LT(sender->total, 16U) << "eight have failed, and what was under way then: the others are not tried";
  const auto before = sender->total;
  for (int i = 0; i < 360; ++i) {  // an hour
    pass(10 * kSecond);
    while (!sender->open.empty()) sender->answer(0, fail(Cause::io, "refused"));
  }
  EXPECT_LT(sender->total - before, 2500U);
  EXPECT_TRUE(log(DeliveryState::dead).empty()) << "an hour is no reason to give up";
  pass(5 * kMinute + kSecond);
  ASSERT_FALSE(sender->open.empty());
  sender->answer(0, 200);
  for (std::size_t i = 0; i < 99; ++i) {
    ASSERT_FALSE(sender->open.empty()) << i << " were taken without another wait";
    sender->answer(0, 200);
  }
  EXPECT_TRUE(log(DeliveryState::pending).empty());
}

TEST_F(WebhookOrder, SomeChatsThatAlwaysFailAreNoReceiverThatIsDown) {
  for (int chat = 0; chat < 8; ++chat) add(std::to_string(chat + 1), 0);
  tick();
  while (!sender->open.empty()) sender->answer(0, 500);
  add("99", 0);
  tick();
  Bodies seen;
  for (int i = 0; i < 8 && std::find(seen.begin(), seen.end(), "99:0") == seen.end(); ++i) {
    pass(10 * kSecond);
    while (!sender->open.empty()) {
      seen.push_back(sender->bodies()[0]);
      sender->answer(0, seen.back() == "99:0" ? 200 : 500);
    }
  }
  EXPECT_EQ(std::count(seen.begin(), seen.end(), "99:0"), 1) << "it was tried, and taken";
  add("98", 0);
  tick();
  EXPECT_EQ(sender->bodies(), (Bodies{"98:0"})) << "and then the others at once";
}

TEST_F(WebhookOrder, AChatKeepsItsOrderWhenItsNumberBecomesKnown) {
  engine::MessageEvent hidden;
  hidden.chat = hidden.chat_lid = *wire::parse_jid("77@lid");
  auto known = message_in("49151");
  known.chat_lid = hidden.chat_lid;
  add(hidden, "first");
  add(known, "second");
  add(known, "third");
  tick();
  EXPECT_EQ(sender->bodies(), (Bodies{"first"}));
  sender->answer(0, 200);
  EXPECT_EQ(sender->bodies(), (Bodies{"second"}));
  sender->answer(0, 200);
  EXPECT_EQ(sender->bodies(), (Bodies{"third"}));
}

TEST_F(WebhookOrder, AChatThatWaitsUnderBothItsAddressesIsPutTogether) {
  engine::MessageEvent hidden;
  hidden.chat = hidden.chat_lid = *wire::parse_jid("77@lid");
  auto known = message_in("49151");
  known.chat_lid = hidden.chat_lid;
  add(hidden, "by lid");
  add(message_in("49151"), "by number");
  add(known, "both");
  add("2", 0);
  tick();
  EXPECT_EQ(sender->bodies(), (Bodies{"by lid", "by number"}));
  sender->answer(0, 200);
  EXPECT_EQ(sender->bodies(), (Bodies{"by number"}));
  sender->answer(0, 200);
  EXPECT_EQ(sender->bodies(), (Bodies{"both"}));
  sender->answer(0, 200);
  EXPECT_EQ(sender->bodies(), (Bodies{"2:0"}));
}

TEST_F(WebhookOrder, FromChatsToStrictNothingIsOvertaken) {
  for (int i = 0; i < 2; ++i)
    for (const char* chat : {"1", "2"}) add(chat, i);
  tick();
  configure([](WebhookConfig& webhook) { webhook.strict = true; });
  add("3", 0);
  tick();
  EXPECT_EQ(sender->bodies(), (Bodies{"1:0", "2:0"}));
  sender->answer(1, 200);
  sender->answer(0, 200);
  Bodies rest;
  while (!sender->open.empty()) {
    ASSERT_EQ(sender->open.size(), 1U);
    rest.push_back(sender->bodies()[0]);
    sender->answer(0, 200);
  }
  EXPECT_EQ(rest, (Bodies{"1:1", "2:1", "3:0"}));
}

TEST_F(WebhookOrder, TenThousandRowsOfAChatThatFailsAreWalkedOverOnce) {
  add("1", 0);
  tick();
  for (int i = 1; i < 5000; ++i) add("1", i);
  add("2", 0);
  tick();
  sender->answer(0, 500);
  EXPECT_EQ(sender->bodies(), (Bodies{"2:0"}));
  sender->answer(0, 200);
  pass(kMinute);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(sender->bodies(), (Bodies{"1:" + std::to_string(i)}));
    sender->answer(0, 200);
  }
}

TEST_F(WebhookOrder, TheNextOfALineIsFoundByItsIndex) {
  const auto plan = [&](const std::string& sql) {
    auto row = database->prepare(sql);
    row.bind(std::int64_t{1}).bind(std::int64_t{1});
    std::string out;
    while (row.step()) out += row.text(3) + "\n";
    return out;
  };
  EXPECT_NE(
      plan("EXPLAIN QUERY PLAN SELECT id FROM webhook_pending WHERE line = ? AND id > ? ORDER BY id LIMIT 1")
          .find("SEARCH webhook_pending USING COVERING INDEX webhook_pending_line"),
      std::string::npos);
  const auto page =
      plan("EXPLAIN QUERY PLAN SELECT id, line FROM webhook_pending WHERE id > ? ORDER BY id LIMIT ?");
  EXPECT_NE(page.find("SEARCH webhook_pending USING INTEGER PRIMARY KEY"), std::string::npos) << page;
}

// Chats, failures, commits that fail, restarts and batches at random: each chat is told in its order, nothing
// is left out, and nothing twice but what a restart had not noted.
TEST_F(WebhookOrder, HoldsWhateverHappens) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SeededRandom dice(seed);
    SetUp();
    const int batch = dice.below(3) == 0 ? 1 + static_cast<int>(dice.below(5)) : 0;
    const bool strict = dice.below(4) == 0;
    configure([&](WebhookConfig& webhook) {
      webhook.batch = batch;
      webhook.strict = strict;
      webhook.retries = retries(1000, 1);
    });
    std::map<std::string, int> added, newest;
    std::set<std::string> told;
    std::vector<std::pair<std::string, int>> uncommitted;
    const auto take = [&](const std::string& body) {
      for (const auto part : split(body, ',')) {
        std::string text(part);
        std::erase_if(text, [](char c) { return c == '[' || c == ']'; });
        const std::string chat = text.substr(0, text.find(':'));
        const int number = std::stoi(text.substr(text.find(':') + 1));
        if (told.insert(text).second) {
          ASSERT_EQ(number, newest[chat]) << text << ", seed " << seed;
          ++newest[chat];
        }
      }
    };
    const auto answer = [&](bool all_good) {
      const std::size_t at = dice.below(sender->open.size());
      const auto fate = all_good ? 0 : dice.below(4);
      if (fate == 1) return sender->answer(at, dice.below(2) == 0 ? 500 : 422);
      take(sender->bodies()[at]);  // taken, though nobody hears of it
      if (fate == 2) return sender->answer(at, fail(Cause::link_lost, "closed"));
      sender->answer(at, 200);
    };
    for (int step = 0; step < 300 && !HasFatalFailure(); ++step) {
      switch (dice.below(8)) {
        case 0:
        case 1:
        case 2: {
          const std::string chat = std::to_string(1 + dice.below(6));
          uncommitted.emplace_back(chat, added[chat]);
          add(chat, added[chat]++);
          break;
        }
        case 3:
          tick();
          uncommitted.clear();
          break;
        case 4:
        case 5:
          if (!sender->open.empty()) answer(false);
          break;
        case 6:
          pass(kSecond);
          uncommitted.clear();
          break;
        default:
          if (dice.below(4) != 0) break;
          if (dice.below(2) == 0) {
            roll_back();
          } else {
            restart();
          }
          for (auto at = uncommitted.rbegin(); at != uncommitted.rend(); ++at) added[at->first] = at->second;
          uncommitted.clear();
      }
    }
    tick();
    for (int i = 0; i < 20000 && !HasFatalFailure() && !log(DeliveryState::pending).empty(); ++i) {
      if (sender->open.empty()) {
        pass(kSecond);
      } else {
        answer(true);
      }
    }
    ASSERT_FALSE(HasFatalFailure());
    for (const auto& [chat, count] : added)
      ASSERT_EQ(newest[chat], count) << "chat " << chat << ", seed " << seed;
  }
}

}  // namespace
}  // namespace pigeond::gateway
