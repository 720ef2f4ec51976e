// What waits in one session's outbox, as it is shown.
#include <utility>

#include "engine/messages/out/send_causes.h"
#include "gateway/session/sends.h"
#include "store/messages/messages.h"

namespace pigeond::gateway {

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

QueuedMessage Sends::queued_message(const store::OutboxRow& row, const Forms& chat) {
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
  const auto standing = account_.engine() != nullptr ? account_.engine()->standing(row.id) : std::nullopt;
  if (standing) out.held_until = standing->until;
  switch (standing ? standing->waiting : engine::Waiting::link) {
    case engine::Waiting::link:
      out.state = row.written ? State::sent : State::queued;
      out.why = account_.status_text();
      break;
    case engine::Waiting::order:
      out.state = State::queued;
      out.why = "another message to this chat goes first";
      break;
    case engine::Waiting::number:
      out.state = State::preparing;
      out.why = "asks whether the number is on WhatsApp";
      break;
    case engine::Waiting::devices:
      out.state = State::preparing;
      out.why = "asks for the recipient's devices";
      break;
    case engine::Waiting::keys:
      out.state = State::preparing;
      out.why = "asks for the keys of the recipient's devices";
      break;
    case engine::Waiting::token:
      out.state = State::preparing;
      out.why = "asks for the recipient's privacy token";
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

std::vector<QueuedMessage> Sends::outbox(std::size_t limit, std::size_t offset) {
  std::vector<QueuedMessage> all;
  store::Messages messages(account_.database(), account_.id());
  for (const auto& row : store::Outbox(account_.database(), account_.id()).page(limit, offset)) {
    const Forms chat = forms(row.chat);
    auto& shown = all.emplace_back(queued_message(row, chat));
    shown.told_chat = chat.shown;
    for (const auto& head : messages.heads(row.id))
      if (head.from_me) shown.told_chat = head.told_chat(chat.shown, chat.lid);
  }
  return all;
}

}  // namespace pigeond::gateway
