// What the fates of a session's own messages say about the session, and the smallest thing that may heal it.
//
// The engine heals what is one chat's matter, and holds a message that was refused again after that. Then it
// is judged here: did another chat succeed meanwhile, the trouble is that chat's, and the message ends with
// its cause. Did none, the session is restarted with its credentials kept, and what is held goes out again;
// restarts have growing, jittered delays and a budget, so that a dead account can't spin.
//
// Sans-I/O and deterministic. It knows nothing that a restart of the process would have to keep.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"

namespace pigeond::gateway {

class SendHealth {
 public:
  static constexpr std::size_t kChats = 3;     // in which sends must end badly, where one alone says little
  static constexpr std::size_t kMessages = 3;  // of one chat, where no other chat is written to
  static constexpr int kRestarts = 5;          // allowed within kWindow
  static constexpr Millis kWindow = kHour;

  struct Verdict {
    enum class What {
      nothing,
      restart,  // after `delay`; the session goes on until then
      give_up,  // the budget is spent: the session fails
    };
    What what = What::nothing;
    Millis delay = 0;               // ms
    std::vector<std::string> ends;  // ids of held messages that end with their causes
    bool called_off = false;        // a restart that was advised is not needed any more
  };

  explicit SendHealth(Random& random, int restarts = kRestarts) : random_(random), budget_(restarts) {}

  // A message was refused and is being healed: from here on its chat is in trouble.
  void troubled(Millis mono, const std::string& chat);
  // A message is held: nothing of its chat's own helped. Exactly one verdict for each.
  Verdict held(Millis mono, const std::string& chat, const std::string& id);
  // A message has ended; nullptr: acknowledged.
  Verdict ended(Millis mono, const std::string& chat, const std::string& id, const Error* error);
  // What was said of the chat `other` is said of `chat`: they turned out to be two forms of one address.
  void are_one(const std::string& other, const std::string& chat);
  void restarted();  // the restart that was advised has been done
  void reset();      // a person started the session anew

  bool restart_planned() const { return planned_; }
  int restarts() const { return static_cast<int>(restarts_.size()); }

 private:
  struct Chat {
    Millis since = 0;                // mono; of its first trouble after its last success
    std::set<std::string> messages;  // that its own healing did not help; at most kMessages
    bool alone_suspicious = false;   // its causes speak against the session even if it is the only one
  };

  Chat& trouble_of(Millis mono, const std::string& chat);
  bool others_succeeded(const Chat& chat) const { return last_success_ && *last_success_ > chat.since; }
  bool blames_session() const;
  Verdict escalate(Millis mono);

  Random& random_;
  int budget_;
  std::map<std::string, Chat> failing_;      // chats since their last success
  std::map<std::string, std::string> held_;  // message to chat
  std::optional<Millis> last_success_;       // mono; of any chat
  std::deque<Millis> restarts_;              // mono times within kWindow
  int tries_ = 0;                            // restarts since the last success
  bool planned_ = false;
};

}  // namespace pigeond::gateway
