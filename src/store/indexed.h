// What stands in an index for a text that may be long.
//
// Of an entry that is longer than a quarter of a page SQLite puts the rest on overflow pages, which hold no
// structure of their own: no check sees when such a page is damaged, and the index then says that a text is
// not there which is. So a long text is in its index by its digest.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pigeond::store {

inline constexpr std::size_t kIndexedText = 64;  // bytes; a longer one is indexed by its digest

// The text itself, or "sha256:" and 64 hex digits, which is longer than any text that stands for itself: so
// no text is taken for another. In SQL: indexed(text), for migrations.
std::string indexed(std::string_view text);

}  // namespace pigeond::store
