// What the account says of itself.
#pragma once

#include <string>

#include "engine/questions/question.h"

namespace pigeond::engine {

// Its name, which others are shown with its messages from now on. The phone's own settings show the former
// one until its app state says otherwise. not_linked, link_lost.
void set_own_name(Desk& desk, const std::string& name, const Answered<bool>& answered);
// Empty: nothing is said.
void set_own_about(Desk& desk, const std::string& text, Answered<bool> answered);

}  // namespace pigeond::engine
