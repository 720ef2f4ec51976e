#include "wire/codec.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "unit/wire/node_vectors.h"

namespace pigeond::wire {
namespace {

using test::hex;

Node with_text(std::string text) {
  Node node("message");  // one byte: 13
  node.content = std::move(text);
  return node;
}

TEST(Codec, EncodesTheNodesOfOtherClients) {
  for (const auto& vector : test::load_vectors("node-vectors.json", "nodes")) {
    if (vector["direction"] == "decode") continue;
    EXPECT_EQ(vector["hex"], hex_lower(encode(test::vector_node(vector["node"])))) << vector["id"];
  }
}

TEST(Codec, DecodesTheNodesOfOtherClients) {
  for (const auto& vector : test::load_vectors("node-vectors.json", "nodes")) {
    auto decoded = decode(hex(vector["hex"]));
    ASSERT_TRUE(decoded) << vector["id"] << ' ' << decoded.error().detail;
    Node expected = test::vector_node(vector["node"]);
    test::texts_to_bytes(*decoded);
    test::texts_to_bytes(expected);
    EXPECT_EQ(to_xml(*decoded), to_xml(expected)) << vector["id"];
    EXPECT_TRUE(*decoded == expected) << vector["id"];
  }
}

TEST(Codec, ReadsTheHeadOfWhatCantBeReadWhole) {
  Node node("message");
  node.set("id", "3EB0").set("from", pn("491111111", 3)).add(Node("enc").body(Bytes(20, 7)));
  Bytes bytes = encode(node);
  bytes.pop_back();
  ASSERT_FALSE(decode(bytes));
  const auto head = decode_head(bytes);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->tag, "message");
  EXPECT_EQ(head->attributes, node.attributes);
  EXPECT_TRUE(head->children().empty());
  EXPECT_FALSE(decode_head(ByteView(bytes).first(6)));
  EXPECT_FALSE(decode_head({}));
}

TEST(Codec, ChoosesTokenThenPackedDigitsThenTheTextItself) {
  for (const auto& vector : test::load_vectors("node-vectors.json", "strings")) {
    const auto text = vector["text"].get<std::string>();
    const std::string bytes = "00f80213" + vector["hex"].get<std::string>();
    if (!vector.contains("direction")) {
      EXPECT_EQ(hex_lower(encode(with_text(text))), bytes) << vector["id"];
    }
    const auto decoded = decode(hex(bytes));
    ASSERT_TRUE(decoded) << vector["id"];
    EXPECT_EQ(decoded->text(), text) << vector["id"];
  }
}

TEST(Codec, PacksUpTo127CharactersOfDigitsOrUpperCaseHex) {
  const auto first_byte = [](const std::string& text) { return encode(with_text(text)).at(4); };
  EXPECT_EQ(first_byte(std::string(127, '0')), 0xff);
  EXPECT_EQ(first_byte(std::string(128, '0')), 0xfc);
  EXPECT_EQ(first_byte(std::string(127, 'A')), 0xfb);
  EXPECT_EQ(first_byte(std::string(128, 'A')), 0xfc);
  for (const char* text : {"abcdef", "DeadBeef", " ", "123abc", "123!456", "@", "A.5", "12G"})
    EXPECT_EQ(first_byte(text), 0xfc) << text;
}

TEST(Codec, RefusesWhatIsNoNode) {
  for (const auto& vector : test::load_vectors("node-vectors.json", "errors")) {
    const auto decoded = decode(hex(vector["hex"]));
    ASSERT_FALSE(decoded) << vector["id"];
    EXPECT_EQ(decoded.cause(), Cause::malformed) << vector["id"];
  }
  EXPECT_FALSE(decode({}));
}

TEST(Codec, RefusesEveryTruncation) {
  const Bytes whole = encode(test::vector_node(test::load_vectors("node-vectors.json", "nodes")[0]["node"]));
  ASSERT_TRUE(decode(whole));
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(decode(ByteView(whole).first(size))) << size;
}

TEST(Codec, WritesListAndBinarySizesAtTheirBoundaries) {
  const auto children = [](std::size_t count) {
    Node parent("message");
    for (std::size_t i = 0; i < count; ++i) parent.add(Node("message"));
    return encode(parent);
  };
  EXPECT_EQ(hex_lower(ByteView(children(255)).subspan(4, 2)), "f8ff");
  EXPECT_EQ(hex_lower(ByteView(children(256)).subspan(4, 3)), "f90100");
  EXPECT_EQ(decode(children(256))->children().size(), 256u);

  const auto binary = [](std::size_t size) { return encode(Node("message").body(Bytes(size, 0x42))); };
  EXPECT_EQ(hex_lower(ByteView(binary(255)).subspan(4, 2)), "fcff");
  EXPECT_EQ(hex_lower(ByteView(binary(256)).subspan(4, 4)), "fd000100");
  EXPECT_EQ(hex_lower(ByteView(binary(0xfffff)).subspan(4, 4)), "fd0fffff");
  EXPECT_EQ(hex_lower(ByteView(binary(0x100000)).subspan(4, 5)), "fe00100000");
  for (const std::size_t size : {0u, 255u, 256u, 0xfffffu, 0x100000u})
    EXPECT_EQ(decode(binary(size))->bytes(), Bytes(size, 0x42)) << size;
}

TEST(Codec, LeavesOutEmptyAttributes) {
  Node node("message");
  node.attributes = {{"id", std::string()}, {"to", Jid()}, {"type", std::string("text")}};
  EXPECT_EQ(encode(node), encode(Node("message").set("type", "text")));
}

TEST(Codec, ByteContentIsNeverTakenForText) {
  const auto decoded = decode(encode(Node("message").body(to_bytes("receipt"))));
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(std::holds_alternative<Bytes>(decoded->content));
  EXPECT_TRUE(std::holds_alternative<std::string>(decode(encode(with_text("receipt")))->content));
}

TEST(Codec, ATextWithAnAtSignStaysText) {
  const auto node = decode(encode(Node("message").set("name", "foo:bar@s.whatsapp.net")));
  ASSERT_TRUE(node);
  EXPECT_TRUE(std::holds_alternative<std::string>(*node->find("name")));
}

TEST(Codec, JidsComeBackWithTheirDevice) {
  const Jid jids[] = {service(),
                      pn("551199887766"),
                      pn("551199887766", 33),
                      pn("551199887766", 255),
                      lid("236395184570386", 39),
                      {"1203630", "g.us", 0, 0},
                      {"5511", "hosted", 0, 0},
                      {"5511", "hosted", 99, 0},
                      {"5511", "hosted.lid", 0, 0},
                      {"5511", "msgr", 258, 0},
                      {"5511", "interop", 2, 21},
                      {"status", "broadcast", 0, 0},
                      {"x", "a.server.of.tomorrow", 0, 0}};
  for (const auto& jid : jids) {
    const auto node = decode(encode(Node("message").set("to", jid)));
    ASSERT_TRUE(node) << jid.text();
    EXPECT_EQ(node->jid("to"), jid) << jid.text();
  }
}

TEST(Codec, TheDomainByteFollowsTheServer) {
  const auto bytes = [](const Jid& jid) {
    return hex_lower(ByteView(encode(Node("message").set("to", jid))).subspan(5, 3));
  };
  EXPECT_EQ(bytes(pn("1", 2)), "f70002");
  EXPECT_EQ(bytes(lid("1", 2)), "f70102");
  EXPECT_EQ(bytes({"1", "hosted", 0, 0}), "f78000");
  EXPECT_EQ(bytes({"1", "hosted.lid", 99, 0}), "f78163");
}

TEST(Codec, ADeviceThatFitsNoByteIsNotCutToAnother) {
  const auto node = decode(encode(Node("message").set("to", pn("5511", 300))));
  ASSERT_TRUE(node);
  EXPECT_EQ(node->attr("to"), "5511:300@s.whatsapp.net");
}

TEST(Codec, ReadsUnknownDomainsByTheHostedBit) {
  const auto server = [](const char* bytes) { return decode(hex(bytes))->jid("to")->server; };
  EXPECT_EQ(server("00f80313"
                   "11f70505ff8212"
                   "3f"),
            "s.whatsapp.net");
  EXPECT_EQ(server("00f80313"
                   "11f78205ff8212"
                   "3f"),
            "hosted");
}

TEST(Codec, RefusesAnAttributeNamedTwice) {
  EXPECT_FALSE(
      decode(hex("00f80513"
                 "0801"
                 "0802")));
  EXPECT_TRUE(
      decode(hex("00f80513"
                 "0801"
                 "0702")));
}

TEST(Codec, RefusesTextThatIsNotUtf8ButTakesAnyBytes) {
  EXPECT_FALSE(decode(hex("00f8031308fc02c328")));
  EXPECT_TRUE(decode(hex("00f80213fc02c328")));
}

TEST(Codec, BoundsTheDepth) {
  const auto nested = [](int depth) {
    Node node("message");
    for (int i = 1; i < depth; ++i) {
      Node parent("message");
      parent.add(std::move(node));
      node = std::move(parent);
    }
    return encode(node);
  };
  EXPECT_TRUE(decode(nested(limits::kNodeDepth)));
  EXPECT_FALSE(decode(nested(limits::kNodeDepth + 1)));
}

TEST(Codec, BoundsTheNumberOfNodes) {
  // 5 lists of 65535 nodes of three bytes each: more than kNodeItems, in about a megabyte.
  Bytes bytes = hex("00f80213f805");
  for (int i = 0; i < 5; ++i) {
    const Bytes head = hex("f80213f9ffff");
    bytes.insert(bytes.end(), head.begin(), head.end());
    for (int j = 0; j < 65535; ++j) bytes.insert(bytes.end(), {0xf8, 0x01, 0x13});
  }
  const auto decoded = decode(bytes);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.cause(), Cause::too_large);
}

TEST(Codec, ASizeThatTheBytesCantFillAllocatesNothing) {
  EXPECT_FALSE(decode(hex("00f80213feffffffff")));
  EXPECT_FALSE(decode(hex("00f80213f9ffff")));
  EXPECT_FALSE(decode(hex("00f9ffff13")));
}

TEST(Codec, InflatesCompressedNodes) {
  for (const auto& vector : test::load_vectors("node-vectors.json", "compressed")) {
    const auto decoded = decode(hex(vector["hex"]));
    ASSERT_TRUE(decoded) << decoded.error().detail;
    EXPECT_EQ(*decoded, *decode(hex("00" + vector["plain"].get<std::string>())));
    const Bytes whole = hex(vector["hex"]);
    EXPECT_FALSE(decode(ByteView(whole).first(whole.size() - 1)));
    Bytes longer = whole;
    longer.push_back(0);
    EXPECT_FALSE(decode(longer));
  }
  EXPECT_FALSE(decode(hex("0201020304")));
}

}  // namespace
}  // namespace pigeond::wire
