// Messages that callers send over one session, and wait for; and what waits in its outbox.
#pragma once

#include <string>
#include <vector>

#include "gateway/idempotency.h"
#include "gateway/session/account.h"
#include "gateway/session/forms.h"
#include "gateway/session/send_waiters.h"
#include "store/messages/outbox.h"

namespace pigeond::gateway {

class Sends {
 public:
  explicit Sends(Account& account)
      : account_(account), keys_(account.database(), account.id(), account.retention()) {}
  ~Sends();

  void send(SendRequest request, Millis deadline, Reply<SentMessage> reply);
  void cancel(const std::string& id, Reply<bool> reply);
  std::size_t size() const { return waiters_.size(); }

  // A message has ended, or a request was refused: whoever waits for it is answered. The chat in all forms.
  Forms ended(const engine::SendDone& done);
  // A message of ours was accepted: what answers show of it.
  void told(const engine::MessageEvent& message) { waiters_.told(message.id, {message, message.chat}); }
  void answer_at_once();  // in the end of a turn: who doesn't want to wait
  // Nobody knows when it goes on: callers are told that their messages stay queued, or that they are gone.
  void close(const Error& why);
  void abandon(const Error& why);  // their messages are gone
  void committed() { waiters_.committed(); }
  // What was written since the last commit is not there: who asked for it gets `why`.
  void rolled_back(const Error& why);
  // What was written in this turn is not there; what the tick wrote before it is.
  void part_rolled_back(const Error& why);
  // The rows are older ones now. Who waits for a message that is in none of them would wait in vain.
  void restored(const Error& why);

 private:
  Status able(const SendRequest& request) const;
  bool working() const;  // or about to
  bool answered_before(const SendRequest& request, Millis deadline, Reply<SentMessage>& reply);
  void wait_for(SendRequest request, Millis deadline, Reply<SentMessage> reply);
  QueuedMessage queued(const store::OutboxRow& row, const Forms& chat) const;
  using Told = SendWaiters::Told;
  Told told(const std::string& id, const SendRequest& request, const Forms& chat);
  SentMessage sent_message(const std::string& id, const Forms& chat, const Told& told) const;
  SentMessage ended_message(const std::string& id, const store::IdempotencyOutcome& outcome,
                            const Told& told) const;
  SentMessage pending_message(const SendWaiters::Waiter& waiter, const store::OutboxRow& row);
  Result<SentMessage> pending_message(const SendWaiters::Waiter& waiter, const Error& otherwise);
  SentMessage accepted_message(const SendWaiters::Waiter& waiter);
  void answer(SendWaiters::Waiter waiter, Result<SentMessage> result);
  void answer_as_pending(SendWaiters::Waiter waiter, const Error& otherwise);
  void refuse(SendWaiters::Waiter waiter, const Error& why);
  Forms forms(const wire::Jid& chat) const {
    return forms_of(account_.database(), account_.id(), chat.without_device());
  }

  Account& account_;
  engine::RequestId next_ = 1;
  SendWaiters waiters_;
  std::vector<engine::RequestId> at_once_;  // of this turn: they don't wait for the end
  Idempotency keys_;
};

}  // namespace pigeond::gateway
