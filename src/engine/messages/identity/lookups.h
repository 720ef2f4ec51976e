// Which numbers were looked up, and what the service said: dashboards check whole lists again and again, and
// the service limits lookups. Kept in memory alone; whom it found for an hour, whom it did not for a minute,
// since people register.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "base/time.h"
#include "wire/jid.h"

namespace pigeond::engine {

struct Number {
  bool exists = false;
  wire::Jid pn, lid;  // as far as known
};

class Lookups {
 public:
  static constexpr Millis kFound = kHour;
  static constexpr Millis kMissing = kMinute;

  std::optional<Number> find(const std::string& digits, Millis mono) const;
  void put(const std::string& digits, const Number& number, Millis mono);
  void forget_cache() { known_.clear(); }

 private:
  static constexpr std::size_t kKept = 10000;  // about 150 bytes each

  struct Entry {
    Number number;
    Millis at = 0;  // mono
  };
  std::unordered_map<std::string, Entry> known_;  // by digits
};

}  // namespace pigeond::engine
