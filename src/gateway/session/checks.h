// Callers who ask whether numbers are on WhatsApp.
#pragma once

#include <map>
#include <string>

#include "gateway/session/account.h"

namespace pigeond::gateway {

class Checks {
 public:
  explicit Checks(Account& account) : account_(account) {}
  ~Checks();

  void ask(const std::string& digits, Millis deadline, Reply<NumberStatus> reply);
  void answered(const engine::NumberCheck& check);
  void close(const Error& why);  // who waits is told
  std::size_t size() const { return waiting_.size(); }

 private:
  struct Waiter {
    Reply<NumberStatus> reply;
    net::Loop::TimerId timer = 0;
  };
  Status able() const;

  Account& account_;
  engine::RequestId next_ = 1;
  std::map<engine::RequestId, Waiter> waiting_;
};

}  // namespace pigeond::gateway
