#include "sandbox/accounts/limits_office.h"

#include <nlohmann/json.hpp>

#include "sandbox/accounts/key_server.h"

namespace pigeond::sandbox {
namespace {

using Json = nlohmann::ordered_json;

// Numbers are texts in these answers; which of the two clients accept differs, a text is what they all do.
Json timelock_json(const Account& account, std::int64_t now) {
  const bool active = account.timelock && account.timelock->until > now;
  return {{"is_active", active},
          {"time_enforcement_ends", active ? std::to_string(account.timelock->until) : "0"},
          {"enforcement_type", active ? account.timelock->type : "DEFAULT"}};
}

Json capping_json(const Account& account, std::int64_t now) {
  const Capping capping = account.capping.value_or(Capping());
  return {{"total_quota", std::to_string(capping.total)},
          {"used_quota", std::to_string(capping.used)},
          {"cycle_start_timestamp", std::to_string(capping.cycle_start)},
          {"cycle_end_timestamp", std::to_string(capping.cycle_end)},
          {"server_sent_timestamp", std::to_string(now)},
          {"ote_status", "NOT_ELIGIBLE"},
          {"mv_status", "NOT_ELIGIBLE"},
          {"capping_status", capping.status}};
}

std::string data(const char* root, const Json& object) {
  return Json({{"data", {{root, object}}}}).dump();
}

}  // namespace

void LimitsOffice::set_timelock(Account& account, std::optional<Timelock> timelock) {
  account.timelock = std::move(timelock);
  notify(account, "NotificationUserReachoutTimelockUpdate",
         data("xwa2_notify_account_reachout_timelock", timelock_json(account, world_.now.unix_seconds())));
}

void LimitsOffice::set_capping(Account& account, std::optional<Capping> capping) {
  account.capping = std::move(capping);
  notify(account, "MessageCappingInfoNotification",
         data("xwa2_notify_new_chat_messages_capping_info_update",
              capping_json(account, world_.now.unix_seconds())));
}

void LimitsOffice::notify(const Account& account, const char* operation, const std::string& json) {
  for (const auto& [number, device] : account.devices) {
    if (number == 0) continue;
    wire::Node note("notification");
    note.set("from", wire::service())
        .set("id", world_.next_id())
        .set("type", "mex")
        .set("t", static_cast<std::uint64_t>(world_.now.unix_seconds()))
        .add(wire::Node("update").set("op_name", operation).body(as_bytes(json)));
    mailroom_.deliver(DeviceRef{account.phone, number}, std::move(note));
  }
}

std::optional<wire::Node> LimitsOffice::answer(const DeviceRef& from, const wire::Node& iq) const {
  const Account* account = world_.account(from.phone);
  const std::int64_t now = world_.now.unix_seconds();
  const wire::Node* query = iq.child("query");
  std::string json;
  if (query != nullptr && query->is("query_id", "23983697327930364"))
    json = data("xwa2_fetch_account_reachout_timelock", timelock_json(*account, now));
  else if (query != nullptr &&
           (query->is("query_id", "27910975521856601") || query->is("query_id", "24503548349331633")))
    json = data("xwa2_message_capping_info", capping_json(*account, now));
  else
    return std::nullopt;
  wire::Node result = iq_result(iq);
  return result.add(wire::Node("result").body(as_bytes(json)));
}

}  // namespace pigeond::sandbox
