#include "api/cors.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "net/address.h"

namespace pigeond::api {
namespace {

// Seconds that a browser may remember a preflight's answer.
constexpr const char* kMaxAge = "600";

// Scheme, host and port, in lower case and without a path: as browsers write it (RFC 6454, 6.2).
bool is_origin(std::string_view text) {
  if (text == "null") return true;  // pages from files, sandboxed frames
  const auto url = net::parse_url(std::string(text));
  if (!url || (url->scheme != "http" && url->scheme != "https")) return false;
  const auto authority = text.substr(text.find("//") + 2);
  return !authority.empty() && authority.find_first_of("/?#@") == std::string_view::npos &&
         std::none_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

Result<Cors> Cors::parse(std::string_view origins) {
  Cors cors;
  std::string blanks(origins);
  std::replace(blanks.begin(), blanks.end(), ',', ' ');
  for (const auto part : split(blanks, ' ')) {
    const auto origin = trim(part);
    if (origin.empty()) continue;
    if (origin == "*") {
      cors.any_ = true;
    } else if (is_origin(origin)) {
      cors.origins_.emplace_back(origin);
    } else {
      return fail(
          Cause::bad_input,
          std::string(origin) + " is not an origin such as https://crm.example or http://localhost:5173");
    }
  }
  return cors;
}

std::string Cors::allowed(const net::HttpRequest& request) const {
  const std::string origin = request.header("origin");
  if (origin.empty()) return {};
  if (any_) return "*";
  const bool listed = std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
  return listed ? origin : std::string();
}

std::optional<net::HttpReply> Cors::preflight(const net::HttpRequest& request) const {
  if (!on() || request.method != "OPTIONS" || request.header("origin").empty() ||
      request.header("access-control-request-method").empty()) {
    return std::nullopt;
  }
  net::HttpReply reply;
  reply.status = 204;
  reply.headers = {{"Vary", "Origin, Access-Control-Request-Headers"}};
  const std::string origin = allowed(request);
  if (origin.empty()) return reply;
  reply.headers.emplace_back("Access-Control-Allow-Origin", origin);
  reply.headers.emplace_back("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE");
  // Whatever is asked for: no header of a request means more here than it says.
  if (auto wanted = request.header("access-control-request-headers"); !wanted.empty())
    reply.headers.emplace_back("Access-Control-Allow-Headers", std::move(wanted));
  // A page of the network asks for a gateway on its reader's own machine (Private Network Access).
  if (request.header("access-control-request-private-network") == "true")
    reply.headers.emplace_back("Access-Control-Allow-Private-Network", "true");
  reply.headers.emplace_back("Access-Control-Max-Age", kMaxAge);
  return reply;
}

net::HttpHeaders Cors::permission(const net::HttpRequest& request) const {
  if (!on()) return {};
  net::HttpHeaders headers = {{"Vary", "Origin"}};
  const std::string origin = allowed(request);
  if (origin.empty()) return headers;
  headers.emplace_back("Access-Control-Allow-Origin", origin);
  headers.emplace_back("Access-Control-Expose-Headers", "Retry-After, Content-Range");
  return headers;
}

void Cors::permit(const net::HttpRequest& request, net::HttpReply& reply) const {
  for (auto& header : permission(request)) reply.headers.push_back(std::move(header));
}

}  // namespace pigeond::api
