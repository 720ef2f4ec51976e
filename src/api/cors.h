// Cross-Origin Resource Sharing (the Fetch standard, "CORS protocol"): which web pages may call the API from
// a browser. Off unless origins are configured; the key is needed all the same, credentials of the browser
// never are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/http/message.h"

namespace pigeond::api {

class Cors {
 public:
  Cors() = default;  // off
  // Origins such as "https://crm.example" or "http://localhost:5173", separated by commas or blanks; or "*".
  // bad_input names the one that is none.
  static Result<Cors> parse(std::string_view origins);

  bool on() const { return any_ || !origins_.empty(); }
  // The answer to a preflight, which a browser sends without a key; nullopt for any other request. An origin
  // that is not listed gets no permission, and the browser then says so.
  std::optional<net::HttpReply> preflight(const net::HttpRequest& request) const;
  // The headers that let the page that asked read the answer.
  net::HttpHeaders permission(const net::HttpRequest& request) const;
  void permit(const net::HttpRequest& request, net::HttpReply& reply) const;

 private:
  std::string allowed(const net::HttpRequest& request) const;  // "" for none

  bool any_ = false;
  std::vector<std::string> origins_;
};

}  // namespace pigeond::api
