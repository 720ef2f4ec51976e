// Messages of one account, both ways: addressing, device lists, sessions, fan-out, decryption, receipts,
// retries. Owned and fed by the Engine; it speaks to the server through Stanzas only.
#pragma once

#include <memory>
#include <optional>

#include "engine/context.h"
#include "engine/engine.h"
#include "engine/link/stanzas.h"
#include "wire/node.h"

namespace pigeond::engine {

struct Desk;

class Chat {
 public:
  Chat(Context& context, Stanzas& stanzas);
  ~Chat();

  void load();  // what waits in the outbox, so that it can expire also without a link
  // Logged in and active: what waits in the outbox goes out, or when the backlog is in, if that is awaited.
  void online(bool backlog_awaited = false);
  void backlog_in();
  // The link is gone; what was sent and not acknowledged waits for the next one.
  void offline(const Error& why);
  // message, receipt, ack class="message", and the notifications that change devices, identities, mappings
  // and tokens. False: not ours (the engine acknowledges or drops it).
  bool handle(const wire::Node& node);
  void send(Send request);
  Status cancel(const std::string& id);
  void tell(const std::string& id);
  std::optional<Standing> standing(const std::string& id);
  std::map<std::int64_t, Standing> standings();
  std::size_t waiting() const;
  Desk& desk();  // for questions
  void end_held(const std::string& id);
  void end_troubled();
  void pacing_changed();
  void take_history(std::int64_t row, const HistoryItems& items);
  void history_ended(std::int64_t row, const Status& status);
  void forget();  // stopped or logged out: nothing stays in memory; the outbox keeps its rows
  void wake();
  std::optional<Millis> next_wake() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pigeond::engine
