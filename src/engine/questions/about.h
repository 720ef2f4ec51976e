// What somebody says about himself ("about", in older clients the status text).
#pragma once

#include <optional>
#include <string>

#include "engine/questions/question.h"
#include "wire/jid.h"

namespace pigeond::engine {

struct About {
  std::optional<std::string> text;  // none: nothing is said, or it is hidden from this account
};

// `user`: a person. not_on_whatsapp: the service knows nobody of that id.
void ask_about(Desk& desk, const wire::Jid& user, Answered<About> answered);

}  // namespace pigeond::engine
