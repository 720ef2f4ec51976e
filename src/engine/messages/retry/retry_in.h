// <receipt type=retry>: a device could not read a message of ours, and asks for it again.
//
// The receipt is acknowledged when it was served, or refused, and not before: what has to be asked first
// (keys, a list of devices) may be lost with the link, and the service then delivers the receipt again, as it
// does whatever is not acknowledged (whatsmeow bbe00cd0).
//
// Who is not on the list of the recipient's devices may be on it since: a device that was just linked, and of
// which nobody has told us. The list is asked for anew then (whatsapp-rust 20189cb0), for those alone to whom
// the message went, and not over and over; whom the service does not list even so gets nothing.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/messages/desk.h"
#include "engine/messages/groups/group_sending.h"
#include "engine/messages/identity/session_setup.h"

namespace pigeond::engine {

class RetryIn {
 public:
  RetryIn(Desk& desk, SessionSetup& setup, GroupSending& groups)
      : desk_(desk), setup_(setup), groups_(groups) {}
  // Answers it, now or later. The resend has the same id and goes to that device alone.
  void handle(const wire::Node& receipt);
  void offline();  // what was not acknowledged by then comes again

 private:
  struct Request {
    std::string id;
    wire::Jid device;  // who asks, as addressed
    wire::Jid chat;
    int count = 0;
    std::int64_t message = 0, timestamp = 0;  // row; when it was sent
    std::pair<std::string, wire::Jid> key() const { return {id, device}; }
  };
  std::optional<Request> read(const wire::Node& receipt);
  bool was_meant_for(const store::MessageRow& row, const wire::Jid& device);
  bool is_listed(const wire::Jid& device);
  void ask_list(const wire::Node& receipt, const Request& request);
  void listed(const std::string& user, const Result<wire::Node>& answer);
  void refuse(const Request& request, const char* why);
  void serve(const wire::Node& receipt, const Request& request);
  void asked(const Request& request, const Status& status, const std::function<void()>& go_on);
  void settle(const Request& request);
  // True: the session can be used; false: a new one is to be fetched.
  bool mend_session(const wire::Node& receipt, const Request& request, store::Retries::Resent& record);
  bool has_turn(const wire::Jid& group);
  Result<Bytes> content_for(const Request& request);
  void resend(const Request& request);
  void count(const Request& request);
  void send_again(const Request& request);

  Desk& desk_;
  SessionSetup& setup_;
  GroupSending& groups_;
  // Receipts that wait for an answer to a question of ours: the first one's, and what the same device sent
  // meanwhile about the same message.
  std::map<std::pair<std::string, wire::Jid>, std::vector<wire::Node>> open_;
  struct List {
    Millis since = 0;  // mono
    bool asking = false;
    std::vector<std::pair<wire::Node, Request>> waiting;  // receipts, of those in open_
  };
  std::map<std::string, List> lists_;  // users whose lists were asked for because of that
  // Resends to groups, as a clock that each moves on and that may be ahead of the real one (mono); see
  // has_turn().
  std::map<wire::Jid, Millis> turns_;
};

}  // namespace pigeond::engine
