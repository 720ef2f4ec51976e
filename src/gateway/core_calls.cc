// What callers ask of the gateway, on the loop thread.
#include <utility>

#include "base/limits.h"
#include "base/log.h"
#include "gateway/core.h"
#include "gateway/session_config.h"

namespace pigeond::gateway {
namespace {

Error no_session(const std::string& name) {
  return fail(Cause::not_found, "Session \"" + name + "\" does not exist");
}

}  // namespace

Session* Core::find(const std::string& name) {
  const auto found = sessions_.find(name);
  return found == sessions_.end() ? nullptr : found->second.get();
}

// The reply shows the session as it is after the tick.
void Core::reply_info(const std::string& name, Reply<SessionInfo> reply) {
  after_commit([this, name, reply = std::move(reply)](const Status& committed) {
    if (!committed) return reply(committed.error());
    Session* session = find(name);
    if (session == nullptr) return reply(no_session(name));
    SessionInfo info = session->info();
    info.health = session->health(true);
    info.health->webhooks = webhooks_.health(session->id());
    reply(std::move(info));
  });
}

void Core::with(const std::string& name, Reply<SessionInfo> reply,
                const std::function<void(Session&)>& work) {
  if (Session* session = find(name)) work(*session);
  reply_info(name, std::move(reply));
}

void Core::list(Reply<std::vector<SessionInfo>> reply) {
  after_commit([this, reply = std::move(reply)](const Status&) {
    std::vector<SessionInfo> all;
    for (const auto& [name, session] : sessions_) all.push_back(session->info());
    reply(std::move(all));
  });
}

void Core::get(const std::string& name, Reply<SessionInfo> reply) {
  with(name, std::move(reply), [](Session&) {});
}

void Core::create(const std::string& name, bool start, SessionConfig config, Reply<SessionInfo> reply) {
  if (auto valid = check_session_name(name); !valid)
    return answer<SessionInfo>(std::move(reply), valid.error());
  if (find(name) != nullptr) {
    return answer<SessionInfo>(std::move(reply),
                               fail(Cause::already_exists, "Session '" + name + "' already exists"));
  }
  if (sessions_.size() >= limits::kSessions) {
    return answer<SessionInfo>(std::move(reply), fail(Cause::rate_limited, "there are too many sessions"));
  }
  store::SessionRow row{0, name, config.raw, start, loop_.now().wall};
  row.id = table_.create(row);
  Session& session = add(row, std::move(config));
  touched(session);
  if (start) session.launch(0);
  log::info("session created", {{"session", name}});
  reply_info(name, std::move(reply));
}

void Core::update(const std::string& name, SessionConfig config, Reply<SessionInfo> reply) {
  with(name, std::move(reply), [&](Session& session) {
    table_.set_config(session.id(), config.raw);
    session.set_config(std::move(config));
    touched(session);
    if (session.should_run()) session.restart();
  });
}

void Core::remove(const std::string& name, Reply<bool> reply) {
  Session* session = find(name);
  if (session == nullptr) return answer<bool>(std::move(reply), true);
  table_.set_running(session->id(), false);
  session->remove([this, session, reply = std::move(reply)] {
    table_.remove(session->id());
    leaving_.push_back(session->name());
    answer<bool>(reply, true);
  });
}

void Core::start(const std::string& name, Reply<SessionInfo> reply) {
  with(name, std::move(reply), [this](Session& session) {
    table_.set_running(session.id(), true);
    session.launch(0);
  });
}

void Core::stop(const std::string& name, Reply<SessionInfo> reply) {
  with(name, std::move(reply), [this](Session& session) {
    table_.set_running(session.id(), false);
    session.stop();
  });
}

void Core::restart(const std::string& name, Reply<SessionInfo> reply) {
  with(name, std::move(reply), [this](Session& session) {
    table_.set_running(session.id(), true);
    session.restart();
  });
}

void Core::logout(const std::string& name, Reply<SessionInfo> reply) {
  Session* session = find(name);
  if (session == nullptr) return answer<SessionInfo>(std::move(reply), no_session(name));
  session->logout([this, name, reply = std::move(reply)] { reply_info(name, reply); });
}

void Core::qr(const std::string& name, Millis wait, Reply<Qr> reply) {
  Session* session = find(name);
  if (session == nullptr) return answer<Qr>(std::move(reply), no_session(name));
  session->qr(wait, std::move(reply));
}

void Core::send_text(TextRequest request, Reply<SentMessage> reply) {
  Session* session = find(request.session);
  if (session == nullptr) return answer<SentMessage>(std::move(reply), no_session(request.session));
  // While nothing can be stored nothing is accepted, whatever state the session is in.
  if (storage_.failing()) return answer<SentMessage>(std::move(reply), storage_.failure());
  session->send_text(std::move(request), options_.call_deadline, std::move(reply));
}

void Core::outbox(const std::string& session, std::size_t limit, std::size_t offset,
                  Reply<std::vector<QueuedMessage>> reply) {
  after_commit([this, session, limit, offset, reply = std::move(reply)](const Status&) {
    Session* found = find(session);
    reply(found != nullptr ? Result<std::vector<QueuedMessage>>(found->outbox(limit, offset))
                           : Result<std::vector<QueuedMessage>>(no_session(session)));
  });
}

void Core::cancel_message(const std::string& session, const std::string& id, Reply<bool> reply) {
  Session* found = find(session);
  if (found == nullptr) return answer<bool>(std::move(reply), no_session(session));
  found->cancel_message(id, std::move(reply));
}

void Core::check_number(const std::string& session, const std::string& digits, Reply<NumberStatus> reply) {
  Session* found = find(session);
  if (found == nullptr) return answer<NumberStatus>(std::move(reply), no_session(session));
  found->check_number(digits, options_.call_deadline, std::move(reply));
}

void Core::deliveries(const std::string& session, const DeliveryFilter& filter,
                      Reply<std::vector<DeliveryInfo>> reply) {
  const Session* found = find(session);
  if (found == nullptr) return answer<std::vector<DeliveryInfo>>(std::move(reply), no_session(session));
  answer<std::vector<DeliveryInfo>>(std::move(reply), webhooks_.deliveries(found->id(), filter));
}

void Core::delivery(const std::string& session, std::int64_t id, Reply<DeliveryInfo> reply) {
  const Session* found = find(session);
  if (found == nullptr) return answer<DeliveryInfo>(std::move(reply), no_session(session));
  answer(std::move(reply), webhooks_.delivery(found->id(), id));
}

void Core::webhook_totals(Reply<WebhookTotals> reply) {
  answer<WebhookTotals>(std::move(reply), webhooks_.totals());
}

void Core::replay(const std::string& session, std::int64_t id, const std::string& to_url,
                  Reply<DeliveryInfo> reply) {
  const Session* found = find(session);
  if (found == nullptr) return answer<DeliveryInfo>(std::move(reply), no_session(session));
  const auto repeated = webhooks_.replay(found->id(), id, to_url);
  if (!repeated) return answer<DeliveryInfo>(std::move(reply), repeated.error());
  answer(std::move(reply), webhooks_.delivery(found->id(), *repeated));
}

void Core::replay(const std::string& session, const ReplayRange& range, Reply<Replayed> reply) {
  const Session* found = find(session);
  if (found == nullptr) return answer<Replayed>(std::move(reply), no_session(session));
  answer(std::move(reply), webhooks_.replay(found->id(), range));
}

}  // namespace pigeond::gateway
