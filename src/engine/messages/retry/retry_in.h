// <receipt type=retry>: a device could not read a message of ours, and asks for it again.
#pragma once

#include "engine/messages/desk.h"
#include "engine/messages/identity/session_setup.h"

namespace pigeond::engine {

class RetryIn {
 public:
  RetryIn(Desk& desk, SessionSetup& setup) : desk_(desk), setup_(setup) {}
  // Does not answer the receipt. The resend has the same id and goes to that device alone.
  void handle(const wire::Node& receipt);

 private:
  struct Request {
    std::string id;
    wire::Jid device;  // who asks, as addressed
    wire::Jid chat;
    int count = 0;
    std::int64_t message = 0, timestamp = 0;  // row; when it was sent
  };
  std::optional<Request> read(const wire::Node& receipt);
  // True: the session can be used; false: a new one is to be fetched.
  bool mend_session(const wire::Node& receipt, const Request& request, store::Retries::Resent& record);
  void resend(const Request& request);

  Desk& desk_;
  SessionSetup& setup_;
};

}  // namespace pigeond::engine
