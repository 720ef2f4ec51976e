// What everything that connects somewhere shares: the loop, names, trust anchors and randomness.
#pragma once

#include <memory>

#include "base/random.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/tls/trust.h"

namespace pigeond::net {

class Network {
 public:
  // Both must outlive it, and it everything made with it.
  Network(Loop& loop, Random& random) : loop_(loop), random_(random), resolver_(loop) {}

  Loop& loop() { return loop_; }
  Random& random() { return random_; }
  Resolver& resolver() { return resolver_; }
  TrustStore& trust() { return trust_; }

 private:
  Loop& loop_;
  Random& random_;
  Resolver resolver_;
  TrustStore trust_;
};

}  // namespace pigeond::net
