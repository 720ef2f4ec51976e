#include "wire/node.h"

#include <gtest/gtest.h>

namespace pigeond::wire {
namespace {

Node sample() {
  Node node("iq");
  node.set("id", "12").set("to", service()).set("count", std::uint64_t{7}).set("secret", "s3cret");
  node.add(Node("query").set("v", "1").add(Node("user").set("jid", pn("5511", 2))));
  node.add(Node("user").body(to_bytes("hello")));
  return node;
}

TEST(Node, AttributesReadAsTextJidAndNumber) {
  const Node node = sample();
  EXPECT_EQ(node.attr("to"), "s.whatsapp.net");
  EXPECT_EQ(node.jid("to"), service());
  EXPECT_EQ(node.number("count"), 7u);
  EXPECT_EQ(node.number("id"), 12u);
  EXPECT_FALSE(node.number("secret"));
  EXPECT_FALSE(node.number("to"));
  EXPECT_FALSE(node.jid("secret"));
  EXPECT_TRUE(node.is("id", "12"));
  EXPECT_EQ(node.attr("absent"), "");
  EXPECT_FALSE(node.has("absent"));
  EXPECT_EQ(Node("a").set("j", "4711@lid").jid("j"), lid("4711"));
}

TEST(Node, SettingAgainReplacesAndEmptyRemoves) {
  Node node = sample();
  node.set("id", "13");
  EXPECT_EQ(node.attr("id"), "13");
  EXPECT_EQ(node.attributes.size(), 4u);
  node.set("id", "").set("to", Jid());
  EXPECT_EQ(node.attributes.size(), 2u);
  EXPECT_FALSE(Node("a").set("x", "").has("x"));
}

TEST(Node, FindsChildrenByTagAndPath) {
  const Node node = sample();
  ASSERT_NE(node.child("query"), nullptr);
  EXPECT_EQ(node.child("nothing"), nullptr);
  ASSERT_NE(node.path({"query", "user"}), nullptr);
  EXPECT_EQ(node.path({"query", "user"})->jid("jid"), pn("5511", 2));
  EXPECT_EQ(node.path({"query", "none", "user"}), nullptr);
  EXPECT_TRUE(node.child("user")->children().empty());
  int users = 0;
  node.each("user", [&](const Node&) { ++users; });
  EXPECT_EQ(users, 1);
}

TEST(Node, ContentReadsAsBytesAndAsText) {
  EXPECT_EQ(sample().child("user")->text(), "hello");
  Node token("x");
  token.content = std::string("42");
  EXPECT_EQ(token.text(), "42");
  EXPECT_EQ(token.bytes(), to_bytes("42"));
  EXPECT_TRUE(sample().bytes().empty());
  EXPECT_TRUE(Node("x").text().empty());
}

TEST(Node, ItsOutlineShowsRoutesButNoContents) {
  EXPECT_EQ(outline(sample()),
            "<iq id=\"12\" to=\"s.whatsapp.net\" count=\"7\" secret><query v=\"1\">"
            "<user jid=\"5511:2@s.whatsapp.net\"/></query><user>[5]</user></iq>");
}

TEST(Node, ItsXmlShowsEverythingEscaped) {
  Node node("a");
  node.set("n", "<\"&>");
  node.body(to_bytes("hi"));
  EXPECT_EQ(to_xml(node), "<a n=\"&lt;&quot;&amp;&gt;\">6869</a>");
  EXPECT_EQ(to_xml(Node("b")), "<b/>");
}

}  // namespace
}  // namespace pigeond::wire
