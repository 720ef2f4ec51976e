// The way of a message out, a turn of it: refused for lack of trust, it goes out again under its id if
// trust.h has found something that may help, and ends with the cause if not.
#include "engine/messages/out/outgoing.h"
#include "wire/codec.h"

namespace pigeond::engine {

// That it was refused is stored, so that a restart of the process makes no blind retry of it.
void Outgoing::distrusted(Job& job, int code, std::int64_t timestamp) {
  job.troubled = true;
  job.trouble = trust_.cause(code);
  job.distrust.in_question = true;
  job.written = false;  // no further ack is due
  desk_.outbox.set_trouble(job.seq, job.attempts, job.renewals, cause_name(job.trouble.cause), code);
  desk_.outbox.set_distrust(job.seq, job.distrust, job.form);
  ask_trust(job, timestamp);
}

// Refused for lack of trust, and then as malformed at the other address: that one is none of theirs. With
// anything else than trust the first address would be tried again blindly.
bool Outgoing::distrusts_still(const Job& job, int code) const {
  return job.troubled && Trust::judges(job.trouble.code) && job.distrust.other_form &&
         send_cause_of(code).remedy == Remedy::renew_chat;
}

void Outgoing::ask_trust(Job& job, std::int64_t timestamp) {
  const std::int64_t seq = job.seq;
  const int code = job.trouble.code;
  const auto bytes = desk_.outbox.stanza(seq);
  const auto stanza = bytes ? wire::decode(*bytes) : Result<wire::Node>(Error(job.trouble));
  if (!stanza) return finish(seq, Result<int>(Error(job.trouble)), timestamp);
  trust_.refused(code, *stanza, job.distrust,
                 [this, seq, code, timestamp, stanza = *stanza](const Result<Trust::Remedy>& hope) {
                   Job* refused = jobs_.find(seq);
                   if (refused == nullptr || !refused->distrust.in_question) return;
                   if (!hope) return finish(seq, Result<int>(hope.error()), timestamp);
                   if (!present_again(*refused, stanza, *hope))
                     finish(seq, Result<int>(trust_.cause(code)), timestamp);
                 });
}

// The process ended before it was found out.
void Outgoing::ask_trust_anew() {
  for (const auto seq : jobs_.in_order())
    if (Job* job = jobs_.find(seq); job != nullptr && job->distrust.in_question) ask_trust(*job, 0);
}

// Only the token is another, unless the contact is to be addressed otherwise. With a token that was not there
// before the usual form has a chance again. False: it would go out as it was.
bool Outgoing::present_again(Job& job, const wire::Node& stanza, Trust::Remedy remedy) {
  const wire::Jid before = stanza.jid("to").value_or(wire::Jid());
  const bool readdressed = remedy == Trust::Remedy::other_form;
  job.form = readdressed ? other_form_of(desk_, before).value_or(AddressForm::usual) : AddressForm::usual;
  const Destination destination = destination_of(job);
  const bool moved = before != destination.to;
  const auto token = desk_.tokens.node_for(destination.to);
  if (!moved && (!token || token->bytes() == presented_token(stanza))) return false;
  job.distrust.in_question = false;
  job.distrust.other_token |= remedy == Trust::Remedy::other_token;
  job.distrust.other_form |= readdressed;
  job.distrust.awaited_token |= remedy == Trust::Remedy::awaited_token;
  desk_.outbox.set_distrust(job.seq, job.distrust, job.form);
  tell_trouble(job, {readdressed ? HealingStep::other_form : HealingStep::present_token, 0});
  if (moved)
    prepare_again(job);
  else if (online_ && !paused())  // else resume() writes it
    write_stored(job, stanza, destination.to);
  return true;
}

}  // namespace pigeond::engine
