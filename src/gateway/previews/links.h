// Links in texts.
#pragma once

#include <string>
#include <string_view>

namespace pigeond::gateway {

// The first http or https URL that stands in the text, without what closes a sentence or a bracket behind it;
// "": there is none, or none that could be asked for.
std::string first_link(std::string_view text);

// What a page at `base` means by `location` (RFC 3986 section 5): a whole URL, or a path. "": neither.
std::string redirected(std::string_view base, std::string_view location);

}  // namespace pigeond::gateway
