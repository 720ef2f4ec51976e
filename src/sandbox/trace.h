// What went over the simulated service's links, decoded, and what was wrong with it.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/time.h"
#include "sandbox/model.h"
#include "wire/node.h"

namespace pigeond::sandbox {

struct TraceEntry {
  std::uint64_t index = 0;
  Millis time = 0;  // wall
  ConnectionId connection = 0;
  std::string account;  // phone number; empty before login
  std::uint16_t device = 0;
  bool from_client = false;
  bool unsupported = false;  // answered with 501
  wire::Node stanza;
  Bytes bytes;  // from a client: the node as it was encoded, so that others can judge the encoding
};

// Something a client did that the real service would not have taken.
struct Violation {
  std::uint64_t index = 0;
  Millis time = 0;   // wall
  std::string rule;  // e.g. "fanout-missing"
  std::string account;
  std::uint16_t device = 0;
  std::string detail;
  std::string stanza;  // XML; may be empty
};

class Trace {
 public:
  explicit Trace(std::size_t capacity) : capacity_(capacity) {}

  void add(TraceEntry entry);
  void mark_unsupported();  // the stanza that came in last
  // The newest `limit` of that account (empty: all), oldest first.
  std::vector<const TraceEntry*> newest(const std::string& account, std::size_t limit) const;

  void report(Violation violation);
  const std::deque<Violation>& violations() const { return violations_; }
  void clear_violations() { violations_.clear(); }

 private:
  static constexpr std::size_t kViolations = 1000;

  std::size_t capacity_;
  std::uint64_t next_entry_ = 1, next_violation_ = 1;
  std::deque<TraceEntry> entries_;
  std::deque<Violation> violations_;
};

}  // namespace pigeond::sandbox
