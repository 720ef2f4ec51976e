// What waits in one session's outbox: shown, and cancelled.
#include <utility>

#include "gateway/session.h"
#include "store/lid_mappings.h"

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
  }
  return "queued";
}

Session::Forms Session::forms_of(const wire::Jid& chat) const {
  store::LidMappings mappings(env_.database, id_);
  Forms forms{chat, {}, {}};
  if (chat.is_pn()) {
    forms.pn = chat;
    if (auto lid = mappings.lid_of(chat.user)) forms.lid = wire::lid(*lid);
  } else if (chat.is_lid()) {
    forms.lid = chat;
    if (auto pn = mappings.pn_of(chat.user)) forms.shown = forms.pn = wire::pn(*pn);
  }
  return forms;
}

QueuedMessage Session::queued_message(const store::OutboxRow& row) {
  using State = QueuedMessage::State;
  QueuedMessage out;
  const Forms chat = forms_of(row.chat.without_device());
  out.id = row.id;
  out.chat = chat.shown;
  out.chat_pn = chat.pn;
  out.chat_lid = chat.lid;
  out.since = row.created;
  out.expires = row.written ? 0 : row.expires;
  out.attempts = row.attempts;
  const auto standing = engine_ && !ending_ ? engine_->standing(row.id) : std::nullopt;
  const auto set = [&](State state, std::string why) {
    out.state = row.written ? State::sent : state;
    out.why = std::move(why);
  };
  switch (standing ? standing->waiting : engine::Waiting::link) {
    case engine::Waiting::link:
      set(State::queued, "session status is " + std::string(status_name(status())));
      break;
    case engine::Waiting::order:
      set(State::queued, "another message to this chat goes first");
      break;
    case engine::Waiting::number:
      set(State::preparing, "asks whether the number is on WhatsApp");
      break;
    case engine::Waiting::devices:
      set(State::preparing, "asks for the recipient's devices");
      break;
    case engine::Waiting::keys:
      set(State::preparing, "asks for the keys of the recipient's devices");
      break;
    case engine::Waiting::pace:
      set(State::held, "first messages to people who never wrote are paced");
      out.held_until = standing->until;
      break;
    case engine::Waiting::progress:
      set(State::preparing, "is being prepared");
      break;
    case engine::Waiting::ack:
      set(State::sent, "not acknowledged yet");
      break;
  }
  return out;
}

std::vector<QueuedMessage> Session::outbox(std::size_t limit, std::size_t offset) {
  std::vector<QueuedMessage> all;
  for (const auto& row : store::Outbox(env_.database, id_).page(limit, offset))
    all.push_back(queued_message(row));
  return all;
}

void Session::cancel_message(const std::string& id, Reply<bool> reply) {
  const Status done = sender().cancel(now(), id);
  env_.host.touched(*this);
  env_.host.answer<bool>(std::move(reply), done ? Result<bool>(true) : Result<bool>(done.error()));
}

}  // namespace pigeond::gateway
