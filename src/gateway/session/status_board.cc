#include "gateway/session/status_board.h"

#include "base/log.h"

namespace pigeond::gateway {
namespace {

constexpr std::size_t kRecent = 3;

}  // namespace

bool StatusBoard::update(bool again) {
  const SessionStatus current = account_.status();
  const bool changed = current != now_.told;
  const std::string asked = is_linking(current) ? account_.asked() : std::string();
  const bool asks = asked != now_.asked && !asked.empty();
  if (!changed && !asks && !again && !now_.departure) return false;
  now_.told = current;
  now_.asked = asked;
  if (changed) now_.since = account_.now().wall;
  const bool has_cause = current == SessionStatus::failed || current == SessionStatus::starting;
  const auto reason = has_cause ? account_.cause() : std::nullopt;
  auto line = std::pair(current, reason ? reason->detail : "");
  if (changed && line != logged_) {
    logged_ = std::move(line);
    log::notice(current == SessionStatus::working ? "session online" : "session status",
                {{"session", account_.name()},
                 {"status", std::string(status_word(current))},
                 {"cause", reason ? std::string(cause_name(reason->cause)) : "none"},
                 {"detail", reason ? reason->detail : ""}});
  }
  // Each QR is told when it is there to be fetched.
  if (current == SessionStatus::pairing && !again && !now_.departure) return false;
  now_.recent.emplace_back(current, account_.now().wall);
  if (now_.recent.size() > kRecent) now_.recent.erase(now_.recent.begin());
  StatusChange change{current, now_.recent, reason};
  change.asked = asked;
  change.departure = std::exchange(now_.departure, std::nullopt);
  account_.tell(EventKind::session_status, std::move(change));
  return true;
}

void StatusBoard::tell_limit(StatusChange change) {
  change.status = SessionStatus::working;
  change.recent = now_.recent;
  account_.tell(EventKind::session_status, std::move(change));
}

}  // namespace pigeond::gateway
