// HTTP's dates (RFC 9110, 5.6.7).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace pigeond::net {

// Unix seconds of any of the three forms: IMF-fixdate, RFC 850's (its two-digit years lie at most 50 years
// after `now`, in Unix seconds) and asctime's. nullopt for all else.
std::optional<std::int64_t> parse_http_date(std::string_view text, std::int64_t now);

}  // namespace pigeond::net
