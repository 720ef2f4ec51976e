#include "checks/pace_checks.h"

#include <algorithm>
#include <set>

#include "engine/messages/out/pacing.h"
#include "wire/jid.h"
#include "world.h"

namespace pigeond::sim {
namespace {

constexpr std::size_t kEverything = 1'000'000;

// The times at which the account's companion wrote to somebody with whom, as far as it had heard, nothing had
// been exchanged.
std::vector<Millis> first_contacts(World& world, const std::string& phone) {
  sandbox::World& service = world.service().world();
  const auto person = [&service](const wire::Node& stanza, const char* name) {
    const auto jid = wire::parse_jid(stanza.attr(name));
    const auto* account = jid ? service.account(jid->without_device()) : nullptr;
    return account != nullptr ? account->phone : std::string();
  };
  std::set<std::string> known = {phone, ""};
  std::vector<Millis> out;
  for (const auto* entry : service.trace.newest(phone, kEverything)) {
    if (entry->stanza.tag != "message") continue;
    if (!entry->from_client) {
      known.insert(person(entry->stanza, "from"));
      known.insert(person(entry->stanza, "recipient"));  // of what its own phone has sent
    } else if (known.insert(person(entry->stanza, "to")).second) {
      out.push_back(entry->time);
    }
  }
  return out;
}

}  // namespace

void check_pace(World& world, std::vector<std::string>& broken) {
  const Plan& plan = world.plan();
  const auto spoils = [](const Action& action) {
    return action.kind == Action::Kind::clock || action.kind == Action::Kind::slow;
  };
  if (std::any_of(plan.actions.begin(), plan.actions.end(), spoils)) return;
  for (const auto& account : plan.accounts) {
    if (account.pacing != "strict" || account.hosts.size() != 1) continue;
    const auto pace = *engine::pace_of(engine::PacingPolicy::strict);
    const auto times = first_contacts(world, account.phone);
    for (std::size_t i = pace.burst; i < times.size(); ++i)
      if (times[i] - times[i - pace.burst] < pace.step / 2)
        broken.push_back("pace: " + account.phone + " wrote to " + std::to_string(pace.burst + 1) +
                         " strangers within " + std::to_string(times[i] - times[i - pace.burst]) + " ms");
  }
}

}  // namespace pigeond::sim
