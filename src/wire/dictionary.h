// The token dictionaries: strings that travel as one byte (1 to 235) or as two (236 to 239, index).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "wire/codec.h"

namespace pigeond::wire::dictionary {

inline constexpr std::uint8_t kSingleTokens = 235;  // bytes 1 to 235
inline constexpr std::uint8_t kFirstPage = 236;     // first byte of a double token; four pages of 256

// A token's place: 0 to 234 for the single ones, from 235 on for the double ones, page by page.
std::optional<std::uint16_t> find(std::string_view text, Dictionary version = Dictionary::v3);

std::string_view single(std::uint8_t byte, Dictionary version = Dictionary::v3);  // byte 1 to 235
std::string_view paged(std::uint8_t page, std::uint8_t index,
                       Dictionary version = Dictionary::v3);  // page 0 to 3

}  // namespace pigeond::wire::dictionary
