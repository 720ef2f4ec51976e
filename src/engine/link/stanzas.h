// The link as the parts of the engine see it: stanzas out, and questions with their answers.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "wire/node.h"

namespace pigeond::engine {

// The whole <iq type="result">, or: ack_error (an <error> came; code is its number), timed_out, link_lost.
using IqCallback = std::function<void(Result<wire::Node> answer)>;

class Stanzas {
 public:
  virtual ~Stanzas() = default;
  virtual bool online() const = 0;                // logged in: send() and query() reach the server
  virtual void send(const wire::Node& node) = 0;  // dropped while there is no link
  // Fills in `id` and, where missing, to="s.whatsapp.net". The callback comes exactly once, also when
  // offline.
  virtual void query(wire::Node iq, IqCallback callback) = 0;
  virtual std::string next_id() = 0;  // unique in this connection; not for messages
  // Nothing good comes of this link any more: another one is made, once the stack has unwound.
  virtual void give_up_link(const Error& why) = 0;
};

}  // namespace pigeond::engine
