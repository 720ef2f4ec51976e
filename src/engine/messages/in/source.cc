#include "engine/messages/in/source.h"

namespace pigeond::engine {
namespace {

wire::Jid with_base_server(wire::Jid jid) {
  if (jid.server == wire::server::kHosted) jid.server = wire::server::kUser;
  if (jid.server == wire::server::kHostedLid) jid.server = wire::server::kLid;
  return jid;
}

bool is_person(const wire::Jid& jid) {
  return with_base_server(jid).is_user();
}

Status read_direct(Desk& desk, const wire::Node& message, Source& source) {
  source.sender = with_base_server(source.from);
  source.from_me = desk.lids.is_own(source.from);
  const auto recipient = message.jid("recipient");
  if (!source.from_me) {
    if (recipient && !recipient->is_bot()) return fail(Cause::malformed, "recipient");
    source.chat = source.sender.without_device();
    return {};
  }
  source.chat_known = recipient.has_value();
  source.chat = with_base_server(recipient.value_or(source.from)).without_device();
  return {};
}

}  // namespace

void learn_pairs(Desk& desk, const wire::Node& stanza) {
  using Seen = LidDirectory::Seen;
  const Seen seen = stanza.tag == "message" ? Seen::directly : Seen::in_passing;
  const auto participant = stanza.jid("participant");
  if (participant && is_person(*participant)) {
    desk.lids.learn(*participant, stanza.jid("participant_lid"), Seen::in_passing);
    desk.lids.learn(*participant, stanza.jid("participant_pn"), Seen::in_passing);
  }
  const auto from = stanza.jid("from");
  if (from && is_person(*from)) {
    desk.lids.learn(*from, stanza.jid("sender_lid"), seen);
    desk.lids.learn(*from, stanza.jid("sender_pn"), seen);
  }
  const auto recipient = stanza.jid("recipient");
  if (recipient && is_person(*recipient)) {
    for (const char* name : {"recipient_lid", "recipient_pn", "peer_recipient_lid", "peer_recipient_pn"})
      desk.lids.learn(*recipient, stanza.jid(name), seen);
  }
}

Result<Source> read_source(Desk& desk, const wire::Node& message) {
  Source source;
  source.id = message.attr("id");
  const auto from = message.jid("from");
  if (source.id.empty() || !from) return fail(Cause::malformed, "id or from");
  source.from = *from;
  source.timestamp = static_cast<std::int64_t>(message.number("t").value_or(0));
  if (source.timestamp <= 0) source.timestamp = desk.context.server_seconds();
  source.offline = message.has("offline");
  source.peer = message.is("category", "peer");
  source.edit = message.attr("edit");
  learn_pairs(desk, message);
  if (from->is_group() || from->is_broadcast()) {
    const auto participant = message.jid("participant");
    if (!participant) return fail(Cause::malformed, "participant");
    source.chat = *from;
    source.sender = with_base_server(*participant);
    source.from_me = desk.lids.is_own(*participant);
  } else if (is_person(*from)) {
    PIGEOND_CHECK(read_direct(desk, message, source));
  } else {
    source.chat = source.sender = *from;  // newsletters, bots, the service itself
  }
  if (source.peer && !source.from_me) return fail(Cause::malformed, "category");
  return source;
}

}  // namespace pigeond::engine
