#include "net/http/range.h"

#include <algorithm>

#include "base/text.h"

namespace pigeond::net {

HttpRange http_range(std::string_view header, std::uint64_t size) {
  const HttpRange whole{HttpRange::Kind::whole, 0, size};
  constexpr std::string_view kUnit = "bytes=";
  if (!header.starts_with(kUnit)) return whole;
  header.remove_prefix(kUnit.size());
  const auto dash = header.find('-');
  if (dash == std::string_view::npos) return whole;
  const auto first = parse_unsigned(header.substr(0, dash));
  const auto last = parse_unsigned(header.substr(dash + 1));
  if (dash == 0) {  // the last so many bytes
    if (!last) return whole;
    const auto count = std::min(*last, size);
    if (count == 0) return {HttpRange::Kind::unsatisfiable, 0, 0};
    return {HttpRange::Kind::part, size - count, count};
  }
  const bool open = dash + 1 == header.size();
  if (!first || (!open && (!last || *last < *first))) return whole;
  if (*first >= size) return {HttpRange::Kind::unsatisfiable, 0, 0};
  const auto end = open ? size - 1 : std::min(*last, size - 1);
  return {HttpRange::Kind::part, *first, end - *first + 1};
}

}  // namespace pigeond::net
