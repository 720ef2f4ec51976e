#include "checks/health_checks.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "engine/messages/out/send_causes.h"
#include "gateway/session/health.h"
#include "store/messages/healing_steps.h"
#include "wire/jid.h"
#include "world.h"

namespace pigeond::sim {
namespace {

constexpr std::size_t kAll = 1'000'000;
constexpr Millis kOnTheWay = 5 * kSecond;  // that an ack may be at most, on a link without troubles

bool has(World& world, std::initializer_list<Action::Kind> kinds) {
  const auto& actions = world.plan().actions;
  return std::any_of(actions.begin(), actions.end(), [&](const Action& action) {
    return std::find(kinds.begin(), kinds.end(), action.kind) != kinds.end();
  });
}

// What is lost on the way was not heard.
bool is_calm(World& world) {
  return !has(world, {Action::Kind::cut, Action::Kind::freeze, Action::Kind::restart_server,
                      Action::Kind::outdate, Action::Kind::death, Action::Kind::slow, Action::Kind::disk});
}

// How long the service has refused the texts of one session, with nothing taken between, while that called
// itself able to send. In a world without other troubles the silence after a refusal counts as well: there is
// nothing but the illness that it could be due to.
class Truth {
 public:
  Truth(const std::string& session, bool silence_counts, Millis most, std::vector<std::string>& broken)
      : session_(session), silence_counts_(silence_counts), most_(most), broken_(broken) {}

  void is(Millis at, const std::string& status) {
    begin(at);
    working_ = status == "working";
  }
  void taken(Millis at) { begin(at); }
  void refused(Millis at, const std::string& chat) {
    if (!working_) return;
    if (!since_) since_ = at;
    chats_.insert(chat);
    judge(at);
  }

 private:
  void judge(Millis at) {
    if (!since_ || chats_.size() < 2 || at - *since_ <= most_ || std::exchange(said_, true)) return;
    broken_.push_back("truth: " + session_ + " is working, and " + std::to_string(chats_.size()) +
                      " chats fail for " + std::to_string((at - *since_) / kSecond) + " s");
  }
  void begin(Millis at) {
    if (silence_counts_) judge(at);
    since_.reset();
    chats_.clear();
  }

  const std::string& session_;
  const bool silence_counts_;
  const Millis most_;
  std::vector<std::string>& broken_;
  bool working_ = false, said_ = false;
  std::optional<Millis> since_;
  std::set<std::string> chats_;
};

// Both forms of an address are one chat.
std::string person(World& world, const std::string& address) {
  const auto jid = wire::parse_jid(address);
  const auto* account = jid ? world.service().world().account(jid->without_device()) : nullptr;
  return account != nullptr ? account->phone : address;
}

// Of the texts of one account's companions, in order.
struct Ack {
  Millis at = 0;
  std::string person;
  int error = 0;  // 0: taken
  bool speaks_against_the_session = false;
};

std::vector<Ack> acks_of(World& world, const std::string& phone) {
  std::vector<Ack> out;
  for (const auto* entry : world.service().world().trace.newest(phone, kAll)) {
    if (entry->from_client || entry->stanza.tag != "ack" || !entry->stanza.is("class", "message")) continue;
    Ack ack{entry->time, person(world, entry->stanza.attr("from")), 0, false};
    ack.error = static_cast<int>(entry->stanza.number("error").value_or(0));
    ack.speaks_against_the_session =
        ack.error != 0 && engine::send_cause_of(ack.error).suspicion == engine::Suspicion::one_chat;
    out.push_back(std::move(ack));
  }
  return out;
}

// Before it gives a chat up, an engine tries three times what may heal it, and each try takes a way there and
// back.
Millis longest_trial(World& world) {
  Millis slowest = 0;
  for (const auto& action : world.plan().actions)
    if (action.kind == Action::Kind::slow) slowest = std::max(slowest, action.span);
  return kMinute + 6 * slowest;
}

void check_truth(const std::string& session, bool calm, Millis most, const std::vector<StatusAt>& statuses,
                 const std::vector<Ack>& acks, std::vector<std::string>& broken) {
  Truth truth(session, calm, most, broken);
  auto status = statuses.begin();
  for (const auto& ack : acks) {
    for (; status != statuses.end() && status->wall <= ack.at; ++status)
      truth.is(status->wall, status->status);
    if (ack.error == 0) truth.taken(ack.at);
    if (ack.speaks_against_the_session) truth.refused(ack.at, ack.person);
  }
  for (; status != statuses.end(); ++status) truth.is(status->wall, status->status);
}

// Who is refused, with everybody else heard since, is no reason to restart a session.
void check_reason(const std::string& session, Millis restart, const std::vector<Ack>& acks,
                  std::vector<std::string>& broken) {
  std::map<std::string, Millis> failing;
  std::map<std::string, Millis> heard;
  for (const auto& ack : acks) {
    if (ack.at > restart) break;
    if (ack.error == 0) {
      failing.erase(ack.person);
      heard[ack.person] = ack.at;
    } else {
      failing.emplace(ack.person, ack.at);
    }
  }
  if (failing.size() != 1) return;
  const auto& [ill, since] = *failing.begin();
  for (const auto& [other, at] : heard)
    if (at > since && at + kOnTheWay < restart)
      broken.push_back("restart-for-one-chat: " + session + " because of " + ill + ", and " + other +
                       " was heard");
}

// Restarts have a budget, and none is because of what a restart can't help.
void check_steps(World& world, const std::string& session, Host& host, const std::vector<StatusAt>& statuses,
                 const std::vector<Ack>& acks, std::vector<std::string>& broken) {
  const auto id = host.alive() ? host.session_id(session) : std::nullopt;
  if (!id) return;
  std::vector<Millis> restarts;
  for (const auto& row : store::HealingSteps(host.database(), *id).newest()) {
    if (row.step != "restart" && row.step != "give_up") continue;
    ++(row.step == "restart" ? world.ledger().restarts : world.ledger().given_up);
    if (row.code == 463 || row.code == 475)
      broken.push_back("blind-restart: " + session + " because of " + std::to_string(row.code));
    if (row.step == "restart") restarts.insert(restarts.begin(), row.at);
  }
  if (has(world, {Action::Kind::clock, Action::Kind::start, Action::Kind::disk, Action::Kind::meet})) return;
  // A person, another process and a session that was reloaded after a failed commit begin to count anew.
  // (Calls that meet may do so without a word: who is stopped and started in one tick was never stopped.)
  std::size_t spent = 0;
  auto status = statuses.begin();
  for (const Millis restart : restarts) {
    for (; status != statuses.end() && status->wall <= restart; ++status)
      if (status->status != "working" && status->status != "starting") spent = 0;
    if (++spent > gateway::SendHealth::kRestarts)
      broken.push_back("budget: " + session + " is restarted for the " + std::to_string(spent) + "th time");
  }
  if (!is_calm(world)) return;
  for (const Millis restart : restarts) check_reason(session, restart, acks, broken);
}

}  // namespace

void check_health(World& world, std::vector<std::string>& broken) {
  for (const auto& account : world.plan().accounts) {
    if (account.hosts.size() != 1)
      continue;  // of several engines it can't be told here which one was refused
    const std::string session = account.session(0);
    const auto found = world.ledger().statuses.find(session);
    if (found == world.ledger().statuses.end()) continue;
    const auto acks = acks_of(world, account.phone);
    check_truth(session, is_calm(world) && !has(world, {Action::Kind::clock}), longest_trial(world),
                found->second, acks, broken);
    check_steps(world, session, world.host_of(account, 0), found->second, acks, broken);
  }
}

}  // namespace pigeond::sim
