// How deep a JSON text is nested, before anything is built from it: nlohmann's parser keeps a stack of its
// own, but its destructor and dump do not bound the depth.
#pragma once

#include <cstddef>
#include <string_view>

namespace pigeond {

// Containers open at the deepest point, counted outside of strings.
std::size_t json_depth(std::string_view text);

}  // namespace pigeond
