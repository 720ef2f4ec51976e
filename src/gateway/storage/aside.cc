#include "gateway/storage/aside.h"

#include <system_error>
#include <utility>

namespace pigeond::gateway {

bool Aside::start(std::function<void()> work, std::function<void()> done) {
  if (busy_) return false;
  const std::uint64_t number = ++number_;
  auto ended = [this, number, done = std::move(done)] {
    if (number != number_ || !busy_) return;  // somebody has waited for it
    if (thread_.joinable()) thread_.join();
    busy_ = false;
    done();
  };
  busy_ = true;
  if (!threads_) {
    work();
    loop_.post(std::move(ended));
    return true;
  }
  try {
    thread_ = std::thread([this, work = std::move(work), ended = std::move(ended)] {
      work();
      loop_.post(ended);
    });
  } catch (const std::system_error&) {  // the process has as many as it may
    busy_ = false;
  }
  return busy_;
}

void Aside::wait() {
  if (thread_.joinable()) thread_.join();
  busy_ = false;
}

}  // namespace pigeond::gateway
