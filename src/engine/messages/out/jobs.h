// The messages of an account that are on their way out, in memory: one job for each row of the outbox, and
// which of them stand in line behind others of their chat.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/engine.h"
#include "engine/messages/desk.h"

namespace pigeond::engine {

struct Job {
  std::int64_t seq = 0;
  std::string id;
  wire::Jid chat;             // as asked for, or the account that the service has named for it
  std::string queue;          // which line it stands in; see Jobs::add()
  Bytes content;              // only while it is new; else in the database
  std::int64_t accepted = 0;  // unix seconds
  std::string phash;
  int attempts = 0;
  bool encrypted = false;
  bool written = false;     // on this link
  bool maybe_sent = false;  // on any
  bool in_doubt = false;    // one of its versions was written and not answered: the service may have that one
  Millis expires = 0;       // wall; 0: never
  bool untold = false;      // programs hear of it when the service has named the account of its number
  bool admitted = false;    // its turn has come; see pacing.h
  Millis deadline = 0;      // mono; of the ack, when written
  // What was tried about refusals. Of these `renewals` outlives the process.
  bool troubled = false;
  Error trouble;                                   // the last one, if troubled
  int renewals = 0;                                // of what is known of the chat
  int waits = 0;                                   // delays
  int unanswered = 0;                              // acks that did not come
  Millis not_before = 0;                           // mono
  AddressForm form = AddressForm::usual;           // in which it goes out
  bool renew_address = false, renew_keys = false;  // still to be done
  bool held = false;                               // for whoever supervises the session
  // It may hand out this device's sender key of the group; see engine/messages/groups/group_sending.h.
  bool hands_out = false;
  store::Distrust distrust;
  // What was asked already in this preparation, so that an answer without use ends it.
  bool waiting = false, asked_contact = false;
  Waiting waiting_for = Waiting::progress;
  bool asked_group = false;
  int asked_devices = 0;
  std::set<wire::Jid> asked_keys;  // devices
};

class Jobs {
 public:
  explicit Jobs(Desk& desk) : desk_(desk) {}

  void load();  // what the database has; only once until clear()
  void clear();
  std::size_t size() const { return jobs_.size(); }

  Job& add(Job job);  // sets its queue; one that isn't encrypted stands in line there
  Job* find(std::int64_t seq);
  Job* find(const std::string& id);
  std::optional<Job> take(std::int64_t seq);  // forgets it; it stays in line until leave_line()
  std::vector<std::int64_t> in_order() const;
  template <typename Work>
  void each(const Work& work) {
    for (auto& [seq, job] : jobs_) work(job);
  }

  // Such messages as can still expire, that is have not been written.
  std::vector<std::int64_t> expired(Millis wall) const;
  std::optional<Millis> next_expiry() const;  // wall
  void keep(Job& job);                        // it is about to be written

  // What is for `from` and has not left is for `to`, in whose line it stands then. The messages.
  std::vector<std::int64_t> readdress(const wire::Jid& from, const wire::Jid& to);

  // Lines of messages not encrypted yet, one for each chat.
  Job* first_in_line(const std::string& queue);
  bool is_first_in_line(const Job& job) const;
  bool leave_line(const std::string& queue, std::int64_t seq);  // false: it did not stand there
  void back_in_line(Job& job);                                  // where its seq belongs

 private:
  std::string queue_of(const wire::Jid& chat);

  Desk& desk_;
  bool loaded_ = false;
  std::map<std::int64_t, Job> jobs_;  // by seq: the order of work
  std::unordered_map<std::string, std::int64_t> by_id_;
  std::set<std::pair<Millis, std::int64_t>> expiries_;
  std::map<std::string, std::deque<std::int64_t>> lines_;  // by queue; never an empty one
};

}  // namespace pigeond::engine
