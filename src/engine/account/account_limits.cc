#include "engine/account/account_limits.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace pigeond::engine {
namespace {

constexpr std::int64_t kOld = 86400;      // seconds
constexpr std::int64_t kUnknownEnd = 60;  // seconds: what the web client assumes
constexpr Millis kRecheck = 2 * kSecond;  // after the end that was told
constexpr Millis kOverdue = 10 * kMinute;
constexpr Millis kLongestWait = 7 * kDay;  // of a recheck

store::ReachoutTimelock read_timelock(const MexObject& object, std::int64_t now) {
  store::ReachoutTimelock timelock;
  timelock.active = object.flag("is_active");
  if (!timelock.active) return timelock;
  timelock.ends = object.number("time_enforcement_ends");
  if (timelock.ends == 0) timelock.ends = now + kUnknownEnd;
  if (const std::string type = object.text("enforcement_type"); !type.empty()) timelock.type = type;
  return timelock;
}

store::MessageCapping read_capping(const MexObject& object) {
  store::MessageCapping capping;
  capping.status = object.text("capping_status");
  if (capping.status.empty()) capping.status = "NONE";
  capping.total = object.number("total_quota");
  capping.used = object.number("used_quota");
  capping.cycle_start = object.number("cycle_start_timestamp");
  capping.cycle_end = object.number("cycle_end_timestamp");
  capping.mv_status = object.text("mv_status");
  capping.ote_status = object.text("ote_status");
  return capping;
}

}  // namespace

AccountLimits::AccountLimits(Context& context, Query query)
    : context_(context), query_(std::move(query)), rows_(context.database, context.session) {}

void AccountLimits::online() {
  const auto known = rows_.timelock();
  const bool locked = known && known->active;
  if (locked) plan_recheck(*known);
  if (!locked && rows_.heard() > context_.server_seconds() - kOld) return;
  refresh_timelock([](const Status&) {});
  refresh_capping([](const Status&) {});
}

bool AccountLimits::take(const wire::Node& notification) {
  if (const auto told = MexObject::from_notification(notification, "xwa2_notify_account_reachout_timelock")) {
    learn(read_timelock(*told, context_.server_seconds()));
    return true;
  }
  if (const auto told =
          MexObject::from_notification(notification, "xwa2_notify_new_chat_messages_capping_info_update")) {
    learn(read_capping(*told));
    return true;
  }
  return false;
}

void AccountLimits::refresh_timelock(std::function<void(const Status&)> done) {
  query_(mex_query(mex_id::kReachoutTimelock, "{}"),
         [this, done = std::move(done)](const Result<wire::Node>& answer) {
           const auto told = answer ? MexObject::from_answer(*answer, "xwa2_fetch_account_reachout_timelock")
                                    : Result<MexObject>(answer.error());
           if (told) learn(read_timelock(*told, context_.server_seconds()));
           done(told ? Status() : Status(told.error()));
         });
}

// The kind of cap is named as the web client names it; Baileys calls it INDIVIDUAL_NEW_CHAT_MSG.
void AccountLimits::refresh_capping(std::function<void(const Status&)> done) {
  query_(mex_query(mex_id::kNewChatMessageCapping, R"({"input":{"type":"INDIVIDUAL_NEW_CHAT_THREAD"}})"),
         [this, done = std::move(done)](const Result<wire::Node>& answer) {
           const auto told = answer ? MexObject::from_answer(*answer, "xwa2_message_capping_info")
                                    : Result<MexObject>(answer.error());
           if (told) learn(read_capping(*told));
           done(told ? Status() : Status(told.error()));
         });
}

std::optional<store::ReachoutTimelock> AccountLimits::lock() {
  auto known = rows_.timelock();
  if (!known || !known->active || known->ends <= context_.server_seconds()) return std::nullopt;
  return known;
}

void AccountLimits::learn(const store::ReachoutTimelock& timelock) {
  const auto known = rows_.timelock();
  rows_.set(timelock, context_.server_seconds());
  plan_recheck(timelock);
  if (known == timelock) return;
  if (known || timelock.active)
    log::notice("reachout_timelock", {{"session", context_.session_name},
                                      {"active", timelock.active ? "true" : "false"},
                                      {"type", timelock.type},
                                      {"ends", std::to_string(timelock.ends)}});
  context_.emit(TimelockChanged{timelock});
}

void AccountLimits::learn(const store::MessageCapping& capping) {
  const auto known = rows_.capping();
  rows_.set(capping, context_.server_seconds());
  if (known == capping) return;
  if (known || capping.status != "NONE")
    log::notice("message_capping", {{"session", context_.session_name},
                                    {"status", capping.status},
                                    {"used", std::to_string(capping.used)},
                                    {"total", std::to_string(capping.total)}});
  context_.emit(CappingChanged{capping});
}

void AccountLimits::plan_recheck(const store::ReachoutTimelock& timelock) {
  recheck_at_.reset();
  if (!timelock.active) return;
  const Millis left = (timelock.ends - context_.server_seconds()) * kSecond;
  // One that goes on past its end is asked about now and then.
  recheck_at_ = context_.now.mono + (left > 0 ? std::min(left + kRecheck, kLongestWait) : kOverdue);
}

void AccountLimits::wake() {
  if (!recheck_at_ || context_.now.mono < *recheck_at_) return;
  recheck_at_.reset();
  refresh_timelock([](const Status&) {});
}

}  // namespace pigeond::engine
