#include "plan/plan.h"

#include <algorithm>

namespace pigeond::sim {
namespace {

// What is said about messages, as webhooks name it.
constexpr const char* kRemarks =
    R"(,"message.reaction","message.edited","message.revoked","poll.vote","poll.vote.failed")";

class Planner {
 public:
  explicit Planner(Random& random) : random_(random) {}

  Plan make() {
    people();
    plan_.length = between(kMinute, 8 * kMinute);
    const bool calm = chance(8);  // nothing but an illness, whose every step can be judged
    if (!calm && chance(3)) crossing();
    texts();
    if (calm) {
      if (chance(3))
        plan_.poison_alone = poison();
      else if (chance(2))
        sick_chat();
      else
        sick_session();
      return std::move(plan_);
    }
    if (chance(4)) pauses();
    if (chance(6)) strangers();
    if (chance(6)) sick_chat();
    if (chance(5)) deaf_receivers();
    // A world has some of the troubles, so that each also comes alone; a stormy one has them all, and more.
    storm_ = chance(6);
    if (storm_ || chance(2)) refusals();
    if (storm_ || chance(2)) links();
    if (chance(6)) outdated();
    if (storm_ || chance(3)) slow();
    if (storm_ || chance(2)) deaths();
    if (storm_ || chance(4)) updates();
    if (storm_ || chance(4)) disks();
    if (storm_ || chance(4)) clocks();
    if (chance(5)) newcomers();
    if (chance(8)) removals();
    if (chance(4)) lives();
    if (chance(6) && poison() && chance(2)) update_of_the_ill();
    if (chance(5)) plan_.birth_trouble = death(20);
    if (storm_ || chance(3)) distrust();
    if (storm_ || chance(3)) empty_messages();
    if (chance(6)) damages();
    without_keys_beyond_their_day();
    without_keys_of_removed_sessions();
    without_keys_of_what_is_set_back();
    return std::move(plan_);
  }

 private:
  bool chance(std::uint64_t one_in) { return random_.below(one_in) == 0; }
  Millis between(Millis least, Millis most) {
    return least + static_cast<Millis>(random_.below(static_cast<std::uint64_t>(most - least + 1)));
  }
  std::size_t pick(std::size_t count) { return static_cast<std::size_t>(random_.below(count)); }
  std::size_t several(std::size_t most) { return 1 + pick(storm_ ? 3 * most : most); }
  std::size_t some_host() { return pick(plan_.hosts); }

  Action& add(Action::Kind kind) {
    Action action;
    action.kind = kind;
    action.at = between(0, plan_.length);
    plan_.actions.push_back(action);
    return plan_.actions.back();
  }

  // With a phone, and no companion.
  PlannedAccount person() {
    const auto number = static_cast<std::int64_t>(plan_.accounts.size());
    PlannedAccount out;
    out.phone =
        std::to_string(4915100000000 + static_cast<std::int64_t>(random_.below(100000000)) * 10 + number);
    out.lid =
        std::to_string(100000000000000 + static_cast<std::int64_t>(random_.below(1000000000)) * 10 + number);
    return out;
  }

  void people() {
    const std::size_t count = 2 + pick(3);
    plan_.hosts = 1 + pick(2);
    plan_.mixed_forms = chance(4);
    for (std::size_t i = 0; i < count; ++i) {
      PlannedAccount account = person();
      const std::size_t engines = i == 0 ? 1 : chance(6) ? 2 : pick(2);
      for (std::size_t k = 0; k < engines; ++k) account.hosts.push_back(i == 0 ? 0 : pick(plan_.hosts));
      plan_.accounts.push_back(account);
    }
    for (std::size_t host = 1; host < plan_.hosts; ++host) plan_.accounts.back().hosts = {host};
  }

  void texts() {
    const std::size_t count = 5 + pick(40);
    for (std::size_t i = 0; i < count; ++i) {
      Action& action = add(Action::Kind::text);
      action.from = pick(plan_.accounts.size());
      action.to = (action.from + 1 + pick(plan_.accounts.size() - 1)) % plan_.accounts.size();
      if (chance(20)) action.to = action.from;
      const std::size_t engines = plan_.accounts[action.from].hosts.size();
      action.by_phone = engines == 0 || chance(5);
      action.engine = engines == 0 ? 0 : pick(engines);
      action.by_lid = by_lid(action);
      action.patient = !chance(4);
      wishes(action);
      // Bursts: what one tick takes together, and what waits together.
      if (i > 0 && chance(2)) action.at = plan_.actions[plan_.actions.size() - 2].at + between(0, 40);
      if (!chance(8)) continue;
      Action read = action;
      read.kind = Action::Kind::read;
      read.at += between(kSecond, 10 * kSecond);
      plan_.actions.push_back(read);
    }
  }

  // Where forms are not mixed, two people use one.
  bool by_lid(const Action& action) {
    return plan_.mixed_forms ? chance(2) : (action.from + action.to) % 2 == 0;
  }

  void wishes(Action& action) {
    action.keyed = chance(4);
    if (chance(6)) action.eager = 1 + pick(4);
    action.queue = chance(3);
    action.async = chance(5);
    if (chance(6)) action.expires_in = between(5 * kSecond, 5 * kMinute);
    if (chance(10)) action.cancel_after = between(1, 5 * kSecond);
  }

  // Somebody stops a session, and callers go on; some of what they queue expires, or is taken back.
  void pauses() {
    const std::size_t from = pick(plan_.accounts.size());
    if (plan_.accounts[from].hosts.empty()) return;
    Action& stop = add(Action::Kind::stop);
    stop.from = from;
    const Millis begin = stop.at, length = between(kMinute, 4 * kMinute);
    Action& start = add(Action::Kind::start);
    start.from = from;
    start.at = begin + length;
    const std::size_t count = 2 + pick(6);
    for (std::size_t i = 0; i < count; ++i) {
      Action& action = add(Action::Kind::text);
      action.from = from;
      action.to = (from + 1 + pick(plan_.accounts.size() - 1)) % plan_.accounts.size();
      action.at = begin + between(kSecond, length / 2);
      action.by_lid = by_lid(action);
      action.patient = !chance(3);
      action.keyed = chance(2);
      action.queue = !chance(4);
      if (chance(3)) action.expires_in = between(kSecond, length / 2);
      if (chance(3)) action.cancel_after = between(1, length);
    }
  }

  // One who writes to everybody, whether they know each other or not: to enough of them to be paced.
  void strangers() {
    while (plan_.accounts.size() < 5) plan_.accounts.push_back(person());
    PlannedAccount& writer = plan_.accounts.front();
    writer.pacing = chance(3) ? "default" : "strict";
    for (std::size_t to = 1; to < plan_.accounts.size(); ++to) {
      Action& action = add(Action::Kind::text);
      action.to = to;
      action.at = between(0, 20 * kSecond);
      action.by_lid = by_lid(action);
      action.patient = true;
    }
  }

  // One chat is refused, whatever is tried, and others are not.
  void sick_chat() {
    sandbox::Fault& sick = add(Action::Kind::fault).fault;
    sick.kind = sandbox::FaultKind::ack_error;
    sick.code = chance(2) ? 400 : 479;
    sick.account = plan_.accounts.front().phone;
    sick.device = 1;
    sick.to = plan_.accounts.back().phone;
    const Millis fell_ill = plan_.actions.back().at;
    const std::size_t count = 4 + pick(8);
    for (std::size_t i = 0; i < count; ++i) {
      Action& action = add(Action::Kind::text);
      action.to = chance(2) ? plan_.accounts.size() - 1 : 1;
      action.at = fell_ill + between(0, 90 * kSecond);
      action.by_lid = by_lid(action);
    }
  }

  void deaf_receivers() {
    for (auto& account : plan_.accounts) account.webhook_tries = 1 + static_cast<int>(pick(4));
    const std::size_t count = several(3);
    for (std::size_t i = 0; i < count; ++i) {
      Action& action = add(Action::Kind::receiver);
      action.from = some_host();
      action.span = between(kSecond, 2 * kMinute);
    }
  }

  // Two who don't know each other write at the same time: what one learns from the other's text comes while
  // its own first one waits for answers.
  void crossing() {
    const Millis start = between(0, 10 * kSecond);
    for (const bool by_phone : {false, true, false, false}) {
      Action& action = add(Action::Kind::text);
      action.from = by_phone ? 1 : 0;
      action.to = by_phone ? 0 : 1;
      action.by_phone = by_phone;
      action.patient = true;
      action.at = start + between(0, 150);
    }
  }

  void refusals() {
    static constexpr int kAckErrors[] = {400, 401, 403, 404, 405, 406, 408, 413,
                                         421, 429, 463, 475, 479, 500, 503};
    static constexpr int kStreamErrors[] = {500, 503, 515, 429, 413};
    using sandbox::FaultKind;
    const std::size_t count = several(6);
    for (std::size_t i = 0; i < count; ++i) {
      Action& action = add(Action::Kind::fault);
      sandbox::Fault& fault = action.fault;
      static constexpr FaultKind kKinds[] = {FaultKind::ack_error, FaultKind::ack_error,   FaultKind::no_ack,
                                             FaultKind::no_ack,    FaultKind::drop,        FaultKind::drop,
                                             FaultKind::silence,   FaultKind::stream_error};
      fault.kind = kKinds[pick(std::size(kKinds))];
      if (fault.kind == FaultKind::ack_error) fault.code = kAckErrors[pick(std::size(kAckErrors))];
      if (fault.kind == FaultKind::stream_error) fault.code = kStreamErrors[pick(std::size(kStreamErrors))];
      fault.account = plan_.accounts[pick(plan_.accounts.size())].phone;
      fault.device = chance(6) ? 2 : 1;  // an engine, not the phone
      fault.count = 1 + random_.below(3);
      fault.until_reconnect = chance(3);
    }
    if (chance(3)) sick_session();
  }

  // Engines get messages without their contents, which the phone has, or which follow.
  void empty_messages() {
    using sandbox::FaultKind;
    static constexpr FaultKind kKinds[] = {FaultKind::unavailable, FaultKind::withheld};
    const std::size_t count = several(4);
    for (std::size_t i = 0; i < count; ++i) {
      Action& action = add(Action::Kind::fault);
      sandbox::Fault& fault = action.fault;
      fault.kind = kKinds[pick(std::size(kKinds))];
      fault.account = plan_.accounts[pick(plan_.accounts.size())].phone;
      fault.device = chance(6) ? 2 : 1;
      fault.count = 1 + random_.below(8);
      if (chance(2)) fault.type = "bare";
    }
  }

  // Every chat of one account is refused.
  void sick_session() {
    sandbox::Fault& sick = add(Action::Kind::fault).fault;  // nothing but another login heals it
    sick.kind = sandbox::FaultKind::ack_error;
    sick.code = chance(2) ? 400 : 479;
    sick.account = plan_.accounts.front().phone;
    sick.device = 1;
    sick.until_reconnect = !chance(3);  // else nothing at all does
    const bool for_good = !sick.until_reconnect;
    const Millis fell_ill = plan_.actions.back().at;
    for (std::size_t to = 1; to < plan_.accounts.size(); ++to) {
      Action& action = add(Action::Kind::text);
      action.to = to;
      action.at = fell_ill + between(0, 20 * kSecond);
    }
    // Through all the delays between restarts somebody wants to write to somebody.
    for (int i = 0; for_good && i < 20; ++i) {
      Action& action = add(Action::Kind::text);
      action.to = 1 + pick(plan_.accounts.size() - 1);
      action.by_lid = by_lid(action);
      action.at = fell_ill + between(0, 6 * kMinute);
    }
  }

  // Somebody is to be reached with a privacy token only, somebody may start no chats for a time.
  void distrust() {
    const std::size_t count = several(4);
    for (std::size_t i = 0; i < count; ++i) {
      if (chance(3)) {
        Action& action = add(Action::Kind::lock);
        action.from = pick(plan_.accounts.size());
        action.span = between(10 * kSecond, 3 * kMinute);
        continue;
      }
      sandbox::Fault& fault = add(Action::Kind::fault).fault;
      fault.kind = sandbox::FaultKind::token_required;
      fault.account = plan_.accounts[pick(plan_.accounts.size())].phone;
      fault.to = plan_.accounts[pick(plan_.accounts.size())].phone;
      fault.device = chance(6) ? 2 : 1;  // an engine, not the phone
      if (chance(2)) fault.count = 1 + random_.below(3);
    }
  }

  void links() {
    const std::size_t count = several(6);
    for (std::size_t i = 0; i < count; ++i) {
      if (chance(6)) {
        add(Action::Kind::restart_server).span = between(0, 30 * kSecond);
        continue;
      }
      Action& action = add(chance(4) ? Action::Kind::freeze : Action::Kind::cut);
      action.from = pick(plan_.accounts.size());
      action.engine = pick(2);
    }
  }

  void outdated() {
    const std::size_t count = several(2);
    for (std::size_t i = 0; i < count; ++i) add(Action::Kind::outdate).span = between(0, 5 * kSecond);
  }

  void slow() {
    Action& action = add(Action::Kind::slow);
    action.span = chance(3) ? between(10 * kSecond, 30 * kSecond) : between(kSecond, 5 * kSecond);
  }

  void deaths() {
    const std::size_t count = several(5);
    for (std::size_t i = 0; i < count; ++i) {
      Action& action = add(Action::Kind::death);
      action.from = some_host();
      action.death = death(chance(2) ? 2 : 12);
    }
  }

  Death death(std::uint64_t ticks) {
    Death out;
    out.point = static_cast<Death::Point>(random_.below(4));
    out.ticks = random_.below(ticks);
    out.count = random_.below(6);
    out.power = chance(3);
    out.down = between(100, 40 * kSecond);
    return out;
  }

  void updates() {
    const std::size_t count = several(2);
    for (std::size_t i = 0; i < count; ++i) {
      Action& action = add(Action::Kind::update);
      action.from = some_host();
      action.span = between(100, 20 * kSecond);
    }
  }

  void newcomers() {
    for (std::size_t i = 0; i < plan_.accounts.size(); ++i) {
      PlannedAccount& account = plan_.accounts[i];
      if (!chance(2)) continue;
      account.hosts.push_back(some_host());
      account.late = true;
      Action& action = add(Action::Kind::join);
      action.from = i;
      action.engine = account.hosts.size() - 1;
    }
  }

  void removals() {
    Action& action = add(Action::Kind::logout);
    action.from = pick(plan_.accounts.size());
    action.engine = pick(2);
    plan_.accounts[action.from].fickle = true;
  }

  // People and programs start, stop, log out and remove what others use, several of them at the same moment.
  void lives() {
    plan_.lively = true;
    const std::size_t count = several(6);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t from = pick(plan_.accounts.size());
      const PlannedAccount& account = plan_.accounts[from];
      if (account.hosts.empty() || account.late) continue;
      Action& action = add(Action::Kind::meet);
      action.from = from;
      action.engine = pick(account.hosts.size());
      action.calls = some_calls();
    }
  }

  std::vector<LifeCall> some_calls() {
    static constexpr LifeCall kCalls[] = {LifeCall::start,  LifeCall::start,   LifeCall::stop,
                                          LifeCall::stop,   LifeCall::restart, LifeCall::logout,
                                          LifeCall::remove, LifeCall::create,  LifeCall::configure};
    std::vector<LifeCall> out;
    const std::size_t count = 1 + pick(6);
    // A stopped session that is logged out connects for that only: what comes then meets the shortest phases.
    if (chance(4)) out = {LifeCall::stop, LifeCall::logout};
    for (std::size_t i = 0; i < count; ++i) out.push_back(kCalls[pick(std::size(kCalls))]);
    return out;
  }

  bool poison() {
    const std::size_t from = pick(plan_.accounts.size());
    if (plan_.accounts[from].hosts.empty() || plan_.accounts[from].late) return false;
    Action& action = add(Action::Kind::poison);
    action.from = from;
    action.engine = pick(plan_.accounts[from].hosts.size());
    action.poison = static_cast<Poison>(pick(3));
    action.span = between(10 * kSecond, 2 * kMinute);
    if (action.poison == Poison::outgoing && chance(2)) taken_back_by_the_ill();
    return true;
  }

  // Of a session that is stopped a text is taken back in the moment in which another one breaks the part of
  // the tick that both are in: what was rolled back was not done, and who asked for it is not told that it
  // was.
  void taken_back_by_the_ill() {
    const Action ill = plan_.actions.back();
    const Millis broken = ill.at + between(kSecond, ill.span / 2);
    Action& stop = add(Action::Kind::stop);
    stop.from = ill.from;
    stop.engine = ill.engine;
    stop.at = std::max<Millis>(0, ill.at - 5 * kSecond);
    for (const bool breaks : {false, true}) {
      Action& text = add(Action::Kind::text);
      text.from = ill.from;
      text.engine = ill.engine;
      text.to = (ill.from + 1 + pick(plan_.accounts.size() - 1)) % plan_.accounts.size();
      text.by_lid = by_lid(text);
      text.queue = true;
      text.at = breaks ? broken : std::max<Millis>(0, ill.at - between(1, 2 * kSecond));
      if (!breaks) text.cancel_after = broken - text.at;
    }
    std::swap(plan_.actions[plan_.actions.size() - 4],
              plan_.actions.back());  // the illness is still the last
  }

  // What makes no sense in a row does so to the process that finds it at its start too.
  void update_of_the_ill() {
    const Action ill = plan_.actions.back();
    Action& action = add(Action::Kind::update);
    action.from = plan_.accounts[ill.from].hosts[ill.engine];
    action.at = ill.at + between(kSecond, ill.span - kSecond);
    action.span = between(100, 5 * kSecond);
  }

  void disks() {
    const std::size_t count = several(2);
    for (std::size_t i = 0; i < count; ++i) {
      Action& action = add(Action::Kind::disk);
      action.from = some_host();
      action.trouble = static_cast<Disk::Trouble>(1 + random_.below(3));
      action.span = between(100, 30 * kSecond);
    }
  }

  // Bad memory or a bad cable: it passes. A bad card: only the backup helps, and what came after it is lost.
  void damages() {
    const std::size_t host = some_host();
    const auto fickle = [](const PlannedAccount& account) { return account.late || account.fickle; };
    const bool steady = !plan_.lively && std::none_of(plan_.accounts.begin(), plan_.accounts.end(), fickle);
    if (steady && chance(2)) {
      plan_.set_back = host;
      Action& backup = add(Action::Kind::backup);
      backup.from = host;
      backup.at /= 2;
    }
    Action& action = add(Action::Kind::damage);
    action.from = host;
    if (plan_.set_back)
      action.at = std::max(action.at, plan_.actions[plan_.actions.size() - 2].at + 1);
    else
      action.span = between(kSecond, 2 * kMinute);
    // Pages that are in memory are not read: a process that starts reads them.
    if (!chance(3)) return;
    const Millis at = action.at;
    Action& update = add(Action::Kind::update);
    update.from = host;
    update.at = at + between(0, kSecond);
    update.span = between(100, 5 * kSecond);
  }

  void clocks() {
    const std::size_t count = several(2);
    for (std::size_t i = 0; i < count; ++i) {
      Action& action = add(Action::Kind::clock);
      action.from = some_host();
      action.span = chance(2) ? between(-10 * kHour, 10 * kHour) : between(0, 40 * kDay);
    }
  }

  // Keys are remembered for a day.
  void without_keys_beyond_their_day() {
    const auto leaps = [](const Action& action) {
      return action.kind == Action::Kind::clock && action.span > kDay / 2;
    };
    if (std::none_of(plan_.actions.begin(), plan_.actions.end(), leaps)) return;
    for (auto& action : plan_.actions) action.keyed = false;
  }

  // What a backup does not have is forgotten, with the keys.
  void without_keys_of_what_is_set_back() {
    if (!plan_.set_back) return;
    const auto is_there = [&](std::size_t host) { return host == *plan_.set_back; };
    for (auto& account : plan_.accounts)
      if (std::any_of(account.hosts.begin(), account.hosts.end(), is_there)) account.fickle = true;
    for (auto& action : plan_.actions)
      if (action.kind == Action::Kind::text && plan_.accounts[action.from].fickle) action.keyed = false;
  }

  // A session that is removed forgets its keys, and one that is logged out what it has sent.
  void without_keys_of_removed_sessions() {
    for (const auto& action : plan_.actions)
      if (action.kind == Action::Kind::meet) plan_.accounts[action.from].fickle = true;
    for (auto& action : plan_.actions)
      if (action.kind == Action::Kind::text && plan_.lively && plan_.accounts[action.from].fickle)
        action.keyed = false;
  }

  Random& random_;
  Plan plan_;
  bool storm_ = false;
};

}  // namespace

HostedSession PlannedAccount::hosted(std::size_t engine) const {
  const std::string name = session(engine);
  return {name, R"({"pacing":")" + pacing + R"(","webhooks":[{"url":")" + Receiver::url_of(name) +
                    R"(","events":["message.any","message.ack","session.status")" +
                    (in_groups ? kRemarks : "") + R"(],"retries":{"delaySeconds":1,"attempts":)" +
                    std::to_string(webhook_tries) + "}}]}"};
}

Plan make_plan(Random& random) {
  return Planner(random).make();
}

}  // namespace pigeond::sim
