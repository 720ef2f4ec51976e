#include "checks/webhook_checks.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "world.h"

namespace pigeond::sim {
namespace {

// Where an event says of which chat it is; the session's own events do not.
constexpr std::string_view kIn = " in ";

// What is said about a message is one of its own.
std::string named(const std::string& body) {
  const std::size_t begin = body.find(' ') + 1;
  return body.starts_with("about ") ? "message " + body.substr(begin, body.find(' ', begin) - begin) : body;
}

// A process that was killed says again what it had said in its last second; of each chat, and of the session
// itself, one process repeats nothing but its last word; and nobody leaves anything out. What was replayed
// after it was given up comes out of order.
void check_session(World& world, const std::string& session, Host& host, std::vector<std::string>& broken) {
  static const std::set<std::int64_t> kNone;
  const auto& ledger = world.ledger();
  const auto replayed = ledger.replayed.find(session);
  const std::set<std::int64_t>& again = replayed == ledger.replayed.end() ? kNone : replayed->second;
  // What was given up while a disk was full or the database damaged, or in the last second before a kill, was
  // noted by nobody: it is tried again, late.
  const auto has = [&actions = world.plan().actions](Action::Kind kind) {
    return std::any_of(actions.begin(), actions.end(),
                       [kind](const Action& action) { return action.kind == kind; });
  };
  const bool gives_up = has(Action::Kind::receiver);
  const bool remembers =
      !has(Action::Kind::disk) && !has(Action::Kind::damage) && !(gives_up && has(Action::Kind::death));
  std::set<std::int64_t> taken;
  std::set<std::string> bodies;
  struct Line {
    std::int64_t newest = 0;
    Delivery last;
  };
  std::map<std::string, Line> lines;
  const auto found = ledger.webhooks.find(session);
  if (found != ledger.webhooks.end()) {
    for (const auto& delivery : found->second) {
      const std::size_t in = std::min(delivery.body.find(kIn), delivery.body.size());
      bodies.insert(named(delivery.body.substr(0, in)));
      const bool first = taken.insert(delivery.id).second;
      if (again.contains(delivery.id)) continue;
      auto& [newest, last] = lines[delivery.body.substr(in)];
      if ((delivery.life == last.life && delivery.id < last.id) ||
          (first && remembers && delivery.id < newest))
        broken.push_back("webhook-order: " + session + ": '" + delivery.body + "' came after '" + last.body +
                         "'");
      newest = std::max(newest, delivery.id);
      last = delivery;
    }
  }
  const auto id = host.alive() ? host.session_id(session) : std::nullopt;
  if (!id) return;
  auto rows = host.database().prepare("SELECT DISTINCT id FROM message WHERE session_id = ?");
  rows.bind(*id);
  while (rows.step())
    if (!bodies.contains("message " + rows.text(0)))
      broken.push_back("webhook-lost: " + session + " never told of " + rows.text(0));
}

}  // namespace

void check_webhooks(World& world, std::vector<std::string>& broken) {
  for (const auto& account : world.plan().accounts)
    for (std::size_t k = 0; k < account.hosts.size(); ++k)
      // What a backup does not know it tells again, under numbers that others had.
      if (world.plan().set_back != account.hosts[k])
        check_session(world, account.session(k), world.host_of(account, k), broken);
}

}  // namespace pigeond::sim
