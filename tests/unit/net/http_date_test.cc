#include "net/http/date.h"

#include <gtest/gtest.h>

namespace pigeond::net {
namespace {

constexpr std::int64_t kNow = 1700000000;  // 2023

TEST(HttpDate, ReadsTheThreeFormsOfTheStandard) {  // its own examples, RFC 9110 section 5.6.7
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", kNow), 784111777);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", kNow), 784111777);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994", kNow), 784111777);
  EXPECT_EQ(parse_http_date("Thu, 29 Feb 2024 23:59:60 GMT", kNow), 1709251200);
  EXPECT_EQ(parse_http_date(" Tue, 14 Nov 2023 22:13:20 GMT ", kNow), kNow);
}

TEST(HttpDate, TakesTwoDigitYearsForTheNearest) {
  EXPECT_EQ(parse_http_date("Tuesday, 14-Nov-23 22:13:20 GMT", kNow), kNow);
  EXPECT_EQ(parse_http_date("Thursday, 01-Jan-70 00:00:00 GMT", kNow), 3155760000);
  EXPECT_EQ(parse_http_date("Wednesday, 01-Jan-75 00:00:00 GMT", kNow), 157766400);
}

TEST(HttpDate, RefusesWhatIsNone) {
  for (const char* text :
       {"", "120", "Sun", "Sun,", "Sun, 06 Nov 1994", "Sun, 06 Nov 1994 08:49:37",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49 GMT", "Sun Nov 06 1994", "Sun, 29 Feb 2023 00:00:00 GMT"}) {
    EXPECT_FALSE(parse_http_date(text, kNow)) << text;
  }
}

}  // namespace
}  // namespace pigeond::net
