// What the fate of a session's own messages says about the session. One chat that refuses is that chat's
// matter; when sends into different chats fail one after the other, the session is what is broken, and a
// restart with its credentials kept is the smallest thing that heals it. Restarts have a budget, so that a
// dead account can't spin.
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace pigeond::gateway {

class SendHealth {
 public:
  static constexpr std::size_t kChats =
      3;                               // different chats in which sends must fail, with no success in between
  static constexpr int kRestarts = 5;  // allowed within kWindow
  static constexpr Millis kWindow = kHour;

  enum class Advice { nothing, restart, give_up };

  // The end of one send into `chat`: nullptr for an acknowledged one.
  Advice sent(Millis mono, const std::string& chat, const Error* error);
  // How long to wait before the restart just advised, in ms: 1 s, 5 s, 30 s, 2 min, 10 min.
  Millis restart_delay() const;
  int restarts() const { return static_cast<int>(restarts_.size()); }
  void reset();  // a person started the session anew

 private:
  std::set<std::string> failed_chats_;
  std::deque<Millis> restarts_;  // mono times within kWindow
};

// Failures that speak against the session rather than against one message, recipient or the account itself.
bool counts_against_session(const Error& error);

}  // namespace pigeond::gateway
