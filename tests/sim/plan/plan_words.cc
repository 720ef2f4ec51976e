// What a plan says of itself, in traces and beside a seed that failed.
#include <string>

#include "plan/plan.h"

namespace pigeond::sim {

const char* call_name(LifeCall call) {
  switch (call) {
    case LifeCall::start:
      return "start";
    case LifeCall::stop:
      return "stop";
    case LifeCall::restart:
      return "restart";
    case LifeCall::logout:
      return "logout";
    case LifeCall::remove:
      return "remove";
    case LifeCall::create:
      return "create";
    case LifeCall::configure:
      return "configure";
  }
  return "?";
}

std::string describe(const Plan& plan, const Action& action) {
  static constexpr const char* kPoisons[] = {"what comes in", "what goes out", "its own row"};
  const auto account = [&plan](std::size_t index) { return plan.accounts[index].phone; };
  const std::string host = "host" + std::to_string(action.from);
  switch (action.kind) {
    case Action::Kind::text:
      return "text from " + account(action.from) + (action.by_phone ? " (phone)" : "") + " to " +
             account(action.to) + (action.by_lid ? " by lid" : "") + (action.keyed ? ", with a key" : "") +
             (action.queue ? ", queued" : "") + (action.async ? ", async" : "") +
             (action.eager > 0 ? ", asked for " + std::to_string(action.eager) + " times more" : "") +
             (action.expires_in > 0 ? ", expires in " + std::to_string(action.expires_in) : "") +
             (action.cancel_after > 0 ? ", cancelled after " + std::to_string(action.cancel_after) : "");
    case Action::Kind::read:
      return account(action.to) + " reads the chat with " + account(action.from);
    case Action::Kind::fault:
      return "fault " + std::string(fault_name(action.fault.kind)) + " " + std::to_string(action.fault.code) +
             " of " + action.fault.account + ", " + std::to_string(action.fault.count.value_or(0)) +
             " times" + (action.fault.until_reconnect ? " until it reconnects" : "");
    case Action::Kind::cut:
      return "cut " + account(action.from);
    case Action::Kind::freeze:
      return "freeze " + account(action.from);
    case Action::Kind::restart_server:
      return "server restart of " + std::to_string(action.span);
    case Action::Kind::outdate:
      return "the service takes newer clients only";
    case Action::Kind::slow:
      return "delays up to " + std::to_string(action.span);
    case Action::Kind::death:
      return host + ": " + describe(action.death);
    case Action::Kind::update:
      return host + ": update of " + std::to_string(action.span);
    case Action::Kind::join:
      return "another companion for " + account(action.from);
    case Action::Kind::logout:
      return account(action.from) + " removes a companion";
    case Action::Kind::disk:
      return host + ": disk trouble " + std::to_string(static_cast<int>(action.trouble)) + " for " +
             std::to_string(action.span);
    case Action::Kind::clock:
      return host + ": clock off by " + std::to_string(action.span);
    case Action::Kind::stop:
      return account(action.from) + "'s session is stopped";
    case Action::Kind::start:
      return account(action.from) + "'s session is started";
    case Action::Kind::receiver:
      return host + ": receivers are down for " + std::to_string(action.span);
    case Action::Kind::meet: {
      std::string out = account(action.from) + "'s session is asked at the same moment to";
      for (const auto call : action.calls) out += std::string(" ") + call_name(call);
      return out;
    }
    case Action::Kind::poison:
      return account(action.from) + ": " + kPoisons[static_cast<std::size_t>(action.poison)] +
             " breaks its session for " + std::to_string(action.span);
    case Action::Kind::backup:
      return host + ": a backup is made";
    case Action::Kind::damage:
      return host + ": pages are damaged " +
             (action.span > 0 ? "for " + std::to_string(action.span) : std::string("for good"));
    case Action::Kind::lock:
      return account(action.from) + " may start no chats for " + std::to_string(action.span);
  }
  return "?";
}

}  // namespace pigeond::sim
