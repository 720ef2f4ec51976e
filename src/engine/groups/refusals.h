// What the service's refusals mean where groups are concerned.
#pragma once

#include "base/result.h"

namespace pigeond::engine {

// not_found: no such group (404); forbidden: the account is not in it, or not one of its admins (401, 403);
// too_late: somebody else was quicker (409); bad_input: a value is not taken (400, 406); rate_limited (429);
// service_trouble (5xx). Error::code keeps the number. Other errors stay as they are.
Error group_refusal(const Error& error);

}  // namespace pigeond::engine
