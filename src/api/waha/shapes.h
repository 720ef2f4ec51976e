// Values of the gateway as WAHA's JSON.
#pragma once

#include <string>

#include "api/json.h"
#include "gateway/types.h"

namespace pigeond::api::waha {

inline constexpr const char* kEngine = "PIGEOND";

Json cause(const Error& error);  // {name, detail, code where the other side gave one}
Json me(const gateway::Me& me);
Json timelock(const std::optional<store::ReachoutTimelock>& timelock);  // null: not heard yet
Json capping(const std::optional<store::MessageCapping>& capping);      // null: not heard yet
Json departure(const gateway::Departure& departure);  // fields of the answer to a logout or removal
Json session(const gateway::SessionInfo& info);
Json health(const gateway::SessionInfo& info);                // empty object where it was not asked for
std::string message_id(const gateway::SentMessage& message);  // true_123@c.us_ID
Json sent_message(const gateway::SentMessage& message);
Json queued_message(const gateway::QueuedMessage& message);
Json environment(const std::string& version);  // {version, engine, tier, browser, platform, worker}

}  // namespace pigeond::api::waha
