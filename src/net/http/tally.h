#pragma once

#include <atomic>

#include "net/http/server.h"

namespace pigeond::net {

// HttpCounters while they are counted, from any thread.
struct HttpTally {
  using Count = std::atomic<std::uint64_t>;
  Count connections{0}, busy{0}, accepted{0}, refused{0}, evicted{0}, timeouts{0}, requests{0}, malformed{0},
      client_errors{0}, server_errors{0}, overloads{0}, bytes_read{0}, body_bytes{0};

  static void add(Count& count, std::uint64_t amount = 1) {
    count.fetch_add(amount, std::memory_order_relaxed);
  }
  static void subtract(Count& count, std::uint64_t amount = 1) {
    count.fetch_sub(amount, std::memory_order_relaxed);
  }
  void answered(int status) {
    if (status >= 500) {
      add(server_errors);
    } else if (status >= 400) {
      add(client_errors);
    }
  }
  HttpCounters read() const;
};

}  // namespace pigeond::net
