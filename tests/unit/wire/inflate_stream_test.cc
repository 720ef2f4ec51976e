#include "wire/inflate_stream.h"

#include <gtest/gtest.h>

#include "unit/wire/deflated.h"

namespace pigeond::wire {
namespace {

using test::deflated;

struct Inflated {
  Status status;
  Bytes out;
  bool ended = false;
};

Inflated inflated(const Bytes& stream, std::size_t step, std::uint64_t limit = 1'000'000) {
  InflateStream reader(limit);
  Inflated result;
  for (std::size_t at = 0; at < stream.size() && result.status; at += step)
    result.status = reader.feed(ByteView(stream).subspan(at, std::min(step, stream.size() - at)),
                                [&](ByteView piece) -> Status {
                                  EXPECT_LE(piece.size(), InflateStream::kPiece);
                                  result.out.insert(result.out.end(), piece.begin(), piece.end());
                                  return {};
                                });
  result.ended = reader.ended();
  return result;
}

TEST(InflateStream, GivesBackWhatWentInWhateverThePieces) {
  for (const std::size_t size : {0u, 1u, 16384u, 16385u, 300000u}) {
    Bytes plain(size);
    for (std::size_t i = 0; i < size; ++i) plain[i] = static_cast<std::uint8_t>(i * i >> 3);
    for (const std::size_t step : {1u, 7u, 4096u, 1u << 20}) {
      const auto result = inflated(deflated(plain), step);
      ASSERT_TRUE(result.status) << size << " " << step;
      EXPECT_TRUE(result.ended);
      EXPECT_EQ(result.out, plain);
    }
  }
}

TEST(InflateStream, StopsABombAtTheLimit) {
  EXPECT_TRUE(inflated(deflated(Bytes(100000, 0)), 100, 100000).status);
  EXPECT_EQ(inflated(deflated(Bytes(100001, 0)), 100, 100000).status.cause(), Cause::too_large);
}

TEST(InflateStream, RefusesWhatIsNoStreamAndWhatFollowsOne) {
  EXPECT_EQ(inflated({1, 2, 3, 4}, 1).status.cause(), Cause::malformed);
  Bytes stream = deflated(Bytes(50, 'x'));
  stream.push_back(0);
  EXPECT_EQ(inflated(stream, 1).status.cause(), Cause::malformed);
  stream.pop_back();
  stream.pop_back();
  const auto cut = inflated(stream, 3);
  EXPECT_TRUE(cut.status);
  EXPECT_FALSE(cut.ended);
}

TEST(InflateStream, AnErrorOfTheReaderEndsIt) {
  InflateStream reader(1000);
  const auto status =
      reader.feed(deflated(Bytes(50, 'x')), [](ByteView) -> Status { return fail(Cause::cancelled); });
  EXPECT_EQ(status.cause(), Cause::cancelled);
}

}  // namespace
}  // namespace pigeond::wire
