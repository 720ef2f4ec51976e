// Callers that wait for the fate of a message of one session. They wait for the message's id, not for an
// engine: what was accepted is in the outbox, and whichever engine gets it acknowledged ends the wait.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/effects.h"
#include "gateway/reply.h"
#include "gateway/types.h"
#include "net/loop.h"

namespace pigeond::gateway {

class SendWaiters {
 public:
  // A message as events tell it.
  struct Told {
    engine::Shown shown;
    wire::Jid chat;
  };
  struct Waiter {
    SendRequest request;  // its id is the message's
    Reply<SentMessage> reply;
    net::Loop::TimerId timer = 0;   // the deadline; the taker cancels it
    Millis since = 0;               // wall
    bool accepted = false;          // committed: no failure after that is a reason to send it again
    std::optional<Told> told = {};  // none: it was accepted before this waiter was there
  };

  std::size_t size() const { return waiters_.size(); }
  void add(engine::RequestId number, Waiter waiter);
  std::optional<Waiter> take(engine::RequestId number);
  void told(const std::string& id, const Told& told);       // to everybody who waits for it
  std::vector<Waiter> take_message(const std::string& id);  // everybody who waits for it
  std::vector<std::string> messages() const;                // that somebody waits for; each once
  std::vector<Waiter> take_all();

  // What those wait for who were added since the last commit is gone when the next one fails.
  void committed();
  std::vector<Waiter> take_uncommitted();

 private:
  std::map<engine::RequestId, Waiter> waiters_;
  std::unordered_multimap<std::string, engine::RequestId> by_message_;
  std::vector<engine::RequestId> fresh_;
};

}  // namespace pigeond::gateway
