#include "gateway/session/queued.h"

#include <utility>

#include "engine/messages/out/send_causes.h"
#include "store/messages/messages.h"

namespace pigeond::gateway {
namespace {

// nullopt: it waits for the link; or it was accepted since its outbox was looked at.
std::optional<engine::Standing> standing_of(const ShownSession& session, std::int64_t seq) {
  if (session.outbox == nullptr) return std::nullopt;
  const auto found = session.outbox->find(seq);
  return found == session.outbox->end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

std::string_view state_name(QueuedMessage::State state) {
  switch (state) {
    case QueuedMessage::State::queued:
      return "queued";
    case QueuedMessage::State::held:
      return "held";
    case QueuedMessage::State::preparing:
      return "preparing";
    case QueuedMessage::State::sent:
      return "sent";
    case QueuedMessage::State::retrying:
      return "retrying";
  }
  return "queued";
}

QueuedMessage queued_message(const store::OutboxRow& row, const Forms& chat,
                             const std::optional<engine::Standing>& standing, SessionStatus status) {
  using State = QueuedMessage::State;
  QueuedMessage out;
  out.id = row.id;
  out.chat = chat.shown;
  out.chat_pn = chat.pn;
  out.chat_lid = chat.lid;
  out.since = row.created;
  out.expires = row.written ? 0 : row.expires;
  out.attempts = row.attempts;
  if (!row.cause.empty()) out.trouble = engine::trouble_named(row.cause, row.code);
  if (standing) out.held_until = standing->until;
  switch (standing ? standing->waiting : engine::Waiting::link) {
    case engine::Waiting::link:
      out.state = row.written ? State::sent : State::queued;
      out.status = status;
      break;
    case engine::Waiting::backlog:
      out.state = row.written ? State::sent : State::queued;
      out.why = "what came in while the session was away is read first";
      break;
    case engine::Waiting::order:
      out.state = State::queued;
      out.why = "another message to this chat goes first";
      break;
    case engine::Waiting::number:
      out.state = State::preparing;
      out.why = "asks whether the number is on WhatsApp";
      break;
    case engine::Waiting::group:
      out.state = State::preparing;
      out.why = "asks who is in the group";
      break;
    case engine::Waiting::devices:
      out.state = State::preparing;
      out.why = "asks for the recipient's devices";
      break;
    case engine::Waiting::keys:
      out.state = State::preparing;
      out.why = "asks for the keys of the recipient's devices";
      break;
    case engine::Waiting::pace:
      out.state = State::held;
      out.why = "first messages to people who never wrote are paced";
      break;
    case engine::Waiting::delay:
      out.state = State::retrying;
      out.why = "goes out again after a delay";
      break;
    case engine::Waiting::pause:
      out.state = State::held;
      out.why = "the service asked for fewer messages";
      break;
    case engine::Waiting::decision:
      out.state = State::retrying;
      out.why = "goes out again after the session's next login";
      break;
    case engine::Waiting::trust:
      out.state = State::retrying;
      out.why = "asks for a privacy token, and whether the account is locked";
      break;
    case engine::Waiting::progress:
      out.state = State::preparing;
      out.why = "is being prepared";
      break;
    case engine::Waiting::ack:
      out.state = State::sent;
      out.why = "not acknowledged yet";
      break;
  }
  return out;
}

std::vector<QueuedMessage> outbox_page(store::Database& database, const ShownSession& session,
                                       std::size_t limit, std::size_t offset) {
  std::vector<QueuedMessage> all;
  store::Messages messages(database, session.row);
  for (const auto& row : store::Outbox(database, session.row).page(limit, offset)) {
    const Forms chat = forms_of(database, session.row, row.chat.without_device());
    const auto standing = standing_of(session, row.seq);
    auto& shown = all.emplace_back(queued_message(row, chat, standing, session.info.status));
    if (!standing && session.outbox != nullptr && !row.written) {
      shown.why = "is looked at in a moment";
      shown.status.reset();
    }
    shown.told_chat = messages.told_chat(row.id, chat.shown, chat.lid);
    if (row.chat.is_group() && session.info.me) shown.author = session.info.me->pn;
  }
  return all;
}

}  // namespace pigeond::gateway
