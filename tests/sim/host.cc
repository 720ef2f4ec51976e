#include "host.h"

#include <utility>

#include "engine/messages/send_causes.h"
#include "store/messages.h"
#include "store/sessions.h"
#include "store/webhooks.h"

namespace pigeond::sim {
namespace {

constexpr Millis kStoragePause = 5 * kSecond;  // as the gateway waits after a failed commit
constexpr Millis kStagger = 20;

const char* name_of(Death::Point point) {
  switch (point) {
    case Death::Point::before_commit:
      return "before the commit";
    case Death::Point::in_commit:
      return "in the commit";
    case Death::Point::after_commit:
      return "after the commit";
    case Death::Point::between_effects:
      return "between two effects";
  }
  return "?";
}

}  // namespace

std::string describe(const Death& death) {
  return std::string(death.power ? "power cut " : "kill ") + name_of(death.point) + ", after " +
         std::to_string(death.ticks) + " ticks and " + std::to_string(death.count) + ", down for " +
         std::to_string(death.down);
}

Host::Host(const Environment& environment, std::string name, std::string path,
           std::vector<std::string> sessions)
    : environment_(environment),
      name_(std::move(name)),
      path_(std::move(path)),
      session_names_(std::move(sessions)) {}

Host::~Host() {
  environment_.disk.stop();
  sessions_.clear();
}

// --- life and death ---

void Host::boot() {
  environment_.disk.start();
  const std::uint64_t life = ++life_;
  auto opened = store::Database::open(path_);
  std::vector<store::SessionRow> rows;
  if (opened) {
    store::Database& database = **opened;
    database.begin();
    store::SessionTable table(database);
    for (const auto& name : session_names_)
      if (!database.failed() && !table.find(name)) table.create({0, name, "{}", true, now().wall});
    rows = table.all();
    if (const Status done = database.commit(); !done) opened = done.error();
  }
  if (!opened) {
    note("can't open its database: " + opened.error().detail);
    environment_.timeline.after(kStoragePause, [this, life] {
      if (life == life_) boot();
    });
    return;
  }
  note("boots");
  database_ = std::move(*opened);
  database_->begin();
  Millis delay = 0;
  for (const auto& row : rows) {
    Session& session = sessions_[row.name];
    session.name = row.name;
    session.id = row.id;
    session.start_at = environment_.timeline.mono() + delay;
    delay += kStagger;
  }
  for (auto& [key, session] : sessions_) schedule_wake(session);
}

bool Host::dies(Death::Point point) {
  return death_ && death_->point == point && death_->ticks == 0;
}

void Host::die() {
  const Death how = *std::exchange(death_, std::nullopt);
  kill(how);
}

void Host::kill(const Death& how) {
  note("dies: " + describe(how));
  ++(how.power ? environment_.ledger.power_cuts : environment_.ledger.kills);
  for (auto& [key, session] : sessions_) {
    if (!session.link) continue;
    if (how.power) {
      environment_.network.vanish(*session.link);
    } else {
      environment_.network.close(*session.link);
    }
  }
  if (how.power) {
    environment_.disk.cut_power();
  } else {
    environment_.disk.stop();
  }
  sessions_.clear();
  database_.reset();
  inputs_.clear();
  update_.reset();
  leaving_.clear();
  committed_.clear();
  tick_planned_ = false;
  const std::uint64_t life = ++life_;
  environment_.timeline.after(how.down, [this, life] {
    if (life == life_) boot();
  });
}

void Host::update(Millis down) {
  post([this, down] {
    note("is updated, down for " + std::to_string(down));
    ++environment_.ledger.updates;
    update_ = down;
    for (auto& [key, session] : sessions_)
      input(session, [this](engine::Engine& engine) { engine.stop(now()); });
  });
}

// All is told and closed; SQLite has its say too.
void Host::leave() {
  for (auto& [key, session] : sessions_) {
    unlink(session);
    for (const auto& [request, text] : session.requests) answer_with_failure(text);
  }
  sessions_.clear();
  database_.reset();
  inputs_.clear();
  tick_planned_ = false;
  environment_.timeline.after(*std::exchange(update_, std::nullopt), [this, life = ++life_] {
    if (life == life_) boot();
  });
}

// --- the tick ---

void Host::post(std::function<void()> work) {
  if (!alive()) return;
  inputs_.push_back(std::move(work));
  if (std::exchange(tick_planned_, true)) return;
  environment_.timeline.after(static_cast<Millis>(environment_.random.below(3)), [this, life = life_] {
    if (life == life_) tick();
  });
}

void Host::input(Session& session, const std::function<void(engine::Engine&)>& work) {
  session.touched = true;
  if (session.engine) work(*session.engine);
}

void Host::tick() {
  tick_planned_ = false;
  for (auto& work : std::exchange(inputs_, {})) work();
  for (auto& [key, session] : sessions_)
    if (session.touched) collect(session);
  if (death_ && !leaving_.empty() && death_->ticks > 0) {
    --death_->ticks;
  } else if (death_ && !leaving_.empty()) {
    if (dies(Death::Point::before_commit)) return die();
    if (dies(Death::Point::in_commit)) environment_.disk.light_fuse(death_->count);
  }
  const Status committed = database_->commit();
  if (environment_.disk.stopped()) return die();
  database_->begin();
  if (!committed) {
    storage_failed(committed.error());
  } else {
    for (auto& learn : std::exchange(committed_, {})) learn();
    const bool fatal =
        !leaving_.empty() && (dies(Death::Point::after_commit) || dies(Death::Point::in_commit));
    if (fatal) return die();
    release();
    if (!alive()) return;
  }
  if (update_) return leave();
  for (auto& [key, session] : sessions_) {
    session.touched = false;
    schedule_wake(session);
  }
}

void Host::release() {
  std::uint64_t released = 0;
  const bool dying = dies(Death::Point::between_effects) && !leaving_.empty();
  for (auto& effect : std::exchange(leaving_, {})) {
    if (dying && released == death_->count) return die();
    ++released;
    note("  " + effect.what);
    effect.perform();
  }
  if (dying) return die();
  for (auto& [key, session] : sessions_)
    if (session.touched) send_webhook(session);
}

void Host::storage_failed(const Error& error) {
  note("commit failed: " + error.detail);
  ++environment_.ledger.failed_commits;
  for (const auto& effect : std::exchange(leaving_, {}))
    if (effect.asked) answer_with_failure(*effect.asked);
  committed_.clear();
  for (auto& [key, session] : sessions_) {
    if (!session.touched) continue;
    unlink(session);
    session.engine.reset();
    session.state = engine::State::stopped;
    session.restart_after.reset();
    session.restart_due.reset();
    if (session.health) session.health->reset();
    session.sending = 0;
    for (const auto& [request, text] : std::exchange(session.requests, {})) answer_with_failure(text);
    if (!session.given_up) session.start_at = environment_.timeline.mono() + kStoragePause;
  }
}

void Host::answer_with_failure(std::size_t text) {
  Text& told = environment_.ledger.texts[text];
  ++told.answers;
  told.doubtful = true;
}

// --- one session ---

void Host::start(Session& session) {
  session.start_at.reset();
  session.ended.clear();
  if (!session.health) session.health.emplace(environment_.random);
  session.touched = true;
  store::SessionTable table(*database_);
  const auto row = table.find(session.name);
  session.id = row ? row->id : table.create({0, session.name, "{}", true, now().wall});
  session.engine = std::make_unique<engine::Engine>(*database_, session.id, session.name,
                                                    environment_.profile, environment_.random);
  session.engine->start(now());
}

void Host::collect(Session& session) {
  for (;;) {
    while (session.engine && session.engine->has_effects())
      for (auto& effect : session.engine->take_effects()) handle(session, effect);
    if (!session.engine) return;
    session.state = session.engine->state();
    const bool over = session.state == engine::State::stopped || session.state == engine::State::failed;
    if (over && (!session.restart_after || session.given_up)) answer_all(session, Cause::cancelled);
    if (!session.restart_after || !over) return;
    leaving_.push_back({"drops its link", [this, &session] { unlink(session); }});
    session.engine.reset();
    if (!session.given_up) session.start_at = environment_.timeline.mono() + *session.restart_after;
    session.restart_after.reset();
  }
}

void Host::handle(Session& session, engine::Effect& effect) {
  if (std::holds_alternative<engine::Connect>(effect)) {
    leaving_.push_back({session.name + " connects", [this, &session] { link(session); }});
  } else if (auto* write = std::get_if<engine::Write>(&effect)) {
    leaving_.push_back({session.name + " writes " + std::to_string(write->bytes.size()),
                        [this, &session, bytes = std::move(write->bytes)] {
                          if (session.link) environment_.network.write(*session.link, bytes);
                        }});
  } else if (const auto* end = std::get_if<engine::Disconnect>(&effect)) {
    leaving_.push_back({session.name + " disconnects: " + end->why, [this, &session] { unlink(session); }});
  } else if (const auto* changed = std::get_if<engine::StateChanged>(&effect)) {
    note(session.name + " state " + std::to_string(static_cast<int>(changed->state)) +
         (changed->cause ? ": " + changed->cause->detail : ""));
    if (changed->state == engine::State::failed) ++environment_.ledger.failed_sessions;
    session.state = changed->state;
    session.failing_since.reset();
    session.failing_chats.clear();
  } else if (auto* code = std::get_if<engine::QrShown>(&effect)) {
    leaving_.push_back({session.name + " shows a code",
                        [this, name = session.name, text = code->text] { environment_.shown(name, text); }});
  } else if (const auto* message = std::get_if<engine::MessageEvent>(&effect)) {
    add_webhook(session, "message " + message->id);
  } else if (const auto* ack = std::get_if<engine::AckEvent>(&effect)) {
    add_webhook(session, "ack " + ack->id + " " + std::to_string(ack->ack));
  } else if (const auto* done = std::get_if<engine::SendDone>(&effect)) {
    handle(session, *done);
  } else if (const auto* trouble = std::get_if<engine::SendTrouble>(&effect)) {
    judge(session, *trouble);
  }
}

void Host::handle(Session& session, const engine::SendDone& done) {
  std::vector<engine::RequestId> waiting;
  if (done.request != 0) {
    waiting.push_back(done.request);
  } else {
    judge(session, done);
    if (!session.ended.insert(done.id).second)
      environment_.ledger.broken.push_back("send-done-once: " + session.name + " told the end of " + done.id +
                                           " again");
    for (const auto& [request, text] : session.requests)
      if (environment_.ledger.texts[text].id == done.id) waiting.push_back(request);
  }
  for (const auto request : waiting) {
    const auto found = session.requests.extract(request);
    if (found.empty()) {
      environment_.ledger.broken.push_back("send-done-once: " + session.name + " answered request " +
                                           std::to_string(request) + " for " + done.id +
                                           ", which nobody waits for");
      continue;
    }
    answer(session, found.mapped(), done.id, done.ack);
  }
}

void Host::answer(Session& session, std::size_t text, const std::string& id, const Result<int>& outcome) {
  leaving_.push_back({session.name + " answers the sender of " + id + ": " +
                          (outcome ? "sent" : std::string(cause_name(outcome.error().cause))),
                      [this, text, outcome] {
                        Text& told = environment_.ledger.texts[text];
                        ++told.answers;
                        if (outcome) told.confirmed = true;
                        if (!outcome) told.refused = outcome.error();
                      },
                      text});
}

// Callers wait through a restart, and not for a person to come.
void Host::answer_all(Session& session, Cause cause) {
  for (const auto& [request, text] : std::exchange(session.requests, {}))
    answer(session, text, environment_.ledger.texts[text].id, fail(cause, "the session has ended"));
}

void Host::judge(Session& session, const engine::SendDone& done) {
  if (!session.engine || session.restart_after || session.given_up) return;
  const Error* error = done.ack ? nullptr : &done.ack.error();
  const std::string chat = done.chat.without_device().text();
  follow(session, session.health->ended(environment_.timeline.mono(), chat, done.id, error), error);
  check_truth(session, chat, error);
}

void Host::judge(Session& session, const engine::SendTrouble& trouble) {
  const std::string chat = trouble.chat.without_device().text();
  if (!session.engine || session.restart_after || session.given_up) return;
  note(session.name + " " + std::string(engine::healing_step_name(trouble.step)) + " for " + trouble.id);
  session.health->troubled(environment_.timeline.mono(), chat);
  if (trouble.step != engine::HealingStep::hold) return;
  follow(session, session.health->held(environment_.timeline.mono(), chat, trouble.id), &trouble.error);
  check_truth(session, chat, &trouble.error);
}

void Host::follow(Session& session, const gateway::SendHealth::Verdict& verdict, const Error* why) {
  if (verdict.called_off) session.restart_due.reset();
  for (const auto& id : verdict.ends) session.engine->end_held(now(), id);
  using What = gateway::SendHealth::Verdict::What;
  if (verdict.what == What::nothing) return;
  if (why->code == 463 || why->code == 475)
    environment_.ledger.broken.push_back("blind-restart: " + session.name + " because of " +
                                         std::to_string(why->code));
  if (verdict.what == What::give_up) {
    note(session.name + " is given up");
    ++environment_.ledger.given_up;
    session.given_up = true;
    session.restart_after = 0;
    session.engine->end_troubled(now());
    return session.engine->stop(now());
  }
  note(session.name + " will be restarted");
  ++environment_.ledger.restarts;
  session.restart_due = environment_.timeline.mono() + verdict.delay;
  environment_.timeline.after(verdict.delay, [this, life = life_, &session, due = *session.restart_due] {
    if (life != life_ || session.restart_due != due) return;
    post([this, &session, due] {
      if (session.restart_due != due) return;
      session.restart_due.reset();
      session.health->restarted();
      if (!session.engine || session.restart_after) return;
      session.restart_after = 0;
      input(session, [this](engine::Engine& engine) { engine.stop(now()); });
    });
  });
}

// A session that calls itself able to send gets something through, or stops saying so.
void Host::check_truth(Session& session, const std::string& chat, const Error* error) {
  const Millis mono = environment_.timeline.mono();
  const bool claims =
      session.state == engine::State::online && !session.restart_due && !session.restart_after;
  if (error == nullptr || !claims) {
    session.failing_since.reset();
    session.failing_chats.clear();
    return;
  }
  if (engine::send_cause_of(*error).suspicion != engine::Suspicion::one_chat) return;
  if (!session.failing_since) session.failing_since = mono;
  session.failing_chats.insert(chat);
  if (session.failing_chats.size() > 1 && mono - *session.failing_since > kMinute)
    environment_.ledger.broken.push_back("truth: " + session.name + " works, and " +
                                         std::to_string(session.failing_chats.size()) +
                                         " chats fail for more than a minute");
}

void Host::link(Session& session) {
  unlink(session);
  const std::uint64_t life = life_;
  Network::Client client;
  client.up = [this, life, &session] {
    if (life != life_) return;
    post([this, &session] { input(session, [this](engine::Engine& engine) { engine.link_up(now()); }); });
  };
  client.bytes = [this, life, &session](Bytes bytes) {
    if (life != life_) return;
    const auto link = session.link;
    post([this, &session, link, bytes = std::move(bytes)] {
      if (link != session.link) return;  // closed meanwhile
      input(session, [this, &bytes](engine::Engine& engine) { engine.receive(now(), bytes); });
    });
  };
  client.down = [this, life, &session](const Error& why) {
    if (life != life_) return;
    const auto link = session.link;
    post([this, &session, link, why] {
      if (link != session.link) return;
      session.link.reset();
      input(session, [this, &why](engine::Engine& engine) { engine.link_down(now(), why); });
    });
  };
  session.link = environment_.network.connect(session.name, std::move(client));
}

void Host::unlink(Session& session) {
  if (session.link) environment_.network.close(*session.link);
  session.link.reset();
}

void Host::schedule_wake(Session& session) {
  auto next = session.engine ? session.engine->next_wake() : std::nullopt;
  if (session.start_at && (!next || *session.start_at < *next)) next = session.start_at;
  if (next == session.wake_at) return;
  session.wake_at = next;
  if (!next) return;
  environment_.timeline.at(*next, [this, life = life_, &session, planned = *next] {
    if (life != life_ || session.wake_at != planned) return;
    post([this, &session] {
      session.wake_at.reset();
      if (session.start_at && *session.start_at <= environment_.timeline.mono()) start(session);
      input(session, [this](engine::Engine& engine) { engine.wake(now()); });
    });
  });
}

// --- what people and programs ask for ---

void Host::send(const std::string& session_name, std::size_t index, wire::Jid to) {
  post([this, session_name, index, to] {
    Session& session = sessions_.at(session_name);
    Text& text = environment_.ledger.texts[index];
    ++text.requests;
    if (!session.engine || session.restart_after) {
      ++text.answers;
      text.refused = fail(Cause::not_linked);
      return;
    }
    session.touched = true;
    const engine::RequestId request = next_request_++;
    session.requests[request] = index;
    session.engine->send_text(now(), {request, to, text.id, text.body, "", {}});
    if (text.accepted || store::Messages(*database_, session.id).heads(text.id).empty()) return;
    committed_.push_back([this, index] {
      Text& taken = environment_.ledger.texts[index];
      if (std::exchange(taken.accepted, true)) return;
      taken.order = environment_.ledger.next_order++;
    });
  });
}

void Host::join(const std::string& session_name) {
  session_names_.push_back(session_name);
  post([this, session_name] {
    Session& session = sessions_[session_name];
    session.name = session_name;
    start(session);
  });
}

void Host::mark_read(const std::string& session_name, const wire::Jid& chat) {
  post([this, session_name, chat] {
    const auto session = sessions_.find(session_name);
    if (session == sessions_.end()) return;  // to be linked later
    input(session->second, [this, &chat](engine::Engine& engine) { engine.mark_read(now(), chat, {}); });
  });
}

void Host::call_for_help() {
  post([this] {
    for (auto& [key, session] : sessions_) {
      if (!session.given_up && session.state != engine::State::failed) continue;
      note("a person starts " + session.name);
      session.given_up = false;
      session.health->reset();
      session.restart_due.reset();
      unlink(session);
      session.requests.clear();
      start(session);
    }
  });
}

// --- webhooks ---

void Host::add_webhook(Session& session, const std::string& body) {
  const auto queues = store::webhook_queues(*database_, session.id);
  const auto queue =
      queues.empty() ? store::add_webhook_queue(*database_, session.id, "http://receiver") : queues[0].queue;
  store::WebhookDelivery row;
  row.id = store::webhook_queue_state(*database_, queue).last + 1;
  row.event_id = body;
  row.body = body;
  row.created_ms = now().wall;
  store::add_webhook_delivery(*database_, row);
}

void Host::send_webhook(Session& session) {
  if (session.sending != 0) return;
  const auto queues = store::webhook_queues(*database_, session.id);
  if (queues.empty()) return;
  const auto row = store::next_webhook_delivery(*database_, store::webhook_id(queues[0].queue, 0));
  if (!row) return;
  session.sending = row->id;
  Random& random = environment_.random;
  const auto there = static_cast<Millis>(random.below(100)), back = static_cast<Millis>(random.below(100));
  const bool taken = random.below(5) != 0;
  environment_.timeline.after(there, [this, taken, row, name = session.name] {
    if (taken) environment_.ledger.webhooks[name].push_back({row->id, row->body});
  });
  environment_.timeline.after(there + back, [this, life = life_, taken, id = row->id, &session] {
    if (life != life_) return;
    post([this, taken, id, &session] {
      if (session.sending != id) return;  // a failed commit came between
      if (taken) store::add_webhook_outcome(*database_, {id, false, 1, "status 200", now().wall});
      session.sending = 0;
      session.touched = true;
    });
  });
}

// --- for looking at it ---

bool Host::online(const std::string& session) const {
  const auto found = sessions_.find(session);
  return found != sessions_.end() && found->second.state == engine::State::online;
}

std::optional<std::int64_t> Host::session_id(const std::string& session) const {
  const auto found = sessions_.find(session);
  return found == sessions_.end() ? std::nullopt : std::optional(found->second.id);
}

std::string Host::condition() const {
  if (!alive()) return name_ + " is down";
  std::string out;
  for (const auto& [key, session] : sessions_)
    out += key + " state " + std::to_string(static_cast<int>(session.state)) +
           (session.given_up ? " given up" : "") + "; ";
  return out;
}

}  // namespace pigeond::sim
