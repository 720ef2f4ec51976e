// Finds the handler of a request: a table of methods and patterns such as /api/sessions/{session}/start.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/http/message.h"

namespace pigeond::net {

// Answers a request that no thread waits for: once, from any thread, with what `make` makes on the server's
// loop, where it must not block.
using HttpPromise = std::function<void(std::function<HttpReply()> make)>;
// Begins what a request asks for; on the server's loop, must not block.
using HttpBeginning = std::function<void(const HttpRequest&, HttpPromise)>;

class HttpRouter {
 public:
  // A {name} matches one non-empty segment. Where two patterns match, the one added first wins. With `begin`
  // requests with little in them (limits::kHttpBegunBody) are begun with it, and cost no thread while they
  // wait.
  void add(std::string method, std::string_view pattern, HttpHandler handler, HttpBeginning begin = nullptr);

  enum class Outcome { found, no_such_path, no_such_method };
  struct Match {
    Outcome outcome = Outcome::no_such_path;
    const HttpHandler* handler = nullptr;
    const HttpBeginning* begin = nullptr;  // where there is one
    std::string allowed;                   // for no_such_method: the value of `Allow`
  };
  // Fills request.params when found.
  Match find(HttpRequest& request) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;  // "{name}" or literal
    HttpHandler handler;
    HttpBeginning begin;
  };
  std::vector<Route> routes_;
};

}  // namespace pigeond::net
