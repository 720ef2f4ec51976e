#include "app/arguments.h"

#include <algorithm>

#include "base/text.h"

namespace pigeond::app {

Result<Arguments> Arguments::parse(const std::vector<std::string>& words,
                                   std::initializer_list<std::string_view> options,
                                   std::initializer_list<std::string_view> flags,
                                   std::size_t positional_max) {
  Arguments out;
  bool options_over = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (options_over || word.size() < 3 || word.compare(0, 2, "--") != 0) {
      if (word == "--" && !options_over) {
        options_over = true;
        continue;
      }
      if (!options_over && word.size() > 1 && word[0] == '-' && !is_digits(word.substr(1))) {
        return fail(Cause::bad_input, word + ": there is no such option");
      }
      if (out.positional_.size() == positional_max)
        return fail(Cause::bad_input, word + ": is one argument too many");
      out.positional_.push_back(word);
      continue;
    }
    const auto equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? std::string::npos : equals - 2);
    if (std::find(flags.begin(), flags.end(), name) != flags.end() && equals == std::string::npos) {
      out.flags_.insert(name);
      continue;
    }
    if (std::find(options.begin(), options.end(), name) == options.end()) {
      return fail(Cause::bad_input, "--" + name + ": there is no such option");
    }
    if (equals == std::string::npos && i + 1 == words.size())
      return fail(Cause::bad_input, word + ": needs a value");
    out.values_[name] = equals == std::string::npos ? words[++i] : word.substr(equals + 1);
  }
  return out;
}

std::string Arguments::value(const std::string& option, const std::string& fallback) const {
  const auto found = values_.find(option);
  return found == values_.end() ? fallback : found->second;
}

Result<int> Arguments::port(const std::string& option, int fallback) const {
  if (!values_.contains(option)) return fallback;
  const auto number = parse_unsigned(value(option));
  if (!number || *number > 65535)
    return fail(Cause::bad_input, "--" + option + ": must be a number from 0 to 65535");
  return static_cast<int>(*number);
}

}  // namespace pigeond::app
