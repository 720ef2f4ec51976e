// What people and programs ask of a process.
#include <utility>

#include "gateway/session_config.h"
#include "host.h"

namespace pigeond::sim {
namespace {

constexpr Millis kAgain = 5 * kSecond;  // after a disk failed

}  // namespace

void Host::create_sessions() {
  for (const auto& session : hosted_) create(session);
}

void Host::create(const HostedSession& session) {
  post([this, session] {
    auto config = gateway::parse_session_config(session.config);
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
  gateway::TextRequest request;
  request.session = session;
  request.to = to;
  if (text.key.empty()) request.id = text.id;
  request.idempotency_key = text.key;
  request.text = text.body;
  request.expires_in = text.expires_in;
  request.queue = text.queue;
  request.async = text.async;
  post([this, call, index, request = std::move(request)] {
    core_->send_text(request, [this, call, index](const Result<gateway::SentMessage>& answer) {
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
  if (!std::exchange(text.accepted, true)) text.accepted_at = environment_.timeline.now().wall;
  if (!answer->pending) text.confirmed = true;
}

void Host::cancel(const std::string& session, std::size_t index) {
  post([this, session, index] {
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

void Host::call_for_help() {
  using enum gateway::SessionStatus;
  for (const auto& hosted : hosted_) {
    const auto found = statuses_.find(hosted.name);
    if (found != statuses_.end() && found->second != failed && found->second != stopped) continue;
    note("a person starts " + hosted.name);
    start(hosted.name);
  }
}

void Host::replay_letters() {
  for (const auto& hosted : hosted_) {
    post([this, session = hosted.name] {
      core_->replay(session, gateway::ReplayRange{}, [](const Result<gateway::Replayed>&) {});
      const gateway::DeliveryFilter pending{gateway::DeliveryState::pending, "", 0, 1000};
      core_->deliveries(session, pending,
                        [this, session](const Result<std::vector<gateway::DeliveryInfo>>& letters) {
                          if (!letters) return;
                          for (const auto& letter : *letters)
                            if (letter.replay_of != 0)
                              environment_.ledger.replayed[session].insert(letter.replay_of);
                        });
    });
  }
}

}  // namespace pigeond::sim
