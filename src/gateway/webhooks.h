// Webhooks leave from rows: an event is stored with the state that explains it, sent after the commit, and
// its row goes when the receiver has taken it or its retries are used up. At least once, and in order for
// each session and URL.
//
// Everything runs on the loop thread. Rows are added and removed inside the tick's unit of work; requests
// start in committed() and report back through the loop, in later ticks.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "gateway/events.h"
#include "gateway/types.h"
#include "net/http_client.h"
#include "net/network.h"
#include "store/database.h"
#include "store/webhooks.h"

namespace pigeond::gateway {

class Webhooks {
 public:
  struct Options {
    std::string ca_file;     // for https targets; empty: the system's
    std::string user_agent;  // e.g. "pigeond/0.1.0"
  };
  // The config of the session with that row id; nullptr when there is none any more.
  using ConfigOf = std::function<const SessionConfig*(std::int64_t session)>;

  Webhooks(net::Network& network, store::Database& database, Random& random, Options options,
           ConfigOf config_of);

  void resume();  // queues what an earlier process left behind; once, before the first tick
  // One row for each webhook of the session that subscribes to the event. `body` is asked for at most once.
  void add(std::int64_t session, const SessionConfig& config, const Event& event,
           const std::function<std::string()>& body);
  void committed();    // the tick's rows are safe: send what is first in its queue
  void rolled_back();  // nothing of this tick happened
  void forget(std::int64_t session);

 private:
  struct Queue {
    std::int64_t waiting = 0;  // committed rows
    std::int64_t sending = 0;  // seq of the row that is under way or waits for its next try; 0: none
    int failures = 0;          // of `sending`
    net::HttpClient::Id request = 0;
    net::Loop::TimerId retry = 0;
    // What this tick changed, until it is committed:
    std::int64_t added = 0;
    bool finished = false;
    bool overflowed = false;  // said so already
  };
  using Key = std::pair<std::int64_t, std::string>;  // session, URL

  void send_first(const Key& key, Queue& queue);
  void answered(const Key& key, std::int64_t seq, const Result<net::HttpResponse>& answer);
  void finish(Queue& queue);
  void try_again(const Key& key, Queue& queue, const RetryPolicy& policy, Millis at_least);

  net::Network& network_;
  store::Database& database_;
  Random& random_;
  Options options_;
  ConfigOf config_of_;
  net::HttpClient client_;
  std::map<Key, Queue> queues_;
};

// Wait before retry number `retry` (from 1), in ms. Exponential waits get up to 20 % on top.
Millis retry_delay(const RetryPolicy& policy, int retry, Random& random);
// The headers of one delivery: the caller's own, which win over User-Agent only, and WAHA's.
std::vector<net::HttpHeader> webhook_headers(const WebhookConfig& webhook,
                                             const store::WebhookDelivery& delivery,
                                             const std::string& user_agent);

}  // namespace pigeond::gateway
