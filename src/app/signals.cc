#include "app/signals.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <utility>

#include "base/log.h"

namespace pigeond::app {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{5};
constexpr std::chrono::seconds kDeaf{1};
constexpr int kQuit = SIGUSR2;  // from the destructor

sigset_t handled() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, kQuit}) sigaddset(&set, signal);
  return set;
}

// The next signal, or -1 at `deadline`.
int wait_until(const sigset_t& set, Clock::time_point deadline) {
  const auto left = std::max(deadline - Clock::now(), Clock::duration::zero());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  const timespec rest{seconds.count(), std::chrono::nanoseconds(left - seconds).count()};
  return sigtimedwait(&set, nullptr, &rest);
}

}  // namespace

Signals::Signals() {
  const sigset_t set = handled();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  for (const int answered_by_errno : {SIGPIPE, SIGXFSZ}) sigaction(answered_by_errno, &ignore, nullptr);
}

Signals::~Signals() {
  done_ = true;
  if (!thread_.joinable()) return;
  pthread_kill(thread_.native_handle(), kQuit);
  thread_.join();
}

void Signals::start(Handlers handlers) {
  thread_ = std::thread([this, handlers = std::move(handlers)] { work(handlers); });
}

void Signals::work(const Handlers& handlers) {
  const sigset_t set = handled();
  int signal = 0;
  do {
    signal = sigwaitinfo(&set, nullptr);
    if (signal == SIGHUP) handlers.reload();
  } while (!done_ && signal != SIGTERM && signal != SIGINT);
  if (done_) return;
  handlers.stop();
  const auto asked = Clock::now();
  for (;;) {
    signal = wait_until(set, asked + kPatience);
    if (done_) return;
    const bool late = Clock::now() >= asked + kPatience;
    const bool again = (signal == SIGTERM || signal == SIGINT) && Clock::now() >= asked + kDeaf;
    if (!late && !again) continue;
    log::error(late ? "not stopped in time, ending anyway" : "asked again, ending without waiting");
    if (handlers.abandon) handlers.abandon();
    _exit(1);
  }
}

}  // namespace pigeond::app
