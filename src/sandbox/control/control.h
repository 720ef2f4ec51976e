// The control API: HTTP threads turn requests into calls on the loop, and what comes back into JSON.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "net/http/admission.h"
#include "net/http/router.h"
#include "net/loop.h"
#include "sandbox/links/registrar.h"
#include "sandbox/options.h"

namespace pigeond::sandbox {

class Server;

std::string control_error_body(int status);
// {"ws":…,"wss":…|null,"control":…,"root_key":…}
std::string endpoints_line(const Endpoints& endpoints);

class Control {
 public:
  // Both are kept by reference.
  Control(Server& server, net::Loop& loop);

  // Requests that still wait give up. From any thread.
  void stop() { stopping_ = true; }
  // On the HTTP server's loop. What is found runs on a worker, which blocks until the loop has answered.
  net::HttpAdmission admit(net::HttpRequest& request);

 private:
  using Finish = std::function<void(net::HttpReply)>;
  // Runs on the loop; calls `finish` once, now or later.
  using Action = std::function<void(const net::HttpRequest&, Finish finish)>;

  void add(const char* method, const char* pattern,
           std::function<net::HttpReply(const net::HttpRequest&)> action);
  void add_slow(const char* method, const char* pattern, Action action);
  net::HttpReply on_loop(const net::HttpRequest& request, const Action& action);
  void scan(const net::HttpRequest& request, Finish finish);
  void enter_code(const net::HttpRequest& request, Finish finish);
  static Registrar::Scanned linked(Finish finish);  // answers with the new device's number
  void add_chats();
  void add_media();
  void add_groups();
  void add_people();
  void add_devices();
  void add_faults();
  void add_trust();
  void add_clients();
  void add_trace();

  Server& server_;
  net::Loop& loop_;
  net::HttpRouter router_;
  std::atomic<bool> stopping_{false};
  std::uint64_t asked_ = 0;  // for the web client's version
};

}  // namespace pigeond::sandbox
