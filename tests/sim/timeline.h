// Virtual time: what happens when, in one order that depends on nothing but the seed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/time.h"

namespace pigeond::sim {

// What happened, as a hash (to compare two runs) and, on request, on stdout.
class History {
 public:
  explicit History(bool print) : print_(print) {}

  void add(Millis mono, const std::string& who, const std::string& what);
  void mix(ByteView bytes);  // into the hash alone
  std::uint64_t hash() const { return hash_; }
  std::uint64_t lines() const { return lines_; }

 private:
  bool print_;
  std::uint64_t hash_ = 0xcbf29ce484222325;  // FNV-1a
  std::uint64_t lines_ = 0;
};

class Timeline {
 public:
  Timeline(std::int64_t unix_start, History& history) : wall_(unix_start * kSecond), history_(history) {}

  Millis mono() const { return mono_; }
  Instant now(Millis wall_offset = 0) const { return {mono_, wall_ + mono_ + wall_offset}; }
  // Things of the same instant happen in the order of these calls.
  void at(Millis mono, std::function<void()> what);
  void after(Millis delay, std::function<void()> what) { at(mono_ + delay, std::move(what)); }
  bool step(Millis until);  // false: nothing more happens until then, which now is
  void note(const std::string& who, const std::string& what) { history_.add(mono_, who, what); }
  History& history() { return history_; }

 private:
  Millis mono_ = 1000 * kSecond;  // as of a machine that has been up for a while
  Millis wall_;
  std::uint64_t next_ = 0;
  std::map<std::pair<Millis, std::uint64_t>, std::function<void()>> events_;
  History& history_;
};

}  // namespace pigeond::sim
