// What callers ask of the gateway, on the loop thread.
#include <utility>

#include "base/limits.h"
#include "base/log.h"
#include "gateway/core.h"
#include "gateway/session_name.h"

namespace pigeond::gateway {
namespace {

Error stopping() {
  return fail(Cause::shutting_down, "the gateway is stopping");
}

}  // namespace

Session* Core::find(const std::string& name) {
  auto found = sessions_.find(name);
  if (found == sessions_.end() && loading_ && is_session_name(name)) {
    if (const auto row = table_.find(name)) load(*row);
    found = sessions_.find(name);
  }
  return found == sessions_.end() || found->second->is_gone() ? nullptr : found->second.get();
}

// Why it is not found. Which there are nobody knows while the database is damaged from the start on, or can't
// be read yet.
Error Core::not_found(const std::string& name) const {
  if (mending_.under_way()) return storage_.failure();
  if (loading_ && database_->failed()) return database_->failure();
  return no_session(name);
}

// Whom a call may be made to; nullptr: it is answered.
template <typename T>
Session* Core::find_for(const std::string& name, Reply<T>& reply) {
  if (shutting_down_) {
    answer<T>(std::move(reply), stopping());
    return nullptr;
  }
  Session* session = find(name);
  if (session == nullptr) answer<T>(std::move(reply), not_found(name));
  return session;
}

// The reply shows the session as it is after the tick.
void Core::reply_info(const std::string& name, Reply<SessionInfo> reply) {
  after_commit([this, name, reply = std::move(reply)](const Status& committed) {
    if (!committed) return reply(committed.error());
    reply(info_of(name));
  });
}

Result<SessionInfo> Core::info_of(const std::string& name) {
  Session* session = find(name);
  if (session == nullptr) return no_session(name);
  return session->whole_info();
}

void Core::with(const std::string& name, Reply<SessionInfo> reply,
                const std::function<void(Session&)>& work) {
  Session* session = find_for(name, reply);
  if (session == nullptr) return;
  work(*session);
  reply_info(name, std::move(reply));
}

void Core::create(const std::string& wanted, bool start, SessionConfig config, Reply<SessionInfo> reply) {
  const std::string name = wanted.empty() ? made_session_name(loop_.now().wall, random_) : wanted;
  if (!is_session_name(name)) {
    return answer<SessionInfo>(
        std::move(reply),
        fail(Cause::bad_input, Field::session_name, "must be 1 to 54 characters of a-z, A-Z, 0-9, _ and -"));
  }
  if (shutting_down_) return answer<SessionInfo>(std::move(reply), stopping());
  if (find(name) != nullptr || sessions_.contains(name)) {
    return answer<SessionInfo>(std::move(reply),
                               fail(Cause::already_exists, "Session '" + name + "' already exists"));
  }
  if (mending_.under_way()) return answer<SessionInfo>(std::move(reply), storage_.failure());
  if ((loading_ ? table_.count() : sessions_.size()) >= limits::kSessions) {
    return answer<SessionInfo>(std::move(reply), fail(Cause::rate_limited, "there are too many sessions"));
  }
  store::SessionRow row{0, name, config.raw, start, loop_.now().wall};
  row.id = table_.create(row);
  Session& session = add(row, std::move(config));
  created_.push_back(name);
  if (start)
    session.call(LifeEvent::start);
  else
    touched(session);
  log::info("session created", {{"session", name}});
  reply_info(name, std::move(reply));
}

void Core::update(const std::string& name, SessionConfig config, Reply<SessionInfo> reply) {
  Session* session = find_for(name, reply);
  if (session == nullptr) return;
  session->update(std::move(config));
  // From within its turn: what is rolled back with its part of the tick is not answered as done.
  session->later([this, name, reply = std::move(reply)]() mutable { reply_info(name, std::move(reply)); });
}

void Core::remove(const std::string& name, bool force, Reply<Departure> reply) {
  if (!shutting_down_ && find(name) == nullptr) return answer<Departure>(std::move(reply), Departure{});
  if (Session* session = find_for(name, reply))
    session->part(force ? LifeEvent::force_remove : LifeEvent::remove, std::move(reply));
}

void Core::start(const std::string& name, Reply<SessionInfo> reply) {
  with(name, std::move(reply), [](Session& session) { session.call(LifeEvent::start); });
}

void Core::stop(const std::string& name, Reply<SessionInfo> reply) {
  with(name, std::move(reply), [](Session& session) { session.call(LifeEvent::stop); });
}

void Core::restart(const std::string& name, Reply<SessionInfo> reply) {
  with(name, std::move(reply), [](Session& session) { session.call(LifeEvent::restart); });
}

void Core::logout(const std::string& name, bool force, Reply<SessionInfo> reply) {
  Session* session = find_for(name, reply);
  if (session == nullptr) return;
  session->part(force ? LifeEvent::force_logout : LifeEvent::logout,
                [this, name, reply = std::move(reply)](const Result<Departure>& departure) {
                  if (!departure) return reply(departure.error());
                  auto info = info_of(name);
                  if (info) info->departure = *departure;
                  reply(std::move(info));
                });
}

void Core::qr(const std::string& name, Millis wait, Reply<Qr> reply) {
  if (Session* session = find_for(name, reply)) session->qr(wait, std::move(reply));
}

void Core::send(SendRequest request, Reply<SentMessage> reply) {
  Session* session = find_for(request.session, reply);
  if (session == nullptr) return;
  // While nothing can be stored nothing is accepted, whatever state the session is in.
  if (storage_.failing()) return answer<SentMessage>(std::move(reply), storage_.failure());
  session->send(std::move(request), options_.call_deadline, std::move(reply));
}

void Core::cancel_message(const std::string& session, const std::string& id, Reply<bool> reply) {
  if (Session* found = find_for(session, reply)) found->cancel_message(id, std::move(reply));
}

void Core::ask(const std::string& session, Asking asking, Reply<Found> reply) {
  if (Session* found = find_for(session, reply))
    found->ask(std::move(asking), options_.call_deadline, std::move(reply));
}

void Core::begin_stream(Reply<std::int64_t> reply) {
  if (shutting_down_) return answer<std::int64_t>(std::move(reply), stopping());
  if (mending_.under_way()) return answer<std::int64_t>(std::move(reply), storage_.failure());
  journal_.stream_begins(loop_.now().wall);
  after_commit([this, reply = std::move(reply)](const Status& committed) {
    if (!committed) return reply(committed.error());
    reply(journal_.committed_last());
  });
}

void Core::replay(const std::string& session, std::int64_t id, const std::string& to_url,
                  Reply<DeliveryInfo> reply) {
  const Session* found = find(session);
  if (found == nullptr) return answer<DeliveryInfo>(std::move(reply), not_found(session));
  const auto repeated = webhooks_.replay(found->id(), id, to_url);
  if (!repeated) return answer<DeliveryInfo>(std::move(reply), repeated.error());
  answer(std::move(reply), webhooks_.delivery(found->id(), *repeated));
}

void Core::replay(const std::string& session, const ReplayRange& range, Reply<Replayed> reply) {
  const Session* found = find(session);
  if (found == nullptr) return answer<Replayed>(std::move(reply), not_found(session));
  answer(std::move(reply), webhooks_.replay(found->id(), range));
}

}  // namespace pigeond::gateway
