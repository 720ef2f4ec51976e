// Who may see and do what with the account: the service's categories and values, as they are called there.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/questions/question.h"

namespace pigeond::engine {

using PrivacySettings = std::map<std::string, std::string>;  // value by category

void ask_privacy_settings(Desk& desk, Answered<PrivacySettings> answered);
// One after the other; where one is refused those before it stand. Then what all are.
void set_privacy(Desk& desk, std::vector<std::pair<std::string, std::string>> settings,
                 Answered<PrivacySettings> answered);

}  // namespace pigeond::engine
