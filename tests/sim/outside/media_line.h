// The way of a process to the service's media servers: slow, and it breaks at times.
#pragma once

#include <map>

#include "base/random.h"
#include "host/outlet.h"
#include "net/http/client/client.h"
#include "sandbox/media/media_store.h"
#include "timeline.h"

namespace pigeond::sim {

class MediaLine final : public net::HttpSender {
 public:
  MediaLine(Outlet& outlet, Timeline& timeline, Random& random, sandbox::MediaStore& store)
      : outlet_(outlet), timeline_(timeline), random_(random), store_(store) {}

  Id send(const net::HttpClientRequest& request, Callback callback) override;
  void cancel(Id id) override { calls_.erase(id); }
  void forget() { calls_.clear(); }  // the process is gone

 private:
  struct Call {
    net::HttpClientRequest request;
    Callback callback;
  };

  void ask(Id id, bool breaks);
  void answer(Id id, const sandbox::MediaStore::Answer& found);

  Outlet& outlet_;
  Timeline& timeline_;
  Random& random_;
  sandbox::MediaStore& store_;
  std::map<Id, Call> calls_;
  Id next_ = 1;
};

}  // namespace pigeond::sim
