// What an operator sees of a session's send health: counts, the last success, and each healing step with its
// outcome. Steps are rows, so that they can still be read after a restart of the process; nothing is written
// while all is well.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/effects.h"
#include "gateway/types.h"
#include "store/messages/healing_steps.h"

namespace pigeond::gateway {

class HealthLog {
 public:
  HealthLog(store::Database& database, std::int64_t session) : rows_(database, session) {}

  void troubled(Instant now, const engine::SendTrouble& trouble);
  void ended(Instant now, const engine::SendDone& done);
  void restart_planned(Instant now, const Error& why);
  void restarted();  // the planned one has begun: only from now on can a success be its merit
  void restart_called_off();
  void given_up(Instant now, const Error& why);
  void rolled_back();  // what was written since the last commit is not there
  void load() { newest_ = rows_.newest_seq(); }

  Millis last_success() const { return last_success_; }                               // wall; 0: none yet
  const std::map<std::string, std::uint64_t>& failures() const { return failures_; }  // by cause
  std::vector<std::int64_t> open_steps() const;         // those whose outcome is still to come
  std::int64_t newest_step() const { return newest_; }  // that there was so far; 0: none

 private:
  std::int64_t open(Instant now, std::string_view scope, std::string_view step, const Error& why,
                    const std::string& chat);
  void close(const std::string& message, const char* outcome);
  void close_restart(const char* outcome);

  store::HealingSteps rows_;
  std::map<std::string, std::int64_t> open_;  // steps without an outcome yet, by message
  std::optional<std::int64_t> open_restart_;
  bool restart_begun_ = false;  // of open_restart_
  std::int64_t newest_ = 0;
  Millis last_success_ = 0;
  std::map<std::string, std::uint64_t> failures_;
};

// The rows of a session as people see them, newest first, on whatever thread the database belongs to. Of
// those up to `newest` only the `open` ones may still get their outcome.
std::vector<HealingStep> shown_steps(store::Database& database, std::int64_t session,
                                     const std::vector<std::int64_t>& open, std::int64_t newest);

}  // namespace pigeond::gateway
