// The command line after the command's name: --option VALUE, --option=VALUE, --flag, and the rest.
#pragma once

#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pigeond::app {

class Arguments {
 public:
  // Names without dashes. bad_input names what is not understood. `--` ends the options.
  static Result<Arguments> parse(const std::vector<std::string>& words,
                                 std::initializer_list<std::string_view> options,
                                 std::initializer_list<std::string_view> flags, std::size_t positional_max);

  std::string value(const std::string& option, const std::string& fallback = {}) const;
  bool has(const std::string& name) const { return values_.contains(name) || flags_.contains(name); }
  const std::vector<std::string>& positional() const { return positional_; }
  // 0 to 65535; bad_input naming the option.
  Result<int> port(const std::string& option, int fallback) const;

 private:
  std::map<std::string, std::string> values_;
  std::set<std::string> flags_;
  std::vector<std::string> positional_;
};

}  // namespace pigeond::app
