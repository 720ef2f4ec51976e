// Callers who wait for a QR code to be shown.
#pragma once

#include <map>

#include "gateway/session/account.h"

namespace pigeond::gateway {

class Codes {
 public:
  explicit Codes(Account& account) : account_(account) {}
  ~Codes();

  void ask(Millis wait, Reply<Qr> reply);
  void settle();                 // answers whom it can
  void close(const Error& why);  // who waits is told

 private:
  struct Waiter {
    Reply<Qr> reply;
    net::Loop::TimerId timer = 0;
  };
  void answer(Waiter& waiter, Result<Qr> result);
  Error none() const;

  Account& account_;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, Waiter> waiting_;
};

}  // namespace pigeond::gateway
