// The way of a message out, a turn of it: refused for lack of trust, it goes out once more under its id if
// trust.h has found something that may help, and ends with the cause if not.
#include "engine/messages/outgoing.h"
#include "wire/codec.h"

namespace pigeond::engine {

void Outgoing::distrusted(Job& job, int code, std::int64_t timestamp) {
  const std::int64_t seq = job.seq;
  const auto bytes = desk_.outbox.stanza(seq);
  auto stanza = bytes ? wire::decode(*bytes) : Result<wire::Node>(trust_.cause(code));
  if (job.distrusted || !stanza) return finish(seq, Result<int>(trust_.cause(code)), timestamp);
  job.distrusted = job.in_question = true;
  job.written = false;  // no further ack is due
  trust_.refused(code, *stanza, [this, seq, code, timestamp, stanza = *stanza](const Status& hope) {
    Job* refused = jobs_.find(seq);
    if (refused == nullptr) return;
    refused->in_question = false;
    if (!hope) return finish(seq, Result<int>(hope.error()), timestamp);
    if (!present_again(*refused, stanza)) finish(seq, Result<int>(trust_.cause(code)), timestamp);
  });
}

// The ciphertexts stay as they are, only the token is another; unless the contact is to be addressed
// otherwise. False: it would go out as it was.
bool Outgoing::present_again(Job& job, const wire::Node& stanza) {
  const Destination destination = destination_of(job);
  if (stanza.jid("to") != destination.to) {
    prepare_again(job);
    return true;
  }
  auto token = desk_.tokens.node_for(destination.to);
  if (!token || token->bytes() == presented_token(stanza)) return false;
  wire::Node renewed(stanza.tag, stanza.attributes);
  for (const auto& child : stanza.children())
    if (child.tag != "tctoken" && child.tag != "cstoken") renewed.add(child);
  renewed.add(std::move(*token));
  const bool at_once = online_ && !paused();  // else resume() writes it
  desk_.outbox.set_stanza(job.seq, wire::encode(renewed), job.phash, job.attempts + (at_once ? 1 : 0));
  if (at_once) write(job, renewed);
  return true;
}

}  // namespace pigeond::engine
