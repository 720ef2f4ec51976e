// What the command line says of itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pigeond::app {

std::string_view usage();  // every command in a line or two
std::string_view usage_of(
    std::string_view command);  // one command with its options; empty: there is none such
bool asks_for_help(const std::vector<std::string>& words);  // --help or -h among the options

}  // namespace pigeond::app
