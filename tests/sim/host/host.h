// One process: a gateway on a disk of its own, run by its own code turn after turn. Everything that it does
// to the world around it passes leaves(), so that it may be killed between any two of these, as it may be at
// any write of its commits.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "checks/ledger.h"
#include "engine/groups/membership.h"
#include "gateway/core.h"
#include "gateway/outside.h"
#include "outside/media_line.h"
#include "outside/network.h"
#include "outside/power_cut_vfs.h"
#include "outside/receiver.h"
#include "outside/stream_client.h"
#include "outside/version_page.h"
#include "timeline.h"

namespace pigeond::sim {

// When the process dies.
struct Death {
  enum class Point { before_commit, in_commit, after_commit, between_effects };
  Point point = Point::before_commit;
  std::uint64_t ticks = 0;  // with effects, that it still survives
  std::uint64_t count = 0;  // writes and syncs of the commit, or effects, that still happen
  bool power = false;       // the machine goes down, not the process alone
  Millis down = 0;
};
std::string describe(const Death& death);

struct HostedSession {
  std::string name;
  std::string config;  // JSON, as callers give it
};

// What of a session's rows can't be written, or makes no sense.
enum class Poison {
  incoming,     // each message that comes in
  outgoing,     // each that is sent
  credentials,  // its own row
};

class Host final : public gateway::Outside, public Outlet {
 public:
  struct Environment {
    Timeline& timeline;
    Network& network;
    sandbox::MediaStore& media;
    Disk& disk;
    Random& random;
    const engine::ClientProfile& profile;
    const sandbox::Policy& policy;
    Ledger& ledger;
    // A person looks at the screen: session, and the code on it.
    std::function<void(const std::string&, const std::string&)> shown;
  };

  Host(const Environment& environment, std::string name, std::string path,
       std::vector<HostedSession> sessions);
  ~Host() override;

  void boot();
  bool alive() const { return core_ != nullptr; }
  void arm(const Death& death) { death_ = death; }
  void disarm();
  void update(Millis down);  // an orderly end, and another start
  void jump(Millis wall_offset) { clock_.wall_offset = wall_offset; }

  // --- what people and programs ask for; host_calls.cc ---
  void send(const std::string& session, std::size_t text, const wire::Jid& to);  // index in the ledger
  void cancel(const std::string& session, std::size_t text);
  void say(gateway::SendRequest request, std::size_t index);  // in a group; index of Ledger::said
  void change_members(const std::string& session, const wire::Jid& group, engine::MemberChange change,
                      const wire::Jid& whom);
  void leave_group(const std::string& session, const wire::Jid& group);
  void join(const HostedSession& session);  // one more to link
  void stop(const std::string& session);
  void start(const std::string& session);
  void meet(const std::string& session, const std::vector<LifeCall>& calls);  // in one tick
  void poison(const std::string& session, Poison what, Millis span);
  void cure();            // what is poisoned
  void back_up();         // for recover()
  void damage();          // pages, until the disk or recover() ends it
  void inspect();         // looks at how each session says that it is doing
  void call_for_help();   // a person starts what has failed for good
  void replay_letters();  // and has dead letters delivered after all

  // --- for looking at it ---
  bool stores() const;  // its database is open and takes what is written
  bool online(const std::string& session) const;
  std::string status(const std::string& session) const;  // as it was told; "": nothing was
  const std::string& name() const { return name_; }
  Receiver& receiver() { return receiver_; }
  VersionPage& page() { return page_; }
  const StreamClient& stream_client() const { return stream_client_; }
  bool keeps_events() const { return options().keep_events > kHour; }
  store::Database& database() { return core_->database(); }
  std::optional<std::int64_t> session_id(const std::string& session);
  std::string condition() const;

  // --- gateway::Outside ---
  std::unique_ptr<gateway::Link> make_link(const std::string& session,
                                           gateway::Link::Callbacks callbacks) override;
  bool says_goodbye() const override { return false; }
  net::HttpSender& http() override { return receiver_; }
  net::HttpSender& web() override { return page_; }
  net::HttpSender& media() override { return media_; }
  bool has_threads() const override { return false; }
  Result<store::Recovery> recover(store::DatabaseLock& lock, Millis wall,
                                  const std::string& suspicion) override;

  // --- Outlet ---
  bool leaves(const std::string& what) override;
  void post(std::function<void()> work) override;

 private:
  class HostClock final : public Clock {
   public:
    explicit HostClock(Timeline& timeline) : timeline_(timeline) {}
    Instant now() override { return timeline_.now(wall_offset); }
    Millis wall_offset = 0;

   private:
    Timeline& timeline_;
  };
  class Words;  // events, in the words of the invariants

  void note(const std::string& what) { environment_.timeline.note(name_, what); }
  std::string backup_file() const { return path_ + ".backup"; }
  gateway::Options options() const;
  void open_streams();
  void create_sessions();
  void create(const HostedSession& session);
  void told(const gateway::EventSession& session, const gateway::Event& event);
  void show_code(const std::string& session);
  void answered(std::uint64_t call, std::size_t text, const Result<gateway::SentMessage>& answer);
  void plan_turn(Millis at);
  void turn();
  void light_fuse();
  void die();
  void leave();
  void set_status(const std::string& session, gateway::SessionStatus status);
  void down(const std::string& how);

  Environment environment_;
  std::string name_, path_;
  std::vector<HostedSession> hosted_;
  HostClock clock_;
  Receiver receiver_;
  VersionPage page_;
  MediaLine media_;
  StreamClient stream_client_;
  std::unique_ptr<gateway::Core> core_;
  std::unique_ptr<gateway::EventStreams> streams_;
  std::uint64_t life_ = 0;  // grows with each process: what an earlier one planned is void
  std::optional<Millis> turn_at_;
  std::map<std::string, gateway::SessionStatus> statuses_;  // as they were told
  std::map<std::uint64_t, std::size_t> waiting_;            // calls, and the ledger's texts they ask for
  std::uint64_t next_call_ = 1;

  std::optional<Death> death_;
  std::optional<std::uint64_t> effect_fuse_;  // effects that still happen
  bool dead_ = false;
  std::uint64_t effects_ = 0;
  std::optional<Millis> update_;  // the process ends in order, for so long
};

}  // namespace pigeond::sim
