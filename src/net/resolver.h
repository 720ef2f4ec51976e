// Names to addresses. getaddrinfo(3) blocks, so it runs on worker threads that exist only while there is
// something to look up; answers are posted to the loop.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/address.h"
#include "net/loop.h"

namespace pigeond::net {

class Resolver {
 public:
  using Answer = std::function<void(Result<std::vector<Address>>)>;
  using RequestId = std::uint64_t;

  explicit Resolver(Loop& loop);
  ~Resolver();  // pending answers are dropped; a lookup in progress ends by itself

  // Literals and localhost (RFC 6761) take no lookup. Never answers before it returns. Error: resolve, naming
  // the host;
  // *.local is refused, because multicast DNS is not part of this program.
  RequestId resolve(const std::string& host, std::uint16_t port, Answer answer);
  void cancel(RequestId id);

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace pigeond::net
