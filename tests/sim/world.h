// Everything in one process and one thread, driven by one seed: accounts with their phones and engines, the
// simulated service, the network between them, disks, clocks and the troubles of a plan.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "checks/ledger.h"
#include "group_life.h"
#include "host/host.h"
#include "outside/network.h"
#include "outside/power_cut_vfs.h"
#include "plan/group_plan.h"
#include "plan/plan.h"
#include "sandbox/service.h"
#include "timeline.h"

namespace pigeond::sim {

struct Outcome {
  std::vector<std::string> broken;  // "invariant: what was found"; empty: the seed passes
  std::uint64_t hash = 0;           // over the whole history
  Ledger ledger;
  Millis length = 0;  // virtual
};

class World {
 public:
  // `folder`: where the databases' lock files may be made; their contents are simulated.
  World(std::uint64_t seed, const std::string& folder, bool print);
  ~World();

  Outcome run();

  // --- for the invariants ---
  const Plan& plan() const { return plan_; }
  const GroupPlan& group_plan() const { return group_plan_; }
  const std::string& group_id(std::size_t group) const { return group_life_->id_of(group); }
  Ledger& ledger() { return ledger_; }
  sandbox::Service& service() { return *service_; }
  Host& host_of(const PlannedAccount& account, std::size_t engine) { return *hosts_[account.hosts[engine]]; }
  const std::vector<std::unique_ptr<Host>>& hosts() const { return hosts_; }

 private:
  void populate(const std::string& folder);
  bool link_everybody();
  void schedule(const Action& action);
  void perform(const Action& action);
  void ask(std::size_t index, const Action& action);
  void submit(std::size_t text, const Action& action);
  void heal();
  void last_meeting();
  void inspect();
  std::string rest();    // waits for it; what is still going on in the end
  std::string unrest();  // what is still going on; empty: nothing
  bool step(Millis until);

  SeededRandom plan_random_, world_random_, network_random_;
  History history_;
  Timeline timeline_;
  Plan plan_;
  SeededRandom group_random_;
  GroupPlan group_plan_;
  Ledger ledger_;
  engine::ClientProfile profile_;
  std::unique_ptr<sandbox::Service> service_;
  std::unique_ptr<Network> network_;
  std::vector<std::unique_ptr<SeededRandom>> host_randoms_;
  std::vector<std::unique_ptr<Disk>> disks_;
  std::vector<std::unique_ptr<Host>> hosts_;
  std::unique_ptr<GroupLife> group_life_;
  Millis begun_ = 0;  // mono; when the plan began
  std::uint64_t steps_ = 0;
};

}  // namespace pigeond::sim
