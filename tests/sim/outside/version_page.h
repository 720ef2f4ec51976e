// The page from which processes learn the web client's version: often down, never wrong.
#pragma once

#include <map>
#include <string>

#include "base/random.h"
#include "host/outlet.h"
#include "net/http/client/client.h"
#include "sandbox/world.h"
#include "timeline.h"

namespace pigeond::sim {

class VersionPage final : public net::HttpSender {
 public:
  static constexpr const char* kUrl = "http://page/sw.js";

  VersionPage(Outlet& outlet, Timeline& timeline, Random& random, const sandbox::Policy& policy)
      : outlet_(outlet), timeline_(timeline), random_(random), policy_(policy) {}

  Id send(const net::HttpClientRequest& request, Callback callback) override;
  void cancel(Id id) override { calls_.erase(id); }
  void forget() { calls_.clear(); }  // the process is gone
  void set_down(bool down) { down_ = down; }

 private:
  Outlet& outlet_;
  Timeline& timeline_;
  Random& random_;
  const sandbox::Policy& policy_;
  std::map<Id, Callback> calls_;
  Id next_ = 1;
  bool down_ = true;  // in its worst days; up when the world heals
};

}  // namespace pigeond::sim
