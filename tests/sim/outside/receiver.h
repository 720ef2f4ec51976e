// Whoever receives the webhooks of a process's sessions: a network on which requests and answers get lost,
// and which is down at times.
#pragma once

#include <map>
#include <string>

#include "base/random.h"
#include "checks/ledger.h"
#include "host/outlet.h"
#include "net/http/client/client.h"
#include "timeline.h"

namespace pigeond::sim {

class Receiver final : public net::HttpSender {
 public:
  Receiver(Outlet& outlet, Timeline& timeline, Random& random, Ledger& ledger)
      : outlet_(outlet), timeline_(timeline), random_(random), ledger_(ledger) {}

  static std::string url_of(const std::string& session) { return "http://receiver/" + session; }

  Id send(const net::HttpClientRequest& request, Callback callback) override;
  void cancel(Id id) override { calls_.erase(id); }

  void forget() {  // the process is gone
    calls_.clear();
    begin_life();
  }
  void begin_life() { ++life_; }  // what was told lately may be told again
  void set_down(bool down) { down_ = down; }

 private:
  void answer(Id id, Result<net::HttpResponse> answer);

  Outlet& outlet_;
  Timeline& timeline_;
  Random& random_;
  Ledger& ledger_;
  std::map<Id, Callback> calls_;
  Id next_ = 1;
  std::uint64_t life_ = 1;
  bool down_ = false;
};

}  // namespace pigeond::sim
