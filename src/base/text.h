// Text forms of bytes and numbers. Parsers are strict: anything but the exact form is nullopt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace pigeond {

std::string hex_lower(ByteView bytes);
std::string hex_upper(ByteView bytes);
std::optional<Bytes> parse_hex(std::string_view text);  // either case, even length

std::string base64(ByteView bytes);                        // RFC 4648 section 4, with padding
std::optional<Bytes> parse_base64(std::string_view text);  // padding optional

std::string base64url(ByteView bytes);                        // RFC 4648 section 5, without padding
std::optional<Bytes> parse_base64url(std::string_view text);  // padding optional

std::string percent_encoded(std::string_view text);  // RFC 3986: all but its unreserved characters

std::optional<std::uint64_t> parse_unsigned(std::string_view text);  // decimal digits only
bool is_digits(std::string_view text);                               // at least one, all of 0-9
bool is_valid_utf8(std::string_view text);                           // RFC 3629, no surrogates

std::vector<std::string_view> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);

}  // namespace pigeond
