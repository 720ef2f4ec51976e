#include "net/http/router.h"

#include <optional>

#include "base/text.h"

namespace pigeond::net {
namespace {

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> segments;
  for (const auto part : split(path, '/')) {
    if (!part.empty()) segments.emplace_back(part);
  }
  return segments;
}

bool is_parameter(const std::string& segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

std::optional<std::map<std::string, std::string>> match(const std::vector<std::string>& pattern,
                                                        const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) return std::nullopt;
  std::map<std::string, std::string> params;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (is_parameter(pattern[i])) {
      params[pattern[i].substr(1, pattern[i].size() - 2)] = path[i];
    } else if (pattern[i] != path[i]) {
      return std::nullopt;
    }
  }
  return params;
}

}  // namespace

void HttpRouter::add(std::string method, std::string_view pattern, HttpHandler handler) {
  routes_.push_back({std::move(method), segments_of(pattern), std::move(handler)});
}

HttpRouter::Match HttpRouter::find(HttpRequest& request) const {
  const auto& method = request.method == "HEAD" ? "GET" : request.method;
  Match result;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const Route& route = routes_[i];
    auto params = match(route.segments, request.segments);
    if (!params) continue;
    if (route.method == method) {
      request.params = std::move(*params);
      return {Outcome::found, i, &route.handler, {}};
    }
    result.outcome = Outcome::no_such_method;
    result.allowed += (result.allowed.empty() ? "" : ", ") + route.method;
  }
  return result;
}

}  // namespace pigeond::net
