#include "gateway/session/account.h"

namespace pigeond::gateway {

void Alarm::set_at(Millis mono, std::function<void()> work) {
  stop();
  set_ = true;
  at_ = mono;
  timer_ = account_.loop().at(mono, [this, turn = turn_, work = std::move(work)] {
    timer_ = 0;
    account_.later([this, turn, work] {
      if (turn != turn_) return;
      set_ = false;
      work();
    });
  });
}

void Alarm::stop() {
  account_.loop().cancel(std::exchange(timer_, 0));
  ++turn_;
  set_ = false;
}

}  // namespace pigeond::gateway
