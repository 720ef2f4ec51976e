// What WAHA calls the gateway's events and a session's states.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/types.h"

namespace pigeond::api::waha {

std::string_view event_name(gateway::Topic topic);
std::vector<std::string> event_names();  // those that are told, in the order of the documentation

// Of one name, or of "*", which stands for all but state.change and engine.event: these are told only to whom
// names them. bad_input lists what there is; its detail names no field.
gateway::Topics topics_of_star();  // what "*" stands for, and who names none gets
Result<gateway::Topics> topics_named(std::string_view name);

const char* ack_name(int ack);  // "DEVICE"; of an AckEvent's level

std::string_view status_name(gateway::SessionStatus status);  // "SCAN_QR_CODE"
std::string status_text(gateway::SessionStatus status);       // "session status is SCAN_QR_CODE"
std::vector<std::string> status_names();

}  // namespace pigeond::api::waha
