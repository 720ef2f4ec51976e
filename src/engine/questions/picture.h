// The picture that somebody, or a group, shows.
#pragma once

#include <string>

#include "engine/questions/question.h"
#include "wire/jid.h"

namespace pigeond::engine {

struct Picture {
  std::string url;  // where anybody can fetch it, for some days; empty: there is none, or it is hidden
  std::string id;   // another one for another picture
};

// Of a person or a group.
void ask_picture(Desk& desk, const wire::Jid& of, Answered<Picture> answered);

}  // namespace pigeond::engine
