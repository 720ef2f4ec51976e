// The keys and values of an INI file, as inih reads them: `;` begins a comment, an indented line continues
// the value above it, and no line has more than 198 bytes.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace pigeond::app {

struct IniValue {
  std::string section;  // "": it stands before any
  std::string name;
  std::string value;
};

// In the file's order. Errors: bad_input, with the file and, where there is one, the line.
Result<std::vector<IniValue>> read_ini(const std::string& file);

}  // namespace pigeond::app
