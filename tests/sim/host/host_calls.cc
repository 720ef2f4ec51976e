// What people and programs ask of a process.
#include <algorithm>
#include <utility>

#include "api/waha/config/session_config.h"
#include "engine/messages/kinds/text.h"
#include "gateway/webhooks/shown.h"
#include "host/host.h"
#include "plan/plan.h"
#include "store/database/trouble.h"
#include "store/sessions.h"

namespace pigeond::sim {
namespace {

constexpr Millis kAgain = 5 * kSecond;  // after a disk failed

}  // namespace

void Host::create_sessions() {
  for (const auto& session : hosted_) create(session);
}

void Host::create(const HostedSession& session) {
  post([this, session] {
    auto config = api::waha::parse_session_config(session.config);
    if (!config) return environment_.ledger.broken.push_back("world: config: " + config.error().detail);
    core_->create(session.name, true, std::move(*config),
                  [this, session](const Result<gateway::SessionInfo>& created) {
                    if (created || created.cause() == Cause::already_exists) return;
                    environment_.timeline.after(kAgain, [this, session, life = life_] {
                      if (life == life_) create(session);
                    });
                  });
  });
}

void Host::join(const HostedSession& session) {
  hosted_.push_back(session);
  create(session);
}

void Host::send(const std::string& session, std::size_t index, const wire::Jid& to) {
  if (!alive()) return;  // connection refused
  Text& text = environment_.ledger.texts[index];
  ++text.requests;
  const std::uint64_t call = next_call_++;
  waiting_[call] = index;
  gateway::SendRequest request;
  request.session = session;
  request.to = to;
  if (text.key.empty()) request.id = text.id;
  request.idempotency_key = text.key;
  request.content = engine::text_content(text.body);
  request.expires_in = text.expires_in;
  request.queue = text.queue;
  request.async = text.async;
  post([this, call, index, request = std::move(request)] {
    core_->send(request, [this, call, index](const Result<gateway::SentMessage>& answer) {
      answered(call, index,
               answer && answer->failure ? Result<gateway::SentMessage>(*answer->failure) : answer);
    });
  });
}

void Host::answered(std::uint64_t call, std::size_t index, const Result<gateway::SentMessage>& answer) {
  const std::string outcome = !answer           ? std::string(cause_name(answer.cause()))
                              : answer->pending ? "queued"
                                                : "sent";
  Text& text = environment_.ledger.texts[index];
  if (!leaves("answers the sender of '" + text.body + "': " + outcome)) return;
  if (waiting_.erase(call) == 0)
    environment_.ledger.broken.push_back("answers: a call for '" + text.body + "' is answered twice");
  ++text.answers;
  if (!answer) {
    text.refused = answer.error();
    if (answer.cause() == Cause::storage) ++text.storage_refusals;
    return;
  }
  if (!text.key.empty() && !text.id.empty() && text.id != answer->id)
    environment_.ledger.broken.push_back("idempotency: '" + text.body + "' is " + text.id + " and " +
                                         answer->id);
  text.id = answer->id;
  text.refused.reset();  // what an earlier call met is not what this text ends with
  if (!std::exchange(text.accepted, true)) text.accepted_at = environment_.timeline.now().wall;
  if (!answer->pending) text.confirmed = true;
}

void Host::cancel(const std::string& session, std::size_t index) {
  post([this, session, index] {
    environment_.ledger.texts[index].cancelled = true;
    const std::string id = environment_.ledger.texts[index].id;
    if (id.empty()) return;  // its caller has no answer yet
    core_->cancel_message(session, id, [this, index](const Result<bool>& done) {
      Text& text = environment_.ledger.texts[index];
      if (leaves("answers who cancels '" + text.body +
                 "': " + (done ? "done" : std::string(cause_name(done.cause())))) &&
          done)
        text.taken_back = true;
    });
  });
}

void Host::stop(const std::string& session) {
  post([this, session] { core_->stop(session, [](const Result<gateway::SessionInfo>&) {}); });
}

void Host::start(const std::string& session) {
  post([this, session] { core_->start(session, [](const Result<gateway::SessionInfo>&) {}); });
}

void Host::meet(const std::string& session, const std::vector<LifeCall>& calls) {
  if (!alive()) return;
  const auto hosted = std::find_if(hosted_.begin(), hosted_.end(),
                                   [&](const HostedSession& each) { return each.name == session; });
  if (hosted == hosted_.end()) return;
  environment_.ledger.life[session].asked += static_cast<int>(calls.size());
  // The process may end before it hears of them, or before it has answered.
  post([this, session, config = hosted->config, calls] {
    for (const LifeCall call : calls) {
      const std::uint64_t order = environment_.ledger.next_order++;
      // What a name asks of a session that was removed and is there no more is not about its life.
      const auto answered = [this, session, call, order,
                             done = std::make_shared<bool>(false)](bool accepted) {
        if (!leaves(std::string("answers ") + call_name(call) + " of " + session +
                    (accepted ? "" : ": refused")))
          return;
        if (std::exchange(*done, true))
          environment_.ledger.broken.push_back(std::string("answers: ") + call_name(call) + " of " + session +
                                               " is answered twice");
        LifeCalls& life = environment_.ledger.life[session];
        ++life.answered;
        if (!accepted || call == LifeCall::configure || order < life.last_order) return;
        life.last_order = order;
        life.last = call;
      };
      const auto info = [answered](const Result<gateway::SessionInfo>& result) { answered(result.ok()); };
      auto parsed = api::waha::parse_session_config(config);
      switch (call) {
        case LifeCall::start:
          core_->start(session, info);
          break;
        case LifeCall::stop:
          core_->stop(session, info);
          break;
        case LifeCall::restart:
          core_->restart(session, info);
          break;
        case LifeCall::logout:
          core_->logout(session, false, info);
          break;
        case LifeCall::remove:
          core_->remove(session, false,
                        [answered](const Result<gateway::Departure>& result) { answered(result.ok()); });
          break;
        case LifeCall::create:
          core_->create(session, true, std::move(*parsed), info);
          break;
        case LifeCall::configure:
          core_->update(session, std::move(*parsed), info);
          break;
      }
    }
  });
}

void Host::poison(const std::string& session, Poison what, Millis span) {
  post([this, session, what] {
    const auto id = session_id(session);
    if (!id) return;
    environment_.ledger.poisoned[session] = environment_.timeline.now().wall;
    const std::string row = std::to_string(*id);
    if (what != Poison::credentials) {
      core_->database()
          .prepare("CREATE TRIGGER IF NOT EXISTS poison_" + row +
                   " BEFORE INSERT ON message WHEN NEW.session_id = " + row + " AND NEW.from_me = " +
                   (what == Poison::outgoing ? "1" : "0") + " BEGIN SELECT RAISE(ABORT, 'poison'); END")
          .run();
      return;
    }
    core_->database()
        .prepare(
            "UPDATE credentials SET pn = 'xx' || replace(pn, '@', '%') WHERE pn <> '' AND pn NOT LIKE 'xx%' "
            "AND session_id = " +
            row)
        .run();
    core_->restart(session, [](const Result<gateway::SessionInfo>&) {});
  });
  environment_.timeline.after(span, [this, session] {
    cure();
    start(session);
  });
}

void Host::cure() {
  if (!alive()) return;
  post([this] {
    std::vector<std::string> triggers;
    {
      auto rows = core_->database().prepare(
          "SELECT name FROM sqlite_schema WHERE name LIKE 'poison\\_%' ESCAPE '\\'");
      while (rows.step()) triggers.push_back(rows.text(0));
    }
    for (const auto& trigger : triggers) core_->database().prepare("DROP TRIGGER " + trigger).run();
    core_->database()
        .prepare("UPDATE credentials SET pn = replace(substr(pn, 3), '%', '@') WHERE pn LIKE 'xx%'")
        .run();
  });
}

// The steps of store::recover, with this world's files.
Result<store::Recovery> Host::recover(store::DatabaseLock&, Millis, const std::string& suspicion) {
  receiver_.begin_life();  // a database that was let go says again what it had not noted
  store::Recovery out;
  out.checked = true;
  Disk& disk = environment_.disk;
  if (!disk.damaged()) return out;
  out.reason = suspicion;
  if (!disk.exists(backup_file())) return store::damage_error("there is no backup");
  note("is set back to its backup");
  disk.set_damaged(false);
  const std::string copy = path_ + ".restoring";
  for (const char* part : {"", "-wal"}) disk.copy(backup_file() + part, copy + part);
  {
    PIGEOND_TRY(const auto database, store::Database::open(copy));
    database->begin();
    store::SessionTable(*database).forget_ratchets();
    PIGEOND_CHECK(database->commit());
  }
  for (const char* part : {"", "-wal"}) disk.copy(copy + part, path_ + part);
  out.restored = true;
  return out;
}

void Host::back_up() {
  for (const char* part : {"", "-wal"}) environment_.disk.copy(path_ + part, backup_file() + part);
}

void Host::damage() {
  environment_.disk.set_damaged(true);
  if (alive()) post([this] { core_->database().prepare("PRAGMA shrink_memory").run(); });
}

void Host::inspect() {
  if (!alive()) return;
  post([this] {
    if (dead_ || environment_.disk.stopped() || !core_->is_started()) return;  // a look would wait for it
    const auto sessions = core_->views().sessions();
    for (const auto& info : *sessions) {
      if (core_->storage().damaged && info.status == gateway::SessionStatus::working)
        environment_.ledger.broken.push_back("damage: " + info.name +
                                             " is WORKING, and nothing can be stored");
      if (info.status != gateway::SessionStatus::starting) continue;
      if (!info.cause || !info.next || info.next->at < clock_.now().wall - kSecond)
        environment_.ledger.broken.push_back("starting: " + info.name + " says neither why nor until when");
    }
  });
}

void Host::call_for_help() {
  using enum gateway::SessionStatus;
  for (const auto& hosted : hosted_) {
    const bool gone = alive() && !session_id(hosted.name);
    const auto found = statuses_.find(hosted.name);
    // Of one that was removed, and made and stopped again in one tick, nothing was told.
    const auto shown =
        alive() ? core_->views().session(hosted.name) : Result<gateway::SessionInfo>(fail(Cause::internal));
    const bool rests = shown && shown->status == stopped;
    if (!gone && !rests && found != statuses_.end() && found->second != failed && found->second != stopped)
      continue;
    note("a person starts " + hosted.name);
    if (gone)
      create(hosted);  // it was removed
    else
      start(hosted.name);
  }
}

void Host::replay_letters() {
  for (const auto& hosted : hosted_) {
    post([this, session = hosted.name] {
      core_->replay(session, gateway::ReplayRange{}, [this, session](const Result<gateway::Replayed>&) {
        const auto row = session_id(session);
        if (dead_ || !row) return;
        // Over the gateway's own connection: this world's disk is no file that another one could open.
        const gateway::DeliveryFilter pending{gateway::DeliveryState::pending, "", 0, 1000};
        for (const auto& letter : gateway::shown_deliveries(core_->database(), {}, *row, pending))
          if (letter.replay_of != 0) environment_.ledger.replayed[session].insert(letter.replay_of);
      });
    });
  }
}

}  // namespace pigeond::sim
