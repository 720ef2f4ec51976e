// What a page says of itself, for the card below a text that links to it. Whoever made the page chose all of
// it: the reader is a loop over the bytes, which keeps nothing but two texts.
#pragma once

#include <string>
#include <string_view>

namespace pigeond::gateway {

inline constexpr std::size_t kPageTitle = 300, kPageDescription = 600;  // bytes; the rest is cut off

struct PageWords {
  std::string title;        // og:title, else <title>; "": it has none
  std::string description;  // og:description, else that of its meta
};

// `html`: its first bytes; what stands behind </head> or <body> is not looked at. UTF-8, or Latin-1 where
// `latin1` says so; words that are neither are left out.
PageWords read_page(std::string_view html, bool latin1);

}  // namespace pigeond::gateway
