// The way of a message out: accepted into the outbox, prepared (who has which devices, and keys for them),
// encrypted, sent, acknowledged. Chats don't wait for each other; within a chat the order is kept.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "engine/engine.h"
#include "engine/messages/desk.h"
#include "engine/messages/groups/group_sending.h"
#include "engine/messages/identity/session_setup.h"
#include "engine/messages/out/fan_out.h"
#include "engine/messages/out/healing.h"
#include "engine/messages/out/jobs.h"
#include "engine/messages/out/pacing.h"
#include "engine/messages/trust/trust.h"

namespace pigeond::engine {

class Outgoing {
 public:
  Outgoing(Desk& desk, SessionSetup& setup, Trust& trust, GroupSending& groups)
      : desk_(desk), setup_(setup), trust_(trust), groups_(groups), pacing_(desk), jobs_(desk) {}

  void accept(Send request);
  void load() { jobs_.load(); }
  void await_backlog();  // there is a link; online() follows when what had waited at the service is in
  void online();         // everything unacknowledged goes out again, byte for byte
  void offline();
  void forget();  // stopped or erased; what is in the outbox stays there
  // <ack class="message">.
  void acked(const wire::Node& ack);
  // A receipt from a recipient proves that the service took the message, should its ack be lost.
  void seen_by_recipient(const std::string& id);
  void heard_from(const wire::Jid& user);  // nothing to them is held back any longer
  Status cancel(const std::string& id);
  void tell_accepted(const std::string& id);  // now, whatever is known of its chat
  std::optional<Standing> standing(const std::string& id);
  std::map<std::int64_t, Standing> standings();
  std::size_t waiting() const { return jobs_.size(); }
  void end_held(const std::string& id);
  void end_troubled();
  void pacing_changed();  // who is held back is looked at anew
  void wake();
  std::optional<Millis> next_wake() const;

 private:
  static constexpr int kAttempts = 16;  // writes of one message, over all links and restarts
  enum class Prepared { ready, waiting, failed };

  // outgoing_accept.cc
  bool already_known(const Send& request);
  void show(const wa_Message& content, const store::MessageRow& row);
  Result<Bytes> build(const Send& request);
  Result<Quote> quote(const Send& request);
  wire::Jid address_in(const wire::Jid& chat, const wire::Jid& who) const;
  wire::Jid own_address(const wire::Jid& chat) const;  // by which the account writes there

  // outgoing_dialled.cc
  bool is_unknown_number(const wire::Jid& chat);
  bool readdress(const wire::Jid& dialled, const wire::Jid& account);
  void named(const wire::Jid& chat);
  void tell_accepted(Job& job);

  // outgoing_prepare.cc
  Prepared prepare(Job& job, Error& why);
  void ask_contact(Job& job, const wire::Jid& pn);
  void ask_devices(Job& job, std::vector<wire::Jid> users);
  void ask_keys(Job& job, std::vector<wire::Jid> devices);
  void answered(std::int64_t seq, const Status& status);
  Status load_content(Job& job);
  Status encrypt(Job& job, const Destination& destination, const Targets& targets, wire::Node& stanza);
  void encrypted(Job& job, FannedOut&& out, wire::Node& stanza);

  // outgoing_group.cc
  Prepared prepare_group(Job& job, Error& why);
  void ask_group(Job& job);
  void ask_members_devices(Job& job, std::vector<wire::Jid> users);
  void ask_members_keys(Job& job, std::vector<wire::Jid> devices);
  bool awaits_hand_out(const Job& job);
  void count_recipients(const Job& job, const Group& group);
  void write_group_again(Job& job, const wire::Node& stanza);
  void doubt_group(const wire::Jid& group);
  void drop_lists(const wire::Jid& group);

  // outgoing_waiting.cc
  Standing standing(const Job& job) const;
  void end_expired();
  bool may_go(Job& job);
  void release_paced();
  Millis mono_of(Millis wall) const;
  Millis wall_of(Millis mono) const;

  // outgoing_refused.cc
  void refused(Job& job, const Error& error, std::int64_t timestamp);
  void renew(Job& job);
  void change_form(Job& job);
  void overdue(Job& job);
  void ping();
  void save_trouble(const Job& job);
  void tell_trouble(const Job& job, const HealingPlan& plan);
  bool other_form_is(const Job& job);
  bool paused() const { return paused_until_ && desk_.context.now.mono < *paused_until_; }
  void wake_waiting();

  // outgoing_distrusted.cc
  void distrusted(Job& job, int code, std::int64_t timestamp);
  bool distrusts_still(const Job& job, int code) const;
  void ask_trust(Job& job, std::int64_t timestamp);
  void ask_trust_anew();
  bool present_again(Job& job, const wire::Node& stanza, Trust::Remedy remedy);

  Destination destination_of(const Job& job);
  void resume();
  void pump(const std::string& queue);
  void write(Job& job, const wire::Node& stanza);
  void expect_ack(Job& job);
  void write_again(Job& job);
  void write_stored(Job& job, const wire::Node& stanza, const wire::Jid& to);
  void prepare_again(Job& job);
  void finish(std::int64_t seq, const Result<int>& outcome, std::int64_t timestamp);
  void tell(const Job& job, const Result<int>& outcome, std::int64_t timestamp);

  Desk& desk_;
  SessionSetup& setup_;
  Trust& trust_;
  GroupSending& groups_;
  Pacing pacing_;
  bool online_ = false;
  bool awaits_backlog_ = false;
  Jobs jobs_;
  std::set<std::int64_t> paced_;  // held back, in order
  std::optional<Millis> turn_;  // mono: a clock that leaps moves nobody's; when the first is looked at again
  std::map<std::string, Millis> absent_;  // numbers not on WhatsApp, until when that is believed (mono)
  std::deque<std::pair<Millis, std::int64_t>> deadlines_;  // ascending; may name jobs that are done
  std::set<std::pair<Millis, std::int64_t>> waiting_;      // for Job::not_before; may name jobs that are done
  std::optional<Millis> paused_until_;                     // mono; the service asked for fewer messages
  int pauses_ = 0;                                         // since the last success
  bool pinging_ = false;
  std::map<std::string, Millis> renewed_;  // lines whose chat was asked about anew; mono
  std::map<wire::Jid, Millis> doubted_;    // groups of which the service knew other devices; mono
};

}  // namespace pigeond::engine
