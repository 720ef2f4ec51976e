#include "wire/dictionary.h"

#include <gtest/gtest.h>

namespace pigeond::wire::dictionary {
namespace {

TEST(Dictionary, EveryTokenIsFoundAtItsOwnPlace) {
  for (unsigned byte = 1; byte <= kSingleTokens; ++byte)
    EXPECT_EQ(find(single(static_cast<std::uint8_t>(byte))), byte - 1) << byte;
  for (unsigned page = 0; page < 4; ++page)
    for (unsigned index = 0; index < 256; ++index)
      EXPECT_EQ(find(paged(static_cast<std::uint8_t>(page), static_cast<std::uint8_t>(index))),
                kSingleTokens + page * 256 + index);
}

TEST(Dictionary, HoldsTheVersionThatTheHeaderNames) {
  EXPECT_EQ(single(1), "xmlstreamstart");
  EXPECT_EQ(single(3), "s.whatsapp.net");
  EXPECT_EQ(single(235), "screen_height");
  EXPECT_EQ(paged(0, 0), "read-self");
  EXPECT_EQ(paged(3, 255), "1961");
}

TEST(Dictionary, KeepsTheVersionsApart) {
  for (unsigned byte = 1; byte <= kSingleTokens; ++byte)
    EXPECT_EQ(find(single(static_cast<std::uint8_t>(byte), Dictionary::v2), Dictionary::v2), byte - 1)
        << byte;
  EXPECT_EQ(single(1, Dictionary::v2), "xmlstreamstart");
  EXPECT_EQ(single(9, Dictionary::v2), "broadcast");
  EXPECT_NE(single(9), "broadcast");
  EXPECT_NE(find("broadcast", Dictionary::v2), find("broadcast"));
}

TEST(Dictionary, DoesNotFindOtherTexts) {
  for (const char* text : {"", "messages", "Message", "xmlstreamstar"}) EXPECT_FALSE(find(text)) << text;
  EXPECT_FALSE(find(std::string(100, 'a')));
}

}  // namespace
}  // namespace pigeond::wire::dictionary
