#include "wire/proto_stream.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace pigeond::wire {
namespace {

// Enters fields 2, takes fields 1 whole, and writes down what comes.
struct Notes final : ProtoVisitor {
  std::string text;
  static std::string name(Path path) {
    std::string out;
    for (const auto number : path) out += (out.empty() ? "" : ".") + std::to_string(number);
    return out;
  }
  Wish wish(Path path) override {
    return path.back() == 2 ? Wish::enter : path.back() == 1 ? Wish::whole : Wish::skip;
  }
  void number(Path path, std::uint64_t value) override {
    text += name(path) + "=" + std::to_string(value) + " ";
  }
  void bytes(Path path, ByteView value) override { text += name(path) + "=" + hex_lower(value) + " "; }
  void left(Path path, bool broken) override { text += name(path) + (broken ? "! " : "/ "); }
};

std::string read(const std::string& hex, std::size_t step = 1) {
  const Bytes bytes = *parse_hex(hex);
  Notes notes;
  ProtoStream stream(notes);
  for (std::size_t at = 0; at < bytes.size(); at += step)
    if (auto status = stream.feed(ByteView(bytes).subspan(at, std::min(step, bytes.size() - at))); !status)
      return notes.text + "malformed";
  return notes.text + (stream.end() ? "." : "cut");
}

TEST(ProtoStream, NumbersBytesAndMessagesComeWithTheWayToThem) {
  for (const std::size_t step : {1u, 2u, 100u}) {
    //        3: 300    1: "hi"     2 { 1: "a", 2 { 4: 1 } }  2 {}
    EXPECT_EQ(read("18ac02"
                   "0a026869"
                   "12070a016112022001"
                   "1200",
                   step),
              "3=300 1=6869 2.1=61 2.2.4=1 2.2/ 2/ 2/ .");
    //        5: 8 bytes           6: 4 bytes   3: "skipped"       1: ""
    EXPECT_EQ(read("290102030405060708"
                   "3501020304"
                   "1a0773"
                   "6b6970706564"
                   "0a00",
                   step),
              "1= .");
  }
}

TEST(ProtoStream, AMessageThatMakesNoSenseIsSkippedAlone) {
  EXPECT_EQ(read("1203"
                 "0b0b0b"
                 "1801"),
            "2! 3=1 .");  // groups are no part of it
  EXPECT_EQ(read("1202"
                 "0a05"
                 "1801"),
            "2! 3=1 .");  // longer than its message
  EXPECT_EQ(read("1203"
                 "18ffff"
                 "1801"),
            "2! 3=1 .");  // ends within a varint
  EXPECT_EQ(read("1201"
                 "18"
                 "1801"),
            "2! 3=1 .");  // ends before its value
  EXPECT_EQ(read("1205"
                 "1a0100"
                 "0001"
                 "1801"),
            "2! 3=1 .");  // a field 0
  EXPECT_EQ(read("1208"
                 "12040a05aabb"
                 "1802"
                 "1801"),
            "2.2! 2.3=2 2/ 3=1 .");
}

TEST(ProtoStream, OutermostSuchAThingEndsIt) {
  EXPECT_EQ(read("18011b"), "3=1 malformed");
  EXPECT_EQ(read("00"), "malformed");
  EXPECT_EQ(read("18ffffffffffffffffffffff01"), "malformed");
}

TEST(ProtoStream, WhatIsCutOffIsFoundAtTheEnd) {
  EXPECT_EQ(read("18"), "cut");
  EXPECT_EQ(read("0a0568"), "cut");
  EXPECT_EQ(read("120518"), "cut");
}

TEST(ProtoStream, WhatIsTooLongToBeHeldIsSkipped) {
  Bytes bytes = {0x0a, 0x81, 0x20};  // 4097 bytes
  bytes.resize(bytes.size() + ProtoStream::kWhole + 1, 7);
  bytes.insert(bytes.end(), {0x18, 1});
  Notes notes;
  ProtoStream stream(notes);
  EXPECT_TRUE(stream.feed(bytes));
  EXPECT_EQ(notes.text, "3=1 ");
}

TEST(ProtoStream, NoDepthIsTooDeepForIt) {
  Bytes bytes;
  for (int i = 0; i < 1000; ++i) {
    Bytes outer = {0x12};
    for (std::size_t size = bytes.size();; size >>= 7) {
      outer.push_back(static_cast<std::uint8_t>(size >= 0x80 ? size | 0x80 : size));
      if (size < 0x80) break;
    }
    outer.insert(outer.end(), bytes.begin(), bytes.end());
    bytes = std::move(outer);
  }
  Notes notes;
  ProtoStream stream(notes);
  EXPECT_TRUE(stream.feed(bytes));
  EXPECT_TRUE(stream.end());
}

}  // namespace
}  // namespace pigeond::wire
