#include "gateway/events/feed.h"

#include <utility>

namespace pigeond::gateway {

template <typename Change>
void EventFeed::change(const Change& change) {
  const std::lock_guard lock(mutex_);
  change(state_);
  if (ring_) ring_();
}

void EventFeed::committed(std::int64_t last) {
  {
    const std::lock_guard lock(mutex_);
    if (last == state_.last) return;
  }
  change([last](State& state) { state.last = last; });
}

void EventFeed::lost() {
  change([](State& state) {
    ++state.life;
    state.usable = false;
  });
}

void EventFeed::back(std::int64_t last) {
  change([last](State& state) {
    ++state.life;
    state.usable = true;
    state.last = last;
  });
}

EventFeed::State EventFeed::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void EventFeed::follow(std::function<void()> ring) {
  const std::lock_guard lock(mutex_);
  ring_ = std::move(ring);
}

}  // namespace pigeond::gateway
