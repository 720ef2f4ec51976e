#include "base/text.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace pigeond {
namespace {

TEST(Hex, IsWrittenInTheCaseAskedForAndReadInEither) {
  const Bytes bytes{0x00, 0x9f, 0xab, 0xff};
  EXPECT_EQ(hex_lower(bytes), "009fabff");
  EXPECT_EQ(hex_upper(bytes), "009FABFF");
  EXPECT_EQ(parse_hex("009FabfF"), bytes);
  EXPECT_EQ(parse_hex(""), Bytes{});
}

TEST(Hex, AnythingElseIsRefused) {
  for (const auto* text : {"0", "0g", "g0", "0x", " 00", "00 ", "0 0 ", "-1", "0:"}) {
    EXPECT_EQ(parse_hex(text), std::nullopt) << text;
  }
}

TEST(Base64, MatchesTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  };
  for (const auto& [plain, coded] : vectors) {
    EXPECT_EQ(base64(as_bytes(plain)), coded);
    EXPECT_EQ(parse_base64(coded), to_bytes(std::string_view(plain)));
  }
  EXPECT_EQ(base64(Bytes{0xfb, 0xff, 0xbf}), "+/+/");
}

TEST(Base64, PaddingMayBeLeftOut) {
  EXPECT_EQ(parse_base64("Zg"), Bytes{'f'});
  EXPECT_EQ(parse_base64("Zm8"), (Bytes{'f', 'o'}));
}

TEST(Base64, EachTextHasOneFormOnly) {
  for (const auto* text : {"Z", "Zg=", "Zg===", "Zm8==", "Zm9v=", "=", "==", "====", "Zh==", "Zm9",
                           "Zm9=", "Z=g=", "Zg\n=", "Zm9v\n", " Zm9v", "Zm-_", "Zm9vZ"}) {
    EXPECT_EQ(parse_base64(text), std::nullopt) << text;
  }
}

TEST(Base64Url, IsTheOtherAlphabetWithoutPadding) {
  EXPECT_EQ(base64url(Bytes{0xfb, 0xff, 0xbf}), "-_-_");
  EXPECT_EQ(base64url(as_bytes("f")), "Zg");
  EXPECT_EQ(parse_base64url("-_-_"), (Bytes{0xfb, 0xff, 0xbf}));
  EXPECT_EQ(parse_base64url("Zg"), parse_base64url("Zg=="));
  for (const auto* text : {"+/+/", "Z", "Zh", "Zg=", "Z g"})
    EXPECT_EQ(parse_base64url(text), std::nullopt) << text;
}

TEST(Base64, AnyBytesComeBack) {
  SeededRandom random(1);
  for (std::size_t size = 0; size < 100; ++size) {
    const auto bytes = random.bytes(size);
    EXPECT_EQ(parse_base64(base64(bytes)), bytes);
    EXPECT_EQ(parse_hex(hex_upper(bytes)), bytes);
  }
}

TEST(Numbers, AreDecimalDigitsUpToSixtyFourBits) {
  EXPECT_EQ(parse_unsigned("0"), 0u);
  EXPECT_EQ(parse_unsigned("007"), 7u);
  EXPECT_EQ(parse_unsigned("18446744073709551615"), UINT64_MAX);
  for (const auto* text : {"", "18446744073709551616", "18446744073709551620", "99999999999999999999999",
                           "+1", "-1", " 1", "1 ", "1.0", "0x1", "1e3"}) {
    EXPECT_EQ(parse_unsigned(text), std::nullopt) << text;
  }
}

TEST(Numbers, DigitsMeansAtLeastOneAndNothingElse) {
  EXPECT_TRUE(is_digits("0123456789"));
  EXPECT_FALSE(is_digits(""));
  EXPECT_FALSE(is_digits("12a"));
  EXPECT_FALSE(is_digits("\xd9\xa1"));  // ARABIC-INDIC DIGIT ONE
}

TEST(Utf8, FirstAndLastOfEachLengthAreValid) {
  for (const auto* text :
       {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "a\xc3\xa4\xf0\x9f\x95\x8a!"}) {
    EXPECT_TRUE(is_valid_utf8(text)) << hex_lower(as_bytes(text));
  }
  EXPECT_TRUE(is_valid_utf8(std::string_view("\0", 1)));
}

TEST(Utf8, OverlongSurrogateTooHighAndCutSequencesAreNot) {
  for (const auto* text : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf",
                           "\xe1\x80", "\xe1\x80\x41", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf",
                           "\xf0\x90\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xc3"}) {
    EXPECT_FALSE(is_valid_utf8(text)) << hex_lower(as_bytes(text));
  }
}

TEST(Split, GivesOnePartMoreThanSeparators) {
  using Parts = std::vector<std::string_view>;
  EXPECT_EQ(split("a,b", ','), (Parts{"a", "b"}));
  EXPECT_EQ(split(",a,,", ','), (Parts{"", "a", "", ""}));
  EXPECT_EQ(split("", ','), Parts{""});
}

TEST(Trim, TakesBlanksFromBothEndsOnly) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n "), "");
  EXPECT_EQ(trim(""), "");
}

}  // namespace
}  // namespace pigeond
