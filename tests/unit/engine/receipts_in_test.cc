// Receipts of what was written in a group of a thousand, and in a chat with one person.
#include <algorithm>
#include <cstddef>

#include "engine/messages/desk.h"
#include "unit/engine/chat_world.h"

namespace pigeond::engine {
namespace {

const char* const kLarge = "120363000000000009@g.us";
constexpr int kMembers = 1000;

class ReceiptsInTest : public ChatTest {
 protected:
  static wire::Jid member(int number) { return wire::lid(std::to_string(770000 + number)); }
  void learn(int members) {
    Group group;
    group.facts.jid = jid(kLarge);
    group.facts.addressing = Addressing::lid;
    group.members.push_back({own->lid, own->pn, Rank::owner});
    for (int i = 0; i < members; ++i) group.members.push_back({member(i), {}, Rank::member});
    chat->desk().groups.learn(std::move(group));
    commit();
  }
  void write(const char* id, const wire::Jid& to) {
    store::MessageRow row;
    row.id = id;
    row.chat = to;
    row.sender = credentials.pn;
    row.from_me = true;
    row.type = "text";
    row.ack = 1;
    chat->desk().messages.insert(row);
    commit();
  }
  static wire::Node receipt(const wire::Jid& from, const char* type, const char* time = "1700000010") {
    wire::Node node("receipt");
    return node.set("id", "M1").set("from", from).set("type", type).set("t", time);
  }
  void from_member(const wire::Jid& who, const char* type) {
    (void)chat->handle(receipt(jid(kLarge), type).set("participant", who));
  }
  int level() { return chat->desk().messages.heads("M1").front().ack; }
  std::ptrdiff_t told() const {
    return std::count_if(context->effects.begin(), context->effects.end(),
                         [](const auto& effect) { return std::holds_alternative<AckEvent>(effect); });
  }
};

TEST_F(ReceiptsInTest, AThousandReceiptsCostAsMuchEachAsTheFirstAndEndWithTheLast) {
  learn(kMembers);
  write("M1", jid(kLarge));
  std::ptrdiff_t events = 0;
  for (const char* type : {"", "read", "played"}) {
    const int before = level();
    for (int i = 0; i < kMembers; ++i) {
      EXPECT_EQ(level(), before) << type << i;
      const auto changed = database->rows_changed();
      from_member(member((i * 389) % kMembers).with_device(i % 2 == 0 ? 0 : 3), type);
      // His row and the sums; the first finds out how many they are, the last moves the message.
      EXPECT_LE(database->rows_changed() - changed, 3) << type << i;
      EXPECT_EQ(told(), ++events);
    }
    EXPECT_EQ(level(), before + 1);
    commit();
  }
  const auto changed = database->rows_changed();
  for (int i = 0; i < kMembers; ++i) from_member(member(i).with_device(9), "read");
  EXPECT_EQ(database->rows_changed(), changed) << "nothing new in it";
  EXPECT_EQ(told(), events);
}

TEST_F(ReceiptsInTest, WhoLeavesTakesNoReceiptWithHimAndWhoJoinsIsNotWaitedFor) {
  learn(3);
  write("M1", jid(kLarge));
  from_member(member(0), "read");
  learn(2);  // somebody left
  from_member(member(1), "read");
  EXPECT_EQ(level(), 1) << "two of the three it was sent to";
  learn(5);
  from_member(member(2), "");
  EXPECT_EQ(level(), 2);
  from_member(member(2), "read");
  EXPECT_EQ(level(), 3);
}

TEST_F(ReceiptsInTest, OwnDevicesAreNoRecipientsNeitherAloneNorAmongOthers) {
  learn(2);
  write("M1", jid(kLarge));
  from_member(own->lid.with_device(9), "");
  from_member(own->lid.with_device(9), "read");
  wire::Node many = receipt(jid(kLarge), "read"), participants("participants");
  participants.set("key", "M1");
  for (const auto& who : {own->lid, member(0)}) {
    wire::Node user("user");
    participants.add(user.set("jid", who).set("t", "1700000020"));
  }
  (void)chat->handle(many.add(std::move(participants)));
  EXPECT_EQ(told(), 1);
  EXPECT_EQ(level(), 1);
  const auto seq = chat->desk().messages.heads("M1").front().seq;
  const auto rows = chat->desk().receipts.of(seq);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].user, member(0));
  EXPECT_EQ(rows[0].read, 1700000020);
  from_member(member(1), "read");
  EXPECT_EQ(level(), 3);
}

TEST_F(ReceiptsInTest, OnePersonHasOneRowByWhicheverAddressHeAnswers) {
  write("M1", alice->pn);
  chat->desk().lids.learn(alice->lid, alice->pn);
  const auto changed = [&](const wire::Node& node) {
    const auto before = database->rows_changed();
    (void)chat->handle(node);
    return database->rows_changed() - before;
  };
  EXPECT_EQ(changed(receipt(alice->lid.with_device(5), "read", "1700000020")), 2);
  EXPECT_EQ(changed(receipt(alice->pn, "", "1700000010")), 1) << "when it came is noted, and not told";
  EXPECT_EQ(changed(receipt(alice->pn, "read", "1700000030")), 0);
  EXPECT_EQ(told(), 1);
  EXPECT_EQ(level(), 3);
  const auto rows = chat->desk().receipts.of(chat->desk().messages.heads("M1").front().seq);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].delivered, 1700000010);
  EXPECT_EQ(rows[0].read, 1700000020);
}

}  // namespace
}  // namespace pigeond::engine
