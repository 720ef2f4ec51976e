// Lines of the standard input, for a command that does something else while nobody types.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"

namespace pigeond::app {

class InputLines {
 public:
  static constexpr std::size_t kLongest = 64 * 1024;  // bytes; a terminal gives 4095 at most

  // The next line without its end; nullopt: none came within `wait`. io: the input has ended. too_large.
  Result<std::optional<std::string>> next(std::chrono::milliseconds wait);

 private:
  std::string buffer_;
};

}  // namespace pigeond::app
