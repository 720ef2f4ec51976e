// Callers who ask WhatsApp something through this session: until the answer, their deadline, or the end of
// what the session can do for them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gateway/asking.h"
#include "gateway/session/account.h"

namespace pigeond::gateway {

class Questions {
 public:
  explicit Questions(Account& account) : account_(account) {}
  ~Questions();

  // not_linked: the session does not work, and is not about to, or for a question about pairing: it is not
  // being linked. rate_limited: too many wait. Answered after the commit of what the answer changed.
  void ask(Asking asking, Millis deadline, Reply<Found> reply);
  void close(const Error& why);  // who waits is told
  std::size_t size() const { return waiters_; }

 private:
  struct Waiter {
    std::uint64_t id = 0;
    Reply<Found> reply;
    net::Loop::TimerId timer = 0;
  };
  struct Flight {
    std::string once;
    std::vector<Waiter> waiters;
  };
  Status able(const Asking& asking) const;
  void join(Flight& flight, std::uint64_t number, Millis deadline, Reply<Found> reply);
  void answered(std::uint64_t number, const Result<Found>& answer);
  void late(std::uint64_t number, std::uint64_t waiter);

  Account& account_;
  std::uint64_t next_ = 1;
  std::size_t waiters_ = 0;
  std::map<std::uint64_t, Flight> flights_;  // one whose waiters have all gone stays, for those who come
};

}  // namespace pigeond::gateway
