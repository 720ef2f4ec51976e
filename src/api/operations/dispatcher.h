// From a request to the operation that serves it: which row, whether the key may, what the request says, and
// then the row's handler. Thread rule: all const; find(), begin() and open() are called on the server's loop,
// run() on workers.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "api/operations/operation.h"
#include "net/http/router.h"

namespace pigeond::api {

class Dispatcher {
 public:
  // Of two rows that match a request the first wins. The gateway outlives it.
  Dispatcher(gateway::Gateway& gateway, Operations operations);

  const Operations& operations() const { return operations_; }

  // By the head of a request alone: the row, or why it is refused (404, 405, 403). Fills request.params.
  std::variant<const Operation*, net::HttpReply> find(net::HttpRequest& request, const Caller& caller) const;

  net::HttpReply run(const Operation& operation, const Caller& caller, const net::HttpRequest& request) const;
  // Of a row that has `begin`. The promise is kept from any thread.
  void begin(const Operation& operation, const Caller& caller, const net::HttpRequest& request,
             Promise promise) const;
  // Of a row that has `open`.
  net::HttpAdmission open(const Operation& operation, const Caller& caller,
                          const net::HttpRequest& request) const;

 private:
  std::variant<std::shared_ptr<void>, net::HttpReply> read(const Operation& operation, const Caller& caller,
                                                           const net::HttpRequest& request) const;

  gateway::Gateway& gateway_;
  const Operations operations_;
  net::HttpRouter router_;
};

}  // namespace pigeond::api
