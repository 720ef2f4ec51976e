// Questions of one connection that wait for their answers.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "base/time.h"
#include "engine/link/stanzas.h"
#include "wire/node.h"

namespace pigeond::engine {

class PendingIqs {
 public:
  static constexpr Millis kTimeout = 75 * kSecond;  // as whatsmeow and whatsapp-rust

  // False: limits::kPendingIqs are waiting already; the callback was not kept.
  bool add(const std::string& id, Millis mono, IqCallback callback);
  // An <iq type=result|error>, which the one who asked takes over. False: nobody here asked that. The
  // callback may add and send.
  bool answer(wire::Node&& iq);
  void expire(Millis mono);  // calls back timed_out
  void fail_all(const Error& error);
  std::optional<Millis> next_wake() const;
  std::size_t size() const { return pending_.size(); }

 private:
  struct Pending {
    Millis deadline = 0;
    IqCallback callback;
  };
  std::map<std::string, Pending> pending_;
};

// The error of an <iq type="error">: ack_error with the server's code and text, and the time to wait where it
// is told.
Error iq_error(const wire::Node& iq);

}  // namespace pigeond::engine
