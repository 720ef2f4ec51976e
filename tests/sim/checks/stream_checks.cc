#include "checks/stream_checks.h"

#include <set>
#include <string_view>

#include "store/events.h"
#include "world.h"

namespace pigeond::sim {
namespace {

constexpr std::string_view kIn = " in ";

void check_client(World& world, Host& host, const StreamClient& client, std::vector<std::string>& broken) {
  std::set<std::string> told;
  std::pair<std::int64_t, int> last{0, 0};  // clocks jump: what counts is the place, not the time
  for (const auto& [id, text] : client.got()) {
    const auto event = gateway::parse_event_id(id).value_or(gateway::EventId{});
    const std::pair<std::int64_t, int> place{event.seq, event.telling};
    if (place <= last)
      broken.push_back("stream-order: " + host.name() + ": '" + text + "' came late or twice");
    last = place;
    const std::size_t begin = text.find(' ') + 1;
    told.insert(text.starts_with("about ") ? "message " + text.substr(begin, text.find(' ', begin) - begin)
                                           : text.substr(0, text.find(kIn)));
  }
  if (client.gaps() > 0) {
    // Only where the journal keeps little: for who is away for long.
    if (host.keeps_events()) broken.push_back("stream-gap: " + host.name() + " was told of a gap");
    return;
  }
  if (!host.alive()) return;
  for (const auto& account : world.plan().accounts) {
    for (std::size_t k = 0; k < account.hosts.size(); ++k) {
      if (&world.host_of(account, k) != &host) continue;
      const auto session = host.session_id(account.session(k));
      if (!session) continue;
      auto rows = host.database().prepare("SELECT DISTINCT id FROM message WHERE session_id = ?");
      rows.bind(*session);
      while (rows.step())
        if (!told.contains("message " + rows.text(0)))
          broken.push_back("stream-lost: " + host.name() + " never told of " + rows.text(0));
    }
  }
}

// What a delivery needs is counted in its event.
void check_holders(Host& host, std::vector<std::string>& broken) {
  if (!host.alive()) return;
  auto row = host.database().prepare(
      "SELECT count(*) FROM event e WHERE holders !="
      " (SELECT count(*) FROM webhook_pending p WHERE p.event = e.seq)"
      " + (SELECT count(*) FROM webhook_outcome o WHERE o.event = e.seq)");
  if (row.step() && row.integer(0) > 0)
    broken.push_back("holders: " + host.name() + " counts wrongly for " + std::to_string(row.integer(0)));
}

}  // namespace

void check_streams(World& world, std::vector<std::string>& broken) {
  for (std::size_t i = 0; i < world.hosts().size(); ++i) {
    Host& host = *world.hosts()[i];
    check_holders(host, broken);
    // A backup knows other events under the same numbers, or none.
    if (world.plan().set_back == i) continue;
    check_client(world, host, host.stream_client(), broken);
  }
}

}  // namespace pigeond::sim
