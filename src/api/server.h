// The REST surface: HTTP in, calls to the gateway out. Paths and shapes are those of WAHA (waha.devlike.pro),
// so that its users change a host name and nothing else.
//
// Whether a request is served is decided by its head: key, route and method, before anything of its body is
// read. /ping is answered by the loop that owns the sockets, and texts are begun and answered there, so that
// none of their callers holds a thread; all else runs on workers, which wait for the gateway.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/cors.h"
#include "api/media_links.h"
#include "base/result.h"
#include "gateway/gateway.h"

namespace pigeond::api {

struct ServerOptions {
  std::vector<std::string> listen = {"127.0.0.1"};  // IP addresses, or localhost
  int port = 3000;                                  // on each of them; 0: any free one
  std::string unix_path;                            // a socket as well; empty: none
  unsigned unix_mode = 0660;                        // its permissions
  std::string tls_cert, tls_key;  // PEM files: https on all addresses; both or none; read again when changed
  Cors cors;
  std::string key;                          // what X-Api-Key has to be; not empty
  std::string version;                      // of this program, for /api/version
  std::shared_ptr<const MediaLinks> links;  // to files of messages; nullptr: there are none
};

class Server {
 public:
  // The gateway must outlive the server.
  Server(gateway::Gateway& gateway, ServerOptions options);
  ~Server();

  // Listens. io names the address, also when somebody else listens there; tls what is wrong with certificate
  // or key.
  Status start();
  int port() const;  // that of the first address, once started
  void set_key(std::string key);
  // See gateway::RunHooks; on the gateway's loop.
  void session_removed(const std::string& session);
  void restored();
  // Reads certificate and key again; without TLS nothing. tls, naming what is wrong: the old ones stay in
  // use, as /health says. A renewed file is noticed without it, within seconds.
  Status reload_tls();
  // Calls `answered` once the sockets are served: from their loop, past everything that waits for a worker.
  void prove(std::function<void()> answered);
  // Listens no more. What still comes on connections that are there is answered with 503, and what is under
  // way goes on.
  void stop_accepting();
  void stop();  // ends what is under way within a second

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pigeond::api
