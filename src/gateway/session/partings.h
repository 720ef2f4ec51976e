// Callers who wait for the device to be unlinked: those who log out are told when it is, or that it could not
// be; those who remove the session, when it is gone. Each exactly once.
#pragma once

#include <vector>

#include "gateway/session/account.h"

namespace pigeond::gateway {

class Partings {
 public:
  explicit Partings(Account& account) : account_(account) {}

  void add(bool removal, Reply<Departure> reply) { waiting_.push_back({removal, std::move(reply)}); }
  void erased(const Departure& how);   // who waited for a logout has it
  void removed(const Departure& how);  // and who waited for more
  void pending(const Error& why);      // everybody: not yet
  void called_off();                   // who waited for a removal: it won't come
  void close(const Error& why);        // everybody: nothing of it

 private:
  struct Waiter {
    bool removal = false;
    Reply<Departure> reply;
  };
  void answer(bool logouts, bool removals, const Result<Departure>& result);

  Account& account_;
  std::vector<Waiter> waiting_;
};

}  // namespace pigeond::gateway
