// The REST surface: HTTP in, calls to the gateway out. Paths and shapes are those of WAHA (waha.devlike.pro),
// so that its users change a host name and nothing else.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "gateway/gateway.h"

namespace pigeond::api {

struct ServerOptions {
  std::string listen = "127.0.0.1";
  int port = 3000;      // 0: any free one
  std::string key;      // what X-Api-Key has to be; not empty
  std::string version;  // of this program, for /api/version
};

class Server {
 public:
  // The gateway must outlive the server.
  Server(gateway::Gateway& gateway, ServerOptions options);
  ~Server();

  Status start();    // listens; io names the address
  int port() const;  // the bound port, once started
  void set_key(std::string key);
  void stop();  // waits for requests under way

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pigeond::api
