#include "store/messages/outbox.h"

#include <gtest/gtest.h>

#include "store/sessions.h"

namespace pigeond::store {
namespace {

class OutboxRows : public testing::Test {
 protected:
  std::unique_ptr<Database> database = std::move(Database::open(":memory:").value());
  SessionTable sessions{*database};
  std::int64_t one = sessions.create({0, "one", "{}", true, 0});
  std::int64_t two = sessions.create({0, "two", "{}", true, 0});
  Outbox outbox{*database, one};

  static OutboxRow row(const std::string& id) {
    OutboxRow out;
    out.id = id;
    out.chat = wire::pn("491510000002");
    out.created = 17;
    return out;
  }
};

TEST_F(OutboxRows, ComeBackInTheOrderTheyCameIn) {
  for (const char* id : {"B", "A", "C"}) outbox.insert(row(id), std::nullopt);
  std::string order;
  for (const auto& waiting : outbox.all()) order += waiting.id;
  EXPECT_EQ(order, "BAC");
}

TEST_F(OutboxRows, APageHasNoneThatProgramsDoNotKnowOfYet) {
  outbox.insert(row("A"), std::nullopt);
  OutboxRow untold = row("B");
  untold.untold = true;
  const auto seq = outbox.insert(untold, std::nullopt);
  outbox.insert(row("C"), std::nullopt);
  const auto shown = [&] {
    std::string ids;
    for (std::size_t offset = 0; offset < 4; ++offset)
      for (const auto& waiting : outbox.page(1, offset)) ids += waiting.id;
    return ids;
  };
  EXPECT_EQ(shown(), "AC");
  EXPECT_EQ(outbox.all().size(), 3u);
  outbox.set_told(seq);
  EXPECT_EQ(shown(), "ABC");
}

TEST_F(OutboxRows, ANumberIsNotGivenTwiceEvenWhenItsRowIsGone) {
  const auto first = outbox.insert(row("A"), std::nullopt);
  outbox.remove(first);
  EXPECT_GT(outbox.insert(row("B"), std::nullopt), first);
}

TEST_F(OutboxRows, AnotherProcessGoesOnBehindTheLastRow) {
  outbox.insert(row("A"), std::nullopt);
  const auto last = outbox.insert(row("B"), std::nullopt);
  Outbox later(*database, one);
  EXPECT_GT(later.insert(row("C"), std::nullopt), last);
}

TEST_F(OutboxRows, SessionsDoNotSeeEachOthers) {
  Outbox other(*database, two);
  const auto mine = outbox.insert(row("A"), Bytes{1});
  const auto theirs = other.insert(row("A"), Bytes{2});
  other.remove(theirs);
  ASSERT_EQ(outbox.all().size(), 1u);
  EXPECT_EQ(outbox.stanza(mine), Bytes{1});
  EXPECT_TRUE(other.all().empty());
}

TEST_F(OutboxRows, AStanzaOnceThereMayHaveBeenWritten) {
  const auto seq = outbox.insert(row("A"), std::nullopt);
  EXPECT_FALSE(outbox.find("A")->encrypted);
  outbox.set_stanza(seq, Bytes{1, 2}, "2:abc", 1);
  const auto found = outbox.find("A");
  EXPECT_EQ(found->attempts, 1);
  EXPECT_TRUE(found->encrypted);
  EXPECT_TRUE(found->written);
  EXPECT_EQ(found->phash, "2:abc");
  EXPECT_EQ(outbox.stanza(seq), (Bytes{1, 2}));
}

TEST_F(OutboxRows, OnlyWhatWasNotWrittenCanExpire) {
  outbox.insert(row("A"), std::nullopt);
  EXPECT_FALSE(outbox.can_expire());
  OutboxRow mortal = row("B");
  mortal.expires = 1000;
  const auto seq = outbox.insert(mortal, std::nullopt);
  EXPECT_TRUE(outbox.can_expire());
  EXPECT_FALSE(Outbox(*database, two).can_expire());
  outbox.set_stanza(seq, Bytes{1}, "2:abc", 1);
  EXPECT_FALSE(outbox.can_expire());
}

}  // namespace
}  // namespace pigeond::store
