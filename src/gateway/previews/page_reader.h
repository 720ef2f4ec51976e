// Fetches pages for their words, on a thread and a loop of its own.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "gateway/previews/page.h"
#include "net/http/client/client.h"
#include "net/network.h"
#include "net/networks.h"

namespace pigeond::gateway {

class PageReader {
 public:
  PageReader(net::NetworkRules networks, std::string ca_file, std::string agent, Clock& clock);
  ~PageReader();  // nobody is called any more

  // From any thread; `done` is called on the reader's, once, with no words where there are none to be had.
  // Who asks for a page that is being fetched, or was minutes ago, shares the answer.
  using Done = std::function<void(const PageWords&)>;
  void read(std::string url, Done done);

 private:
  struct Fetch;

  void begin(std::string url, Done done);
  void ask(const std::shared_ptr<Fetch>& fetch);
  void answered(const std::shared_ptr<Fetch>& fetch, const Result<net::HttpResponse>& response);
  void end(const std::string& url, PageWords words);

  const std::string ca_file_, agent_;
  SystemRandom random_;
  net::Loop loop_;
  net::Network network_;
  net::HttpClient client_;
  std::map<std::string, std::vector<Done>> open_;  // by URL
  struct Known {
    PageWords words;
    Millis until = 0;  // mono
  };
  std::map<std::string, Known> known_;
  std::thread thread_;
};

}  // namespace pigeond::gateway
