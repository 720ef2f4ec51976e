#include "world.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "checks/invariants.h"
#include "crypto/curve.h"
#include "wire/node.h"

namespace pigeond::sim {
namespace {

constexpr std::int64_t kStart = 1'760'000'000;  // unix seconds
constexpr Millis kLinking = 30 * kMinute;
constexpr Millis kHealing = 2 * kHour;     // longer than any backoff and budget of a sane engine
constexpr std::uint64_t kMoments = 60;     // ms: about as long as a text takes
constexpr std::uint64_t kSteps = 400'000;  // a world takes some thousands; more is something that spins
constexpr std::size_t kTrace = 1'000'000;
constexpr std::uint32_t kNewerVersion = 1000;  // revisions

}  // namespace

World::World(std::uint64_t seed, const std::string& folder, bool print)
    : plan_random_(seed * 4),
      world_random_(seed * 4 + 1),
      network_random_(seed * 4 + 2),
      history_(print),
      timeline_(kStart, history_),
      plan_(make_plan(plan_random_)),
      group_random_(seed * 4 + 3),
      group_plan_(make_group_plan(group_random_, plan_)) {
  use_simulated_disks(seed);
  populate(folder);
}

World::~World() = default;

void World::populate(const std::string& folder) {
  sandbox::ServerIdentity identity;
  identity.authority.root = crypto::generate_key_pair(world_random_);
  identity.authority.intermediate = crypto::generate_key_pair(world_random_);
  identity.noise_key = crypto::generate_key_pair(world_random_);
  profile_.root_key = identity.authority.root.pub;
  sandbox::Policy policy;
  policy.trace_capacity = kTrace;
  policy.expect_tokens = true;
  policy.answer_time = 24 * kHour;  // links are slow here; that all is answered is seen in the end
  service_ = std::make_unique<sandbox::Service>(policy, identity, timeline_.now(), world_random_);
  network_ = std::make_unique<Network>(timeline_, *service_, network_random_);
  std::vector<std::vector<HostedSession>> sessions(plan_.hosts);
  for (const auto& account : plan_.accounts) {
    sandbox::NewAccount wanted;
    wanted.phone = account.phone;
    wanted.lid = account.lid;
    wanted.options.addressing = world_random_.below(2) == 0 ? sandbox::Form::pn : sandbox::Form::lid;
    // One that was not reaches nobody of whom it knows a LID alone, and its texts there are refused.
    wanted.lid_migrated = world_random_.below(4) != 0 || plan_.poison_alone;
    wanted.tells_migration = world_random_.below(2) == 0;
    wanted.options.tells_salt = world_random_.below(2) == 0;
    wanted.options.history_inline = world_random_.below(3) == 0;
    if (!service_->add_account(timeline_.now(), wanted)) ledger_.broken.push_back("world: no account");
    for (std::size_t k = 0; k < account.hosts.size(); ++k)
      if (!account.late || k + 1 < account.hosts.size())
        sessions[account.hosts[k]].push_back(account.hosted(k));
  }
  // Who was written to before: the tokens that this brought are in the history alone.
  for (const auto& by : plan_.accounts)
    for (const auto& to : plan_.accounts)
      if (by.phone != to.phone && world_random_.below(3) == 0 &&
          !service_->give_token(timeline_.now(), by.phone, to.phone, false))
        ledger_.broken.push_back("world: no token");
  for (std::size_t i = 0; i < plan_.hosts; ++i) {
    const std::string name = "host" + std::to_string(i), path = folder + "/" + name + ".db";
    host_randoms_.push_back(std::make_unique<SeededRandom>(world_random_.u64()));
    disks_.push_back(std::make_unique<Disk>(path, *host_randoms_.back()));
    const auto scan = [this](const std::string& session, const std::string& code) {
      timeline_.after(500, [this, phone = session.substr(0, session.find('-')), code] {
        service_->scan(timeline_.now(), phone, code, [](const Result<std::uint16_t>&) {});
        network_->pump();
      });
    };
    hosts_.push_back(std::make_unique<Host>(
        Host::Environment{timeline_, *network_, service_->media(), *disks_.back(), *host_randoms_.back(),
                          profile_, service_->world().policy, ledger_, scan},
        name, path, sessions[i]));
  }
  group_life_ = std::make_unique<GroupLife>(
      GroupLife::Environment{plan_, group_plan_, timeline_, *network_, *service_, group_random_, ledger_,
                             [this](const PlannedAccount& account, std::size_t engine) -> Host& {
                               return host_of(account, engine);
                             }});
}

bool World::step(Millis until) {
  if (++steps_ > kSteps) {
    ledger_.broken.push_back("spin: more events than any world needs");
    return false;
  }
  return timeline_.step(until);
}

bool World::link_everybody() {
  for (auto& host : hosts_) host->boot();
  if (plan_.birth_trouble) {
    timeline_.note("plan", "host0: " + describe(*plan_.birth_trouble));
    hosts_.front()->arm(*plan_.birth_trouble);
  }
  const Millis deadline = timeline_.mono() + kLinking;
  for (Millis next = timeline_.mono() + kSecond; next < deadline; next += kSecond) {
    while (step(next)) {
    }
    if (steps_ > kSteps) return false;
    bool all = true;
    for (const auto& account : plan_.accounts)
      for (std::size_t k = 0; k < account.hosts.size(); ++k)
        if (!account.late || k + 1 < account.hosts.size())
          all = all && host_of(account, k).online(account.session(k));
    if (all) {
      for (auto& host : hosts_) host->disarm();
      return true;
    }
    if (next % (20 * kSecond) == 0)
      for (auto& host : hosts_) host->call_for_help();
  }
  ledger_.broken.push_back("linking: not all accounts came online");
  return false;
}

void World::schedule(const Action& action) {
  timeline_.after(action.at, [this, &action] { perform(action); });
}

void World::perform(const Action& action) {
  timeline_.note("plan", describe(plan_, action));
  const auto session = [&] { return plan_.accounts[action.from].session(action.engine); };
  switch (action.kind) {
    case Action::Kind::text: {
      Text text;
      text.from = plan_.accounts[action.from].phone;
      text.to = plan_.accounts[action.to].phone;
      text.body = "text " + std::to_string(ledger_.texts.size()) + ".";
      text.id = "3EB0" + hex_upper(plan_random_.bytes(9));
      text.by_phone = action.by_phone;
      text.by_lid = action.by_lid;
      text.engine = action.engine;
      text.queue = action.queue;
      text.async = action.async;
      text.expires_in = action.expires_in;
      if (action.keyed && !action.by_phone) text.key = std::exchange(text.id, "");
      ledger_.texts.push_back(std::move(text));
      return submit(ledger_.texts.size() - 1, action);
    }
    case Action::Kind::read: {
      const std::string &reader = plan_.accounts[action.to].phone,
                        &writer = plan_.accounts[action.from].phone;
      std::vector<std::string> ids;
      for (const auto& message : service_->phone(reader)->log().since(0))
        if (!message.from_me &&
            service_->world().account(message.chat) == service_->world().account(wire::pn(writer)))
          ids.push_back(message.id);
      if (service_->read(timeline_.now(), reader, writer, ids)) network_->pump();
      return;
    }
    case Action::Kind::fault:
      service_->add_fault(timeline_.now(), action.fault);
      return network_->pump();
    case Action::Kind::cut:
      return network_->cut(session());
    case Action::Kind::freeze:
      return network_->freeze(session());
    case Action::Kind::restart_server:
      return network_->restart_server(action.span);
    case Action::Kind::outdate: {
      sandbox::ClientPolicy policy = service_->world().policy.clients;
      policy.login = policy.linking = policy.current += kNewerVersion;
      service_->set_clients(timeline_.now(), policy);
      return network_->restart_server(action.span);
    }
    case Action::Kind::slow:
      network_->set_slowness(action.span);
      return timeline_.after(kMinute, [this] { network_->set_slowness(0); });
    case Action::Kind::death:
      return hosts_[action.from]->arm(action.death);
    case Action::Kind::update:
      return hosts_[action.from]->update(action.span);
    case Action::Kind::join:
      return host_of(plan_.accounts[action.from], action.engine)
          .join(plan_.accounts[action.from].hosted(action.engine));
    case Action::Kind::logout: {
      const auto& phone = plan_.accounts[action.from].phone;
      const auto& devices = service_->world().accounts.at(phone).devices;
      if (devices.size() < 2) return;
      const auto removed =
          std::next(devices.begin(), static_cast<std::ptrdiff_t>(1 + action.engine % (devices.size() - 1)));
      if (!service_->remove_device(timeline_.now(), phone, removed->first))
        ledger_.broken.push_back("world: no device to remove");
      return network_->pump();
    }
    case Action::Kind::disk:
      disks_[action.from]->set_trouble(action.trouble);
      return timeline_.after(action.span,
                             [this, host = action.from] { disks_[host]->set_trouble(Disk::Trouble::none); });
    case Action::Kind::clock:
      return hosts_[action.from]->jump(action.span);
    case Action::Kind::stop:
      return host_of(plan_.accounts[action.from], action.engine).stop(session());
    case Action::Kind::start:
      return host_of(plan_.accounts[action.from], action.engine).start(session());
    case Action::Kind::meet:
      return host_of(plan_.accounts[action.from], action.engine).meet(session(), action.calls);
    case Action::Kind::poison:
      return host_of(plan_.accounts[action.from], action.engine)
          .poison(session(), action.poison, action.span);
    case Action::Kind::receiver:
      hosts_[action.from]->receiver().set_down(true);
      return timeline_.after(action.span,
                             [this, host = action.from] { hosts_[host]->receiver().set_down(false); });
    case Action::Kind::backup:
      return hosts_[action.from]->back_up();
    case Action::Kind::damage:
      hosts_[action.from]->damage();
      if (action.span == 0) return;
      return timeline_.after(action.span, [this, host = action.from] { disks_[host]->set_damaged(false); });
    case Action::Kind::lock: {
      const sandbox::Timelock lock{(timeline_.now().wall + action.span) / kSecond, "WEB_COMPANION_ONLY"};
      if (!service_->set_timelock(timeline_.now(), plan_.accounts[action.from].phone, lock))
        ledger_.broken.push_back("world: no account to lock");
      return network_->pump();
    }
  }
}

void World::ask(std::size_t index, const Action& action) {
  const auto& from = plan_.accounts[action.from];
  const auto& to = plan_.accounts[action.to];
  Host& host = host_of(from, action.engine);
  if (host.alive())
    host.send(from.session(action.engine), index, action.by_lid ? wire::lid(to.lid) : wire::pn(to.phone));
}

void World::submit(std::size_t index, const Action& action) {
  Text& text = ledger_.texts[index];
  if (action.by_phone) {
    const auto id = service_->send_text(timeline_.now(), text.from, text.to, text.body, "");
    network_->pump();
    if (!id) return ledger_.broken.push_back("world: a phone could not send: " + id.error().detail);
    text.id = *id;
    text.accepted = text.confirmed = true;
    text.order = ledger_.next_order++;
    return;
  }
  ask(index, action);
  if (text.requests == 1)
    for (std::size_t i = 0; i < action.eager; ++i)
      timeline_.after(static_cast<Millis>(plan_random_.below(kMoments)),
                      [this, index, &action] { ask(index, action); });
  if (action.cancel_after > 0 && text.requests == 1)
    timeline_.after(action.cancel_after, [this, index, &action] {
      const auto& sender = plan_.accounts[action.from];
      host_of(sender, action.engine).cancel(sender.session(action.engine), index);
    });
  if (!action.patient) return;
  const Millis patience = 20 * kSecond + static_cast<Millis>(plan_random_.below(40 * kSecond));
  timeline_.after(patience, [this, index, &action] {
    const Text& asked = ledger_.texts[index];
    if (!asked.confirmed && !asked.taken_back && !(asked.refused && is_final(*asked.refused)))
      submit(index, action);
  });
}

void World::heal() {
  timeline_.note("world", "heals");
  service_->world().faults.clear();
  network_->heal();
  for (std::size_t host = 0; host < disks_.size(); ++host) {
    disks_[host]->set_trouble(Disk::Trouble::none);
    if (plan_.set_back != host)
      disks_[host]->set_damaged(false);
    else if (disks_[host]->damaged())
      hosts_[host]->update(kSecond);  // it has met none yet: a process that starts will
  }
  for (auto& host : hosts_) {
    host->jump(0);
    host->disarm();
    host->receiver().set_down(false);
    host->page().set_down(false);
    host->cure();
  }
}

// In a world in which nothing goes wrong any more: what meets now must end in what was accepted last.
void World::last_meeting() {
  Millis planned = timeline_.mono();  // until then somebody may start or stop sessions, as he had meant to
  for (const auto& action : plan_.actions)
    if (action.kind != Action::Kind::clock)
      planned = std::max(planned, begun_ + action.at + action.span + kSecond);
  while (step(planned)) {
  }
  std::map<std::string, Host*> asked;
  for (const auto& action : plan_.actions) {
    if (action.kind != Action::Kind::meet) continue;
    const std::string session = plan_.accounts[action.from].session(action.engine);
    Host& host = host_of(plan_.accounts[action.from], action.engine);
    if (!asked.emplace(session, &host).second) continue;
    ledger_.life[session] = {};
    host.meet(session, action.calls);
  }
  const Millis end = timeline_.mono() + 5 * kMinute;
  while (step(end)) {
  }
  for (const auto& [session, host] : asked) {
    const LifeCalls& life = ledger_.life[session];
    if (life.asked != life.answered)
      ledger_.broken.push_back("answers: of " + std::to_string(life.asked) + " calls about " + session + " " +
                               std::to_string(life.answered) + " were answered");
    if (!life.last) continue;
    const bool there = host->session_id(session).has_value();
    const std::string status = host->status(session), wanted = call_name(*life.last);
    const bool fits = *life.last == LifeCall::remove   ? !there
                      : *life.last == LifeCall::stop   ? there && status == "stopped"
                      : *life.last == LifeCall::logout ? there && (status == "stopped" || status == "working")
                                                       : there && status == "working";
    if (!fits)
      ledger_.broken.push_back("life: " + session + " was asked to " + wanted + " at last, and is " +
                               (there ? status : "not there"));
    if (there && status == "stopped" && network_->has_link(session))
      ledger_.broken.push_back("life: " + session + " is stopped, and its link is up");
  }
}

void World::inspect() {
  for (auto& host : hosts_) host->inspect();
  timeline_.after(15 * kSecond, [this] { inspect(); });
}

std::string World::rest() {
  const Millis deadline = timeline_.mono() + kHealing;
  std::string rest = "not looked at";
  while (!rest.empty() && timeline_.mono() < deadline && steps_ <= kSteps) {
    for (auto& host : hosts_) {
      host->cure();
      host->call_for_help();
      host->replay_letters();
    }
    const Millis next = timeline_.mono() + kMinute;
    while (step(next)) {
    }
    rest = unrest();
  }
  return rest;
}

std::string World::unrest() {
  for (const auto& host : hosts_) {
    if (!host->alive()) return host->name() + " is down";
    if (!host->stores()) return host->name() + " can't store anything";
    for (const char* sql : {"SELECT count(*) FROM outbox", "SELECT count(*) FROM webhook_pending",
                            "SELECT count(*) FROM webhook_outcome WHERE dead = 1"}) {
      auto rows = host->database().prepare(sql);
      if (rows.step() && rows.integer(0) > 0)
        return host->name() + ": " + sql + " is " + std::to_string(rows.integer(0));
    }
    // Somebody is to be asked for what came without its content: of the many messages of groups some wait.
    if (group_plan_.groups.empty()) continue;
    auto awaited = host->database().prepare("SELECT count(*) FROM placeholder WHERE state IN (1, 2)");
    if (awaited.step() && awaited.integer(0) > 0)
      return host->name() + " has not asked for all that came empty";
  }
  for (const auto& account : plan_.accounts)
    for (std::size_t k = 0; k < account.hosts.size(); ++k)
      if (!host_of(account, k).online(account.session(k)))
        return account.session(k) + " is not online: " + host_of(account, k).condition();
  for (const auto& [phone, account] : service_->world().accounts)
    for (const auto& [number, device] : account.devices)
      // What was on its way when its link was given up for another one links a device that nobody is.
      if (!device.mailbox.empty() && (device.connection || !device.uploaded.empty()))
        return phone + ":" + std::to_string(number) + " has not answered " +
               wire::to_xml(device.mailbox.front().stanza);
  return "";
}

Outcome World::run() {
  for (const auto& action : plan_.actions) timeline_.note("planned", describe(plan_, action));
  for (const auto& action : group_plan_.actions) timeline_.note("planned", describe(plan_, action));
  if (link_everybody()) {
    begun_ = timeline_.mono();
    const Millis end = begun_ + plan_.length + 30 * kSecond;
    for (const auto& action : plan_.actions) schedule(action);
    group_life_->begin();
    const bool damages =
        std::ranges::any_of(plan_.actions, [](auto& each) { return each.kind == Action::Kind::damage; });
    if (plan_.lively || plan_.poison_alone || damages) inspect();
    ledger_.begun = timeline_.now().wall;
    while (step(end)) {
    }
    ledger_.healed = timeline_.now().wall;
    heal();
    std::string rest = this->rest();
    if (rest.empty() && plan_.lively) {
      last_meeting();
      rest = this->rest();
    }
    if (!rest.empty()) ledger_.broken.push_back("healing: " + rest);
    check_invariants(*this, ledger_.broken);
  }
  Outcome outcome;
  outcome.broken = ledger_.broken;
  outcome.hash = history_.hash();
  outcome.ledger = ledger_;
  outcome.length = timeline_.mono();
  return outcome;
}

}  // namespace pigeond::sim
