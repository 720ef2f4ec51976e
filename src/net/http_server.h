// HTTP/1.1 server on cpp-httplib: a pool that grows with the load and shrinks to nothing, limits on head and
// body, and one handler for every request. Threads of the pool run the handler; they may block.
//
// cpp-httplib's own routes are std::regex, whose recursion overflows a small stack on a long path; so it sees
// a single fixed route here, and net/http_router.h finds the handler.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "net/http/message.h"

namespace pigeond::net {

class HttpServer {
 public:
  struct Options {
    std::string host = "127.0.0.1";
    int port = 0;                                // 0: any free one
    std::size_t threads = 128;                   // the most; connections beyond wait
    std::size_t body_limit = limits::kHttpBody;  // bytes
  };
  // Makes the body of replies that the server itself gives (400, 413, 414, 431...): status in, JSON out.
  using ErrorBody = std::function<std::string(int status)>;

  HttpServer(Options options, HttpHandler handler, ErrorBody error_body);
  ~HttpServer();

  Result<int> start();  // binds and listens on a thread of its own; the port
  void stop();          // waits for requests under way

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pigeond::net
