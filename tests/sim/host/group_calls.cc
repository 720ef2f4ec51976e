// What people and programs ask of a process about groups.
#include <utility>

#include "engine/groups/membership.h"
#include "host/host.h"

namespace pigeond::sim {

void Host::say(gateway::SendRequest request, std::size_t index) {
  if (!alive()) return;  // connection refused
  post([this, index, request = std::move(request)] {
    core_->send(request, [this, index](const Result<gateway::SentMessage>& told) {
      const Result<gateway::SentMessage> answer =
          told && told->failure ? Result<gateway::SentMessage>(*told->failure) : told;
      Utterance& said = environment_.ledger.said[index];
      if (!leaves("answers who said " + said.id + ": " +
                  (!answer           ? std::string(cause_name(answer.cause()))
                   : answer->pending ? "queued"
                                     : "sent")))
        return;
      if (!answer) {
        said.refused = answer.error();
        return;
      }
      said.refused.reset();
      said.accepted = true;
      if (!answer->pending) said.confirmed = true;
    });
  });
}

void Host::change_members(const std::string& session, const wire::Jid& group, engine::MemberChange change,
                          const wire::Jid& whom) {
  post([this, session, group, change, whom] {
    using Results = std::vector<engine::MemberResult>;
    core_->ask(session,
               gateway::asking<Results>(
                   "",
                   [group, change, whom](engine::Desk& desk, engine::Answered<Results> answered) {
                     engine::change_members(desk, group, change, {whom}, std::move(answered));
                   }),
               [](const Result<gateway::Found>&) {});
  });
}

void Host::leave_group(const std::string& session, const wire::Jid& group) {
  post([this, session, group] {
    core_->ask(session,
               gateway::asking<bool>("",
                                     [group](engine::Desk& desk, engine::Answered<bool> answered) {
                                       engine::leave_group(desk, group, std::move(answered));
                                     }),
               [](const Result<gateway::Found>&) {});
  });
}

}  // namespace pigeond::sim
