#include "app/signals.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <ctime>
#include <utility>

#include "base/log.h"

namespace pigeond::app {
namespace {

constexpr int kSecondsToStop = 5;
constexpr int kQuit = SIGUSR2;  // from the destructor

sigset_t handled() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, kQuit}) sigaddset(&set, signal);
  return set;
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

void Signals::start(std::function<void()> stop, std::function<void()> reload) {
  thread_ = std::thread([this, stop = std::move(stop), reload = std::move(reload)] { work(stop, reload); });
}

void Signals::work(const std::function<void()>& stop, const std::function<void()>& reload) {
  const sigset_t set = handled();
  bool stopping = false;
  while (!done_) {
    const timespec patience{kSecondsToStop, 0};
    const int signal = stopping ? sigtimedwait(&set, nullptr, &patience) : sigwaitinfo(&set, nullptr);
    if (done_) return;
    const bool end = signal == SIGTERM || signal == SIGINT;
    if (stopping && (end || signal < 0)) {
      log::error("not stopped in time, ending anyway");
      _exit(1);
    }
    if (signal == SIGHUP) reload();
    if (end) {
      stopping = true;
      stop();
    }
  }
}

}  // namespace pigeond::app
