#include "wire/frame.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "vectors.h"

namespace pigeond::wire {
namespace {

using test::hex;

TEST(StreamIntro, PutsRoutingInfoBeforeTheHeader) {
  EXPECT_EQ(hex_lower(stream_intro({})), "57410603");
  EXPECT_EQ(hex_lower(stream_intro(hex("010203"))), "4544000100000301020357410603");
  EXPECT_EQ(hex_lower(stream_intro(Bytes(1u << 24))), "57410603");
}

TEST(StreamIntro, IsReadBackFromAnyCut) {
  for (const char* routing : {"", "010203"}) {
    Bytes stream = stream_intro(hex(routing));
    const std::size_t size = stream.size();
    stream.push_back(0);  // the first frame's bytes are not touched
    for (std::size_t have = 0; have < size; ++have) {
      const auto intro = parse_stream_intro(ByteView(stream).first(have));
      ASSERT_TRUE(intro) << have;
      EXPECT_FALSE(*intro) << have;
    }
    const auto intro = parse_stream_intro(stream);
    ASSERT_TRUE(intro);
    ASSERT_TRUE(*intro);
    EXPECT_EQ((*intro)->size, size);
    EXPECT_EQ((*intro)->routing_info, hex(routing));
  }
}

TEST(StreamIntro, RefusesOtherProtocolsAtTheirFirstByte) {
  for (const char* stream :
       {"47", "5742", "574105", "57410601", "57410604", "4545", "45440002", "4544000100000057410604"})
    EXPECT_EQ(parse_stream_intro(hex(stream)).cause(), Cause::malformed) << stream;
  EXPECT_EQ(parse_stream_intro(hex("45440001ffffff")).cause(), Cause::too_large);
}

TEST(Frame, PutsTheLengthInFront) {
  EXPECT_EQ(hex_lower(*frame(hex("0102030405"))), "0000050102030405");
  EXPECT_EQ(hex_lower(*frame({})), "000000");
  EXPECT_TRUE(frame(Bytes(limits::kFrameBody)));
  EXPECT_EQ(frame(Bytes(limits::kFrameBody + 1)).cause(), Cause::too_large);
}

TEST(FrameReader, CutsFramesFromAnyPieces) {
  const Bytes stream = hex("000002aabb000000000003ccddee");
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    FrameReader reader(100);
    std::vector<Bytes> frames;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      reader.feed(ByteView(stream).subspan(at, std::min(piece, stream.size() - at)));
      for (auto next = reader.next(); next && *next; next = reader.next())
        frames.push_back(std::move(**next));
    }
    EXPECT_EQ(frames, (std::vector<Bytes>{hex("aabb"), {}, hex("ccddee")})) << piece;
    EXPECT_EQ(reader.buffered(), 0u);
  }
}

TEST(FrameReader, WaitsForTheRest) {
  FrameReader reader(100);
  reader.feed(hex("0000050102"));
  EXPECT_FALSE(*reader.next());
  reader.feed(hex("030405"));
  EXPECT_EQ(**reader.next(), hex("0102030405"));
}

TEST(FrameReader, AFrameOverTheLimitIsAnErrorThatSticks) {
  FrameReader reader(4);
  reader.feed(hex("0000040102030400000501"));
  EXPECT_TRUE(*reader.next());
  EXPECT_EQ(reader.next().cause(), Cause::too_large);
  reader.feed(hex("02030405000001ff"));
  EXPECT_EQ(reader.next().cause(), Cause::too_large);
}

TEST(FrameReader, KeepsALongStreamInOrder) {
  FrameReader reader(limits::kFrameBody);
  const Bytes body(5000, 0x61);
  const Bytes framed = *frame(body);
  Bytes stream;
  for (int i = 0; i < 100; ++i) stream.insert(stream.end(), framed.begin(), framed.end());
  std::size_t count = 0;
  for (std::size_t at = 0; at < stream.size(); at += 7777) {
    reader.feed(ByteView(stream).subspan(at, std::min<std::size_t>(7777, stream.size() - at)));
    for (auto next = reader.next(); next && *next; next = reader.next(), ++count) ASSERT_EQ(**next, body);
  }
  EXPECT_EQ(count, 100u);
}

}  // namespace
}  // namespace pigeond::wire
