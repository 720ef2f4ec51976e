// What a business says of itself.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/questions/question.h"
#include "wire/jid.h"

namespace pigeond::engine {

struct BusinessProfile {
  struct Hours {
    std::string day;   // sun to sat
    std::string mode;  // open_24h, specific_hours or appointment_only
    // Minutes after midnight, of specific_hours.
    std::optional<int> open, close;
  };
  std::string description, address, email;
  std::vector<std::string> websites, categories;
  std::string timezone;
  std::vector<Hours> hours;
};

// nullopt: it is none of a business.
void ask_business_profile(Desk& desk, const wire::Jid& user,
                          Answered<std::optional<BusinessProfile>> answered);

}  // namespace pigeond::engine
