#include "net/http/date.h"

#include <array>
#include <string>
#include <vector>

#include "base/text.h"

namespace pigeond::net {
namespace {

struct Date {
  std::int64_t year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Days from 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant, "chrono-compatible low-level date
// algorithms").
constexpr std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = year / 400;
  const auto of_era = static_cast<unsigned>(year - era * 400);
  const unsigned of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
  return era * 146097 + static_cast<std::int64_t>(day_of_era) - 719468;
}
static_assert(days_from_civil(1970, 1, 1) == 0 && days_from_civil(2000, 3, 1) == 11017);

bool read_number(std::string_view text, std::size_t digits, unsigned& out) {
  const auto number = text.size() == digits ? parse_unsigned(text) : std::nullopt;
  if (number) out = static_cast<unsigned>(*number);
  return number.has_value();
}

bool read_month(std::string_view text, Date& out) {
  for (unsigned i = 0; i < kMonths.size(); ++i) {
    if (text == kMonths[i]) out.month = i + 1;
  }
  return out.month != 0;
}

bool read_time(std::string_view text, Date& out) {
  const auto parts = split(text, ':');
  return parts.size() == 3 && read_number(parts[0], 2, out.hour) && read_number(parts[1], 2, out.minute) &&
         read_number(parts[2], 2, out.second);
}

bool read_year(std::string_view text, Date& out) {
  unsigned year = 0;
  if (!read_number(text, 4, year)) return false;
  out.year = year;
  return true;
}

std::optional<std::int64_t> seconds(const Date& date) {
  const bool leap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0);
  constexpr std::array<unsigned, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const unsigned days = kDays[date.month - 1] + (leap && date.month == 2 ? 1 : 0);
  const bool fits = date.day >= 1 && date.day <= days && date.hour < 24 && date.minute < 60 &&
                    date.second <= 60;  // 60: a leap second
  if (!fits) return std::nullopt;
  return days_from_civil(date.year, date.month, date.day) * 86400 +
         static_cast<std::int64_t>(date.hour * 3600 + date.minute * 60 + date.second);
}

// "06 Nov 1994 08:49:37 GMT"
std::optional<std::int64_t> fixdate(const std::vector<std::string_view>& words) {
  Date date;
  const bool good = words.size() == 6 && words[5] == "GMT" && read_number(words[1], 2, date.day) &&
                    read_month(words[2], date) && read_year(words[3], date) && read_time(words[4], date);
  return good ? seconds(date) : std::nullopt;
}

// "06-Nov-94 08:49:37 GMT"
std::optional<std::int64_t> rfc850(const std::vector<std::string_view>& words, std::int64_t now) {
  if (words.size() != 4 || words[3] != "GMT") return std::nullopt;
  const auto parts = split(words[1], '-');
  Date date;
  unsigned year = 0;
  const bool good = parts.size() == 3 && read_number(parts[0], 2, date.day) && read_month(parts[1], date) &&
                    read_number(parts[2], 2, year) && read_time(words[2], date);
  if (!good) return std::nullopt;
  date.year = 2000 + year;
  const auto at = seconds(date);
  if (!at || *at - now <= std::int64_t{50} * 365 * 86400) return at;
  date.year -= 100;
  return seconds(date);
}

// "Sun Nov  6 08:49:37 1994"; its second space is a padded day.
std::optional<std::int64_t> asctime(std::vector<std::string_view> words) {
  std::erase(words, std::string_view());
  Date date;
  const bool good = words.size() == 5 && read_month(words[1], date) &&
                    read_number(words[2], words[2].size() == 1 ? 1 : 2, date.day) &&
                    read_time(words[3], date) && read_year(words[4], date);
  return good ? seconds(date) : std::nullopt;
}

}  // namespace

std::optional<std::int64_t> parse_http_date(std::string_view text, std::int64_t now) {
  const auto words = split(trim(text), ' ');
  if (words.empty() || words[0].size() < 3) return std::nullopt;
  if (!words[0].ends_with(',')) return asctime(words);
  return words.size() == 6 ? fixdate(words) : rfc850(words, now);
}

}  // namespace pigeond::net
