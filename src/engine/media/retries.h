// Files that no media server has any more: the account's own phone is asked to upload them again.
//
//   <receipt id=MESSAGE to=OWN-NUMBER type="server-error">
//     <encrypt><enc_p>SEALED ServerErrorReceipt</enc_p><enc_iv>12 bytes</enc_iv></encrypt>
//     <rmr jid=CHAT from_me="true"|"false" [participant=SENDER]/>
//   </receipt>
//   <notification type="mediaretry" id=MESSAGE>
//     <rmr .../> <encrypt>SEALED MediaRetryNotification</encrypt>, or <error code=2/>: the phone has lost it
//   </notification>
//
// As whatsmeow (mediaretry.go) and Baileys (Utils/messages-media.ts) do it; what is sealed is in
// wire/media_retry.h.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "engine/questions/question.h"
#include "wire/jid.h"
#include "wire/node.h"

namespace pigeond::engine {

class MediaRetries {
 public:
  struct Wanted {
    std::string id;  // of the message
    wire::Jid chat;
    bool from_me = false;
    wire::Jid author;  // of a group's message: user
    Bytes media_key;
  };
  static constexpr Millis kPatience = 60 * kSecond;  // for a phone that is off
  static constexpr std::size_t kWaiting = 100;

  explicit MediaRetries(Desk& desk) : desk_(desk) {}

  // Where the file lies from now on. not_found: the phone has not got it either, or it was not there to be
  // asked. link_lost, rate_limited.
  void ask(const Wanted& wanted, Answered<std::string> answered);
  bool take(const wire::Node& notification);  // false: it is none of these
  void offline();                             // who waits is told
  void wake();
  std::optional<Millis> next_wake() const;  // mono

 private:
  struct Waiting {
    Bytes media_key;
    std::vector<Answered<std::string>> answered;
    Millis until = 0;  // mono
  };
  void end(const std::string& id, const Result<std::string>& path);

  Desk& desk_;
  std::map<std::string, Waiting> waiting_;  // by the message's id
};

}  // namespace pigeond::engine
