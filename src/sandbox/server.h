// The simulated service on sockets: WebSockets for clients, HTTP for whoever controls it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/random.h"
#include "net/http/server.h"
#include "net/loop.h"
#include "net/network.h"
#include "net/websocket/websocket_server.h"
#include "sandbox/media/media_server.h"
#include "sandbox/options.h"
#include "sandbox/service.h"

namespace pigeond::sandbox {

class Control;

class Server {
 public:
  // `loop` and `random` are kept by reference. Everything but construction happens on the loop's thread.
  Server(net::Loop& loop, Random& random, Options options);
  ~Server();  // with the loop no longer running, or on its thread

  // Listens. io, tls or bad_input, naming the address or file. Call it before the loop runs, or on its
  // thread.
  Result<Endpoints> start();

  const Endpoints& endpoints() const { return endpoints_; }
  Service& service() { return *service_; }
  Instant now() { return loop_.now(); }
  // Writes what the service wants written; after every call of it.
  void pump();

 private:
  void connected(std::unique_ptr<net::WebSocket> socket, const net::HttpRequestHead& request);
  void apply(const Effect& effect);
  void set_timer();
  Status listen_for_clients();

  net::Loop& loop_;
  Random& random_;
  Options options_;
  net::Network network_;
  std::unique_ptr<Service> service_;
  net::WebSocketServer sockets_;
  std::string wss_port_;  // empty: there is none
  std::unique_ptr<MediaServer> media_;
  std::map<ConnectionId, std::unique_ptr<net::WebSocket>> links_;
  net::Loop::TimerId timer_ = 0;
  Endpoints endpoints_;
  std::unique_ptr<Control> control_;
  std::unique_ptr<net::HttpServer> http_;
};

// Who the server is: keys from the seed, or random ones if it is empty.
ServerIdentity make_identity(const std::string& seed, Random& random);

// Runs until SIGINT or SIGTERM; prints the endpoints as one line of JSON, for people and scripts. The exit
// code.
int run(const Options& options);

}  // namespace pigeond::sandbox
