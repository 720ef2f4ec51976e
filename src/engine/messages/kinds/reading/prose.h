// The words that people read in a part of a Message, taken from its bytes in reading order: title, content,
// footer. Most parts that businesses send have a dozen messages inside; all that is wanted of them is these
// words, so they are named by their field numbers, as reporting_token.h does it:
//
//   "3 4"         the texts in field 3, then those in field 4
//   "1{3 4} 5"    field 1 is a message: its fields 3 and 4; then field 5
//   "4|2|1"       the first of the three that says anything
//   "2{%h}"       the message in field 2 is one of those that have a letter; see prose.cc
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace pigeond::engine {

// A line for each text; what is empty or no UTF-8 is left out. At most kProseTexts of them, nested at most
// kProseDepth deep.
inline constexpr std::size_t kProseTexts = 256;
inline constexpr int kProseDepth = 16;
std::string prose(ByteView message, std::string_view texts);

}  // namespace pigeond::engine
