// What comes in chats that a session ignores: nothing is kept or told of it, and Signal's state goes on as if
// it were.
#include "unit/engine/chat_world.h"

namespace pigeond::engine {
namespace {

const wire::Jid kUs = jid("9911:7@lid");

class IgnoredChatsTest : public ChatTest {
 protected:
  PeerDevice& phone() { return *alice->devices[0]; }
  std::size_t rows() {
    auto query = database->prepare("SELECT COUNT(*) FROM message");
    EXPECT_TRUE(query.step());
    return static_cast<std::size_t>(query.integer(0));
  }
  // What we answered to the stanza of that id, by tag and type.
  std::vector<std::string> answers(const std::string& id) const {
    std::vector<std::string> found;
    for (const auto& node : service.sent)
      if (node.attr("id") == id)
        found.push_back(node.tag + (node.has("type") ? " " + node.attr("type") : ""));
    return found;
  }
  wire::Node from_group(const std::string& id, const wire::Jid& where) {
    wire::Node stanza("message");
    stanza.set("id", id).set("from", where).set("participant", phone().lid()).set("t", "1700000001");
    stanza.set("type", "text");
    return stanza;
  }
  // The sender key goes along with the first message.
  wire::Node with_key(wire::Node stanza, const wire::Jid& where) {
    const auto key = phone().groups().distribution(where.text(), address_of(phone().lid()));
    EXPECT_TRUE(key.ok());
    Bytes distribution, outer;
    append_field(distribution, 1, as_bytes(where.text()));
    append_field(distribution, 2, *key);
    append_field(outer, 2, distribution);
    stanza.add(phone().seal(kUs, outer));
    return stanza;
  }
  wire::Node with_text(wire::Node stanza, const wire::Jid& where, const std::string& words) {
    const auto body = phone().groups().encrypt(where.text(), address_of(phone().lid()),
                                               padded(text(words), phone().random()));
    EXPECT_TRUE(body.ok());
    wire::Node enc("enc");
    enc.set("v", "2").set("type", "skmsg").body(*body);
    stanza.add(std::move(enc));
    return stanza;
  }

  const wire::Jid group = jid("120363000000000001@g.us");
  const wire::Jid status{"status", "broadcast"};
};

TEST_F(IgnoredChatsTest, AGroupsMessagesAreAnsweredAndNeitherKeptNorTold) {
  greet(phone(), kUs);
  context->ignored.groups = true;
  handle(with_text(with_key(from_group("G1", group), group), group, "one"));
  handle(with_text(from_group("G2", group), group, "two"));
  EXPECT_EQ(shown().size(), 0u);
  EXPECT_EQ(rows(), 0u);
  EXPECT_EQ(answers("G1"), (std::vector<std::string>{"receipt inactive"}));
  EXPECT_EQ(answers("G2"), (std::vector<std::string>{"receipt inactive"}));
}

TEST_F(IgnoredChatsTest, WhoIgnoresThemNoMoreReadsOnWithTheSenderKeyThatCameMeanwhile) {
  greet(phone(), kUs);
  context->ignored.groups = true;
  handle(with_text(with_key(from_group("G1", group), group), group, "one"));
  context->ignored.groups = false;
  handle(with_text(from_group("G2", group), group, "two"));
  ASSERT_EQ(shown().size(), 1u);
  EXPECT_EQ(shown()[0].body, "two");
  EXPECT_EQ(answers("G2"), (std::vector<std::string>{"receipt inactive"}));
}

TEST_F(IgnoredChatsTest, TheSenderKeyThatIsMissingIsAskedForAllTheSame) {
  greet(phone(), kUs);
  context->ignored.groups = true;
  with_key(from_group("G0", group), group);
  handle(with_text(from_group("G1", group), group, "one"));
  EXPECT_EQ(answers("G1"), (std::vector<std::string>{"receipt retry", "ack"}));
}

// No row says that it has come before; asking its sender for it again would never end.
TEST_F(IgnoredChatsTest, WhatIsDeliveredOnceMoreIsAnsweredAgain) {
  greet(phone(), kUs);
  context->ignored.groups = true;
  const auto stanza = with_text(with_key(from_group("G1", group), group), group, "one");
  handle(stanza);
  handle(stanza);
  EXPECT_EQ(answers("G1"), (std::vector<std::string>{"receipt inactive", "receipt inactive"}));
  EXPECT_EQ(shown().size(), 0u);
}

TEST_F(IgnoredChatsTest, EachKindOfChatIsIgnoredForItself) {
  greet(phone(), kUs);
  const wire::Jid list{"17", "broadcast"};
  context->ignored.status = true;
  handle(with_text(with_key(from_group("S1", status), status), status, "a story"));
  EXPECT_EQ(shown().size(), 0u);
  handle(with_text(with_key(from_group("L1", list), list), list, "to a list"));
  handle(with_text(with_key(from_group("G1", group), group), group, "to a group"));
  EXPECT_EQ(shown().size(), 2u);
  context->ignored = {};
  context->ignored.broadcasts = true;
  handle(with_text(from_group("L2", list), list, "to a list"));
  EXPECT_EQ(shown().size(), 2u);
  handle(with_text(from_group("S2", status), status, "a story"));
  EXPECT_EQ(shown().size(), 3u);
}

TEST_F(IgnoredChatsTest, PeopleAreNeverIgnored) {
  greet(phone(), kUs);
  context->ignored = {true, true, true, true};
  handle(message("M1", jid("9922@lid"), phone().seal(kUs, text("hi there"))));
  EXPECT_EQ(shown().size(), 1u);
  EXPECT_EQ(rows(), 1u);
}

// The phone keeps it from companions, or the service has lost it: elsewhere that leaves a placeholder.
TEST_F(IgnoredChatsTest, WhatCannotBeHadLeavesNoPlaceholder) {
  context->ignored.groups = true;
  auto stanza = from_group("G1", group);
  stanza.add(wire::Node("unavailable"));
  handle(stanza);
  EXPECT_EQ(shown().size(), 0u);
  EXPECT_EQ(rows(), 0u);
  EXPECT_EQ(answers("G1"), (std::vector<std::string>{"ack"}));
}

}  // namespace
}  // namespace pigeond::engine
