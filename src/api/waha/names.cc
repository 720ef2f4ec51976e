#include "api/waha/names.h"

#include <algorithm>
#include <utility>

namespace pigeond::api::waha {
namespace {

using gateway::SessionStatus;
using gateway::Topic;
using gateway::Topics;

struct EventName {
  std::string_view name;
  Topic topic;
};
// A row for state.change would have to be left out of "*", as engine.event is.
constexpr EventName kEvents[] = {
    {"session.status", Topic::session_status},
    {"message", Topic::message_in},
    {"message.any", Topic::message_any},
    {"message.ack", Topic::ack},
    {"message.ack.group", Topic::group_ack},
    {"message.waiting", Topic::message_waiting},
    {"call.received", Topic::call_received},
    {"call.accepted", Topic::call_accepted},
    {"call.rejected", Topic::call_rejected},
    {"group.v2.join", Topic::group_entered},
    {"group.v2.leave", Topic::group_departed},
    {"group.v2.participants", Topic::group_members},
    {"group.v2.update", Topic::group_changed},
    {"group.v2.participants.join-request", Topic::group_request},
    {"group.join", Topic::group_entered_old},
    {"group.leave", Topic::group_departed_old},
    {"engine.event", Topic::raw_part},
    {"presence.update", Topic::presence},
    {"lid.mapping", Topic::lid_mapping},
    {"contact.number.changed", Topic::number_changed},
    {"message.reaction", Topic::reaction},
    {"message.edited", Topic::edited},
    {"message.revoked", Topic::revoked},
    {"poll.vote", Topic::vote},
    {"poll.vote.failed", Topic::vote_failed},
    {"event.response", Topic::event_response},
    {"event.response.failed", Topic::event_response_failed},
};
constexpr bool has_all() {
  for (const Topic topic : gateway::kTopics)
    if (std::ranges::count(kEvents, topic, &EventName::topic) != 1) return false;
  return true;
}
static_assert(has_all());

constexpr std::pair<std::string_view, SessionStatus> kStatuses[] = {
    {"STOPPED", SessionStatus::stopped},
    {"STARTING", SessionStatus::starting},
    {"SCAN_QR_CODE", SessionStatus::pairing},
    {"PASSKEY_REQUIRED", SessionStatus::passkey},
    {"PASSKEY_CONFIRMATION_REQUIRED", SessionStatus::comparison},
    {"WORKING", SessionStatus::working},
    {"FAILED", SessionStatus::failed}};

constexpr std::size_t kShown = 64;  // bytes of a name that nobody knows

std::string unknown_event(std::string_view name) {
  std::size_t shown = std::min(name.size(), kShown);
  while (shown < name.size() && shown > 0 && (static_cast<unsigned char>(name[shown]) & 0xc0) == 0x80)
    --shown;
  std::string out = '"' + std::string(name.substr(0, shown)) + "\" is no event that is told; there are *";
  for (const auto& known : kEvents) out += ", " + std::string(known.name);
  return out;
}

}  // namespace

const char* ack_name(int ack) {
  switch (ack) {
    case -1:
      return "ERROR";
    case 0:
      return "PENDING";
    case 1:
      return "SERVER";
    case 2:
      return "DEVICE";
    case 3:
      return "READ";
    case 4:
      return "PLAYED";
    default:
      return "UNKNOWN";
  }
}

std::string_view event_name(Topic topic) {
  return std::ranges::find(kEvents, topic, &EventName::topic)->name;
}

std::vector<std::string> event_names() {
  std::vector<std::string> out;
  for (const auto& event : kEvents) out.emplace_back(event.name);
  return out;
}

Topics topics_of_star() {
  return Topics::all().without(Topic::raw_part);
}

Result<Topics> topics_named(std::string_view name) {
  if (name == "*") return topics_of_star();
  const auto* const found = std::ranges::find(kEvents, name, &EventName::name);
  if (found == std::end(kEvents)) return fail(Cause::bad_input, unknown_event(name));
  return Topics{found->topic};
}

std::string_view status_name(SessionStatus status) {
  for (const auto& [name, value] : kStatuses)
    if (value == status) return name;
  return "FAILED";
}

std::string status_text(SessionStatus status) {
  return "session status is " + std::string(status_name(status));
}

std::vector<std::string> status_names() {
  std::vector<std::string> out;
  for (const auto& [name, status] : kStatuses) out.emplace_back(name);
  return out;
}

}  // namespace pigeond::api::waha
