// Finds the handler of a request: a table of methods and patterns such as /api/sessions/{session}/start.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/http/message.h"

namespace pigeond::net {

class HttpRouter {
 public:
  // A {name} matches one non-empty segment. Where two patterns match, the one added first wins.
  void add(std::string method, std::string_view pattern, HttpHandler handler);

  enum class Outcome { found, no_such_path, no_such_method };
  struct Match {
    Outcome outcome = Outcome::no_such_path;
    std::size_t route = 0;  // which was found, in the order of adding
    const HttpHandler* handler = nullptr;
    std::string allowed;  // for no_such_method: the value of `Allow`
  };
  // Fills request.params when found.
  Match find(HttpRequest& request) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;  // "{name}" or literal
    HttpHandler handler;
  };
  std::vector<Route> routes_;
};

}  // namespace pigeond::net
