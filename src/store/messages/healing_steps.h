// Rows of `healing_step`: what was done about sends that failed, the newest kSteps of a session.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "store/database/database.h"

namespace pigeond::store {

struct HealingStepRow {
  std::int64_t seq = 0;  // set by insert
  Millis at = 0;         // wall
  std::string scope, step, cause;
  int code = 0;      // the service's; 0: none
  std::string chat;  // empty: the session's matter
  std::string outcome = "pending";
};

class HealingSteps {
 public:
  static constexpr int kSteps = 50;

  HealingSteps(Database& database, std::int64_t session) : database_(database), session_(session) {}

  std::int64_t insert(const HealingStepRow& row);  // drops the oldest beyond kSteps
  void set_outcome(std::int64_t seq, const std::string& outcome);
  std::vector<HealingStepRow> newest();  // first
  std::int64_t newest_seq();             // 0: there are none

 private:
  Database& database_;
  std::int64_t session_;
};

}  // namespace pigeond::store
