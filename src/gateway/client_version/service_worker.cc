#include "gateway/client_version/service_worker.h"

#include "base/text.h"

namespace pigeond::gateway {
namespace {

constexpr std::string_view kName = "client_revision";
constexpr std::size_t kMostBetween = 8;  // quotes, backslashes, blanks and the colon

// Since it is only ever raised, a number from elsewhere would stay: all revisions of these years have ten
// digits, the first of them 1.
constexpr std::uint64_t kFirst = 1'000'000'000, kLast = 1'999'999'999;

std::optional<std::uint32_t> number_at(std::string_view text) {
  const auto begin = text.substr(0, kMostBetween + 1).find_first_not_of("\\\"' \t:");
  if (begin == std::string_view::npos || text.substr(0, begin).find(':') == std::string_view::npos)
    return std::nullopt;
  text.remove_prefix(begin);
  const auto end = text.find_first_not_of("0123456789");
  if (end == std::string_view::npos || text[end] == '.') return std::nullopt;  // cut off, or no whole number
  const auto number = parse_unsigned(text.substr(0, end));
  if (!number || *number < kFirst || *number > kLast) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

}  // namespace

std::optional<std::uint32_t> revision_in(std::string_view script) {
  for (auto found = script.find(kName); found != std::string_view::npos; found = script.find(kName)) {
    script.remove_prefix(found + kName.size());
    if (const auto number = number_at(script)) return number;
  }
  return std::nullopt;
}

}  // namespace pigeond::gateway
