// What the tests of this folder share: a loop on real sockets with a wall clock at a chosen day.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "base/random.h"
#include "base/time.h"
#include "net/network.h"
#include "net/tls/tls_stream.h"

namespace pigeond::net {

inline constexpr Millis kDay2026 =
    1767225600 * kSecond;  // 2026-01-01, in the validity of the test certificates

class TestClock final : public Clock {
 public:
  Instant now() override { return {system_.now().mono + ahead, wall}; }
  Millis wall = kDay2026;
  Millis ahead = 0;  // what a test has skipped

 private:
  SystemClock system_;
};

class NetTest : public ::testing::Test {
 protected:
  // Rounds until `done`; false if that takes longer than anything here may.
  bool run_until(const std::function<bool()>& done) {
    const Millis deadline = loop.now().mono + 60 * kSecond;
    while (!done()) {
      if (loop.now().mono >= deadline) return false;
      loop.run_once(deadline);
    }
    return true;
  }

  static std::string tls_file(const std::string& name) {
    return std::string(PIGEOND_TEST_DATA "/tls/") + name;
  }
  static std::shared_ptr<const TlsIdentity> identity(const std::string& chain, const std::string& key) {
    auto loaded = TlsIdentity::load(tls_file(chain), tls_file(key));
    if (!loaded) {
      ADD_FAILURE() << loaded.error().detail;
      return nullptr;
    }
    return *loaded;
  }
  static TlsOptions trusting(const std::string& ca) {
    TlsOptions options;
    options.ca_file = tls_file(ca);
    return options;
  }

  TestClock clock;
  SeededRandom random{1};
  Loop loop{clock};
  Network network{loop, random};
};

}  // namespace pigeond::net
