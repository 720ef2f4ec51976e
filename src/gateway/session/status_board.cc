#include "gateway/session/status_board.h"

#include "base/log.h"

namespace pigeond::gateway {
namespace {

constexpr std::size_t kRecent = 3;

}  // namespace

bool StatusBoard::update(bool again) {
  const SessionStatus current = account_.status();
  const bool changed = current != told_;
  if (!changed && !again && !departure_) return false;
  told_ = current;
  if (changed) since_ = account_.now().wall;
  const bool has_cause = current == SessionStatus::failed || current == SessionStatus::starting;
  const auto reason = has_cause ? account_.cause() : std::nullopt;
  if (changed) {
    log::notice(current == SessionStatus::working ? "session online" : "session status",
                {{"session", account_.name()},
                 {"status", std::string(status_name(current))},
                 {"cause", reason ? std::string(cause_name(reason->cause)) : "none"},
                 {"detail", reason ? reason->detail : ""}});
  }
  // Each QR is told when it is there to be fetched.
  if (current == SessionStatus::scan_qr_code && !again && !departure_) return false;
  recent_.emplace_back(current, account_.now().wall);
  if (recent_.size() > kRecent) recent_.erase(recent_.begin());
  StatusChange change{current, recent_, reason};
  change.departure = std::exchange(departure_, std::nullopt);
  account_.tell(account_.event("session.status", std::move(change)));
  return true;
}

void StatusBoard::tell_limit(StatusChange change) {
  change.status = SessionStatus::working;
  change.recent = recent_;
  account_.tell(account_.event("session.status", std::move(change)));
}

}  // namespace pigeond::gateway
