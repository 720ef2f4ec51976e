#include "gateway/history/turns.h"

#include <utility>

namespace pigeond::gateway {

HistoryTurns::Place::Place(HistoryTurns& turns, std::function<void()> begin)
    : turns_(turns), number_(turns.next_++) {
  turns_.waiting_.emplace(number_, std::move(begin));
  turns_.loop_.post([&turns] { turns.call(); });
}

HistoryTurns::Place::~Place() {
  turns_.waiting_.erase(number_);
  if (turns_.busy_.erase(number_) > 0 && !turns_.waiting_.empty())
    turns_.loop_.post([&turns = turns_] { turns.call(); });
}

void HistoryTurns::call() {
  while (busy_.size() < kAtOnce && !waiting_.empty()) {
    auto first = waiting_.extract(waiting_.begin());
    busy_.insert(first.key());
    first.mapped()();
  }
}

}  // namespace pigeond::gateway
