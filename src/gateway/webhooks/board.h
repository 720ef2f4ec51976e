// What the loop thread shows of the webhooks' queues beyond their rows: what waits, and how the tries go. As
// of the last tick; from any thread, without waiting for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.h"

namespace pigeond::gateway {

struct ShownQueue {
  std::int64_t pending = 0;          // deliveries whose outcome is no row yet
  Millis next_try_ms = 0;            // wall, of what failed; 0: nothing waits for that
  std::string why;                   // the last failure; "": what was tried last was taken
  struct Trouble {                   // of a call that failed and is tried again: of all of its deliveries
    std::vector<std::int64_t> rows;  // their ids, ascending
    int tries = 0;
    std::string why;
    Millis next_try_ms = 0;  // wall; 0: it is being tried
  };
  // Of at most limits::kWebhookTroubles calls and those under way. One that has not changed is shared with
  // what was shown before: with each change only pointers are copied.
  std::vector<std::shared_ptr<const Trouble>> troubles;

  bool is_quiet() const { return pending == 0 && why.empty() && troubles.empty(); }
  const Trouble* trouble_of(std::int64_t id) const;  // nullptr: that delivery was not tried
};

class WebhookBoard {
 public:
  using Shown = std::shared_ptr<const ShownQueue>;

  // On the loop thread.
  void opened(std::int64_t session);
  void closed(std::int64_t session, std::int64_t queue);
  void put(std::int64_t queue, ShownQueue shown);

  // From any thread.
  bool has_queues(std::int64_t session) const;
  Shown find(std::int64_t queue) const;  // never nullptr: of a quiet one there is nothing to say
  std::map<std::int64_t, std::int64_t> pending() const;  // of the queues in which something waits

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::int64_t, std::size_t> of_session_;
  std::unordered_map<std::int64_t, Shown> queues_;  // without the quiet ones
};

}  // namespace pigeond::gateway
