// Addresses of files: for whom they are good, and how long.
#include "api/media_links.h"

#include <gtest/gtest.h>

namespace pigeond::api {
namespace {

constexpr Millis kNow = 1700000000000;

class MediaLinksTest : public testing::Test {
 protected:
  static std::string token_in(const std::string& url) { return url.substr(url.find("?token=") + 7); }

  const MediaLinks links{"https://gateway.example", Bytes(16, 1), kDay};
  const std::string file = "false_4922@c.us_3EB0.jpeg";
  const std::string url = links.url("default", file, kNow);
  const std::string token = token_in(url);
};

TEST_F(MediaLinksTest, AnAddressIsTheSameEachTimeAndSafeInAUrl) {
  EXPECT_EQ(url, links.url("default", file, kNow));
  EXPECT_TRUE(
      url.starts_with("https://gateway.example/api/files/default/false_4922%40c.us_3EB0.jpeg?token="));
}

TEST_F(MediaLinksTest, ATokenOpensItsFileAloneAndUntilItExpires) {
  EXPECT_TRUE(links.opens("default", file, token, kNow));
  EXPECT_TRUE(links.opens("default", file, token, kNow + kDay - kSecond));
  EXPECT_FALSE(links.opens("default", file, token, kNow + kDay));
  EXPECT_FALSE(links.opens("other", file, token, kNow));
  EXPECT_FALSE(links.opens("default", "false_4922@c.us_3EB1.jpeg", token, kNow));
}

TEST_F(MediaLinksTest, ATokenWithAnyOtherLetterOpensNothing) {
  for (std::size_t i = 0; i < token.size(); ++i) {
    auto other = token;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(links.opens("default", file, other, kNow)) << other;
    EXPECT_FALSE(links.opens("default", file, token.substr(0, i), kNow)) << i;
  }
  EXPECT_FALSE(links.opens("default", file, token + "A", kNow));
  const MediaLinks others("https://gateway.example", Bytes(16, 2), kDay);
  EXPECT_FALSE(others.opens("default", file, token, kNow));
  const auto longer = "9" + token;  // another time than was signed
  EXPECT_FALSE(links.opens("default", file, longer, kNow));
}

TEST(FileExtension, IsADocumentsOwnOrThatOfItsType) {
  EXPECT_EQ(file_extension("application/pdf", "report.PDF"), "PDF");
  EXPECT_EQ(file_extension("application/pdf", "report"), "pdf");
  EXPECT_EQ(file_extension("application/pdf", "a.b/../c"), "pdf");
  EXPECT_EQ(file_extension("image/jpeg", ""), "jpeg");
  EXPECT_EQ(file_extension("audio/ogg; codecs=opus", ""), "oga");
  EXPECT_EQ(file_extension("x", "no.thing-that-is-one"), "bin");
}

}  // namespace
}  // namespace pigeond::api
