// One process: a database, the sessions in it and their engines, run in ticks as the gateway runs them.
// Inputs change engines inside one unit of work; its commit comes before anything leaves; and the process may
// be killed at any point of that.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "gateway/health.h"
#include "ledger.h"
#include "network.h"
#include "power_cut_vfs.h"
#include "store/database.h"
#include "timeline.h"

namespace pigeond::sim {

// When in a tick the process dies.
struct Death {
  enum class Point { before_commit, in_commit, after_commit, between_effects };
  Point point = Point::before_commit;
  std::uint64_t ticks = 0;  // with effects, that it still survives
  std::uint64_t count = 0;  // writes and syncs of the commit, or effects, that still happen
  bool power = false;       // the machine goes down, not the process alone
  Millis down = 0;
};
std::string describe(const Death& death);

class Host {
 public:
  struct Environment {
    Timeline& timeline;
    Network& network;
    Disk& disk;
    Random& random;
    const engine::ClientProfile& profile;
    Ledger& ledger;
    // A person looks at the screen: session, and the code on it.
    std::function<void(const std::string&, const std::string&)> shown;
  };

  Host(const Environment& environment, std::string name, std::string path, std::vector<std::string> sessions);
  ~Host();

  void boot();
  bool alive() const { return database_ != nullptr; }
  void arm(const Death& death) { death_ = death; }
  void disarm() { death_.reset(); }
  void kill(const Death& how);  // now, between two ticks
  void update(Millis down);     // an orderly end, and another start

  void send(const std::string& session, std::size_t text, wire::Jid to);  // index in the ledger
  void join(const std::string& session);                                  // one more to link
  void mark_read(const std::string& session, const wire::Jid& chat);
  void jump(Millis wall_offset) { wall_offset_ = wall_offset; }
  Millis wall_offset() const { return wall_offset_; }
  void call_for_help();  // a person starts what has failed for good

  // --- for looking at it ---
  bool online(const std::string& session) const;
  const std::string& name() const { return name_; }
  store::Database& database() { return *database_; }
  std::optional<std::int64_t> session_id(const std::string& session) const;
  std::string condition() const;

 private:
  struct Session {
    std::string name;
    std::int64_t id = 0;
    std::unique_ptr<engine::Engine> engine;
    engine::State state = engine::State::stopped;
    std::optional<LinkId> link;
    std::optional<gateway::SendHealth> health;
    std::optional<Millis> restart_due;                  // mono; advised, and not called off
    std::optional<Millis> failing_since;                // mono; nothing but failures while online
    std::set<std::string> failing_chats;                // of those
    std::map<engine::RequestId, std::size_t> requests;  // to the ledger's texts
    std::set<std::string> ended;                        // messages whose end this engine has told
    std::optional<Millis> start_at;                     // mono
    std::optional<Millis> restart_after;                // ms; the engine is being stopped for that
    bool given_up = false;
    bool touched = false;
    std::optional<Millis> wake_at;
    std::int64_t sending = 0;  // id of the webhook row under way
  };
  struct Leaving {  // one effect of this tick, and what happens when it is released
    std::string what;
    std::function<void()> perform;
    std::optional<std::size_t> asked = std::nullopt;  // the text whose sender it answers
  };

  Instant now() const { return environment_.timeline.now(wall_offset_); }
  void note(const std::string& what) { environment_.timeline.note(name_, what); }
  // Runs `work` in this process's next tick, if it lives so long.
  void post(std::function<void()> work);
  void input(Session& session, const std::function<void(engine::Engine&)>& work);
  void tick();
  void collect(Session& session);
  void handle(Session& session, engine::Effect& effect);
  void handle(Session& session, const engine::SendDone& done);
  void release();
  void storage_failed(const Error& error);
  void answer_with_failure(std::size_t text);
  bool dies(Death::Point point);
  void die();
  void leave();
  void start(Session& session);
  void judge(Session& session, const engine::SendDone& done);
  void judge(Session& session, const engine::SendTrouble& trouble);
  void follow(Session& session, const gateway::SendHealth::Verdict& verdict, const Error* why);
  void check_truth(Session& session, const std::string& chat, const Error* error);
  void answer(Session& session, std::size_t text, const std::string& id, const Result<int>& outcome);
  void answer_all(Session& session, Cause cause);
  void link(Session& session);
  void unlink(Session& session);
  void schedule_wake(Session& session);
  void add_webhook(Session& session, const std::string& body);
  void send_webhook(Session& session);

  Environment environment_;
  std::string name_, path_;
  std::vector<std::string> session_names_;
  std::unique_ptr<store::Database> database_;
  std::map<std::string, Session> sessions_;
  std::uint64_t life_ = 0;  // grows with each process: what an earlier one planned is void
  std::vector<std::function<void()>> inputs_;
  bool tick_planned_ = false;
  std::vector<Leaving> leaving_;
  std::vector<std::function<void()>> committed_;  // what the ledger learns with the commit
  std::optional<Death> death_;
  std::optional<Millis> update_;  // the process ends with the next tick, for so long
  Millis wall_offset_ = 0;
  engine::RequestId next_request_ = 1;
};

}  // namespace pigeond::sim
