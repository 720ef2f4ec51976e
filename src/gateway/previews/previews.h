// Cards for links: the page is fetched, and its title and description go out below the text. A page is
// whatever somebody has put there, and the caller may be told where by a stranger, so it is asked with care:
// on a thread of its own, only in networks that the rules let through (looked at for each resolved address,
// and anew after each redirect), for a few seconds and half a megabyte, with nothing that says who asks. No
// page holds up a text for longer, nor fails it: without a title there is no card.
//
// Messages to one chat keep their order: what is sent behind a text that waits for its page waits with it.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/time.h"
#include "gateway/reply.h"
#include "gateway/types.h"
#include "net/networks.h"

namespace pigeond::gateway {

class PageReader;

class Previews {
 public:
  using Send = std::function<void(SendRequest, Reply<SentMessage>)>;

  // `send` is called on any thread, and does not block. `agent`: the User-Agent.
  Previews(net::NetworkRules networks, std::string ca_file, std::string agent, Clock& clock, Send send);
  ~Previews();

  // From any thread. `fetch`: the page of its link. Without, and in whose chat nothing waits, it is passed on
  // at once; so is everything after stop().
  void send(SendRequest request, bool fetch, Reply<SentMessage> reply);

  // What waits is answered with shutting_down. Not on the thread of a reply.
  void stop();

 private:
  struct Waiting {
    SendRequest request;
    Reply<SentMessage> reply;
    bool ready = false;
  };
  using Line = std::deque<std::shared_ptr<Waiting>>;

  void pass(const std::string& key, Waiting& done);

  const net::NetworkRules networks_;
  const std::string ca_file_, agent_;
  Clock& clock_;
  const Send send_;

  std::mutex mutex_;
  bool stopped_ = false;
  std::map<std::string, Line> lines_;  // by session and chat; never an empty one
  std::unique_ptr<PageReader> pages_;  // since the first link
};

}  // namespace pigeond::gateway
