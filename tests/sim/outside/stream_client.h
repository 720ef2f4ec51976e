// A program that follows all events of a process over a connection that breaks at times, and comes back with
// the id of the last event that reached it. It outlives the processes that it listens to.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "gateway/core.h"
#include "gateway/streams/streams.h"
#include "host/outlet.h"
#include "timeline.h"

namespace pigeond::sim {

class StreamClient {
 public:
  struct Got {
    std::string id, text;
  };

  StreamClient(Outlet& outlet, Timeline& timeline, Random& random, std::string name)
      : outlet_(outlet), timeline_(timeline), random_(random), name_(std::move(name)) {}

  // In the process: connects, and again whenever the connection is gone.
  void follow(gateway::Core& core, gateway::EventStreams& streams);
  void forget();  // the process is gone, and with it what was on its way

  const std::vector<Got>& got() const { return got_; }
  int gaps() const { return gaps_; }

 private:
  class End;
  void connect();
  void come_back();
  void lose();
  void take(std::uint64_t connection, const gateway::EventText& event);

  Outlet& outlet_;
  Timeline& timeline_;
  Random& random_;
  const std::string name_;
  gateway::Core* core_ = nullptr;
  gateway::EventStreams* streams_ = nullptr;
  gateway::EventStreams::Id id_ = 0;  // 0: not connected
  std::uint64_t connection_ = 0;
  Millis newest_ = 0;  // mono; when the last that is on its way arrives: nothing overtakes
  std::vector<Got> got_;
  int gaps_ = 0;
};

}  // namespace pigeond::sim
