#include "engine/chat.h"

#include "engine/account/account_limits.h"
#include "engine/groups/notifications.h"
#include "engine/messages/desk.h"
#include "engine/messages/groups/group_sending.h"
#include "engine/messages/identity/session_setup.h"
#include "engine/messages/in/answers.h"
#include "engine/messages/in/calls_in.h"
#include "engine/messages/in/changes.h"
#include "engine/messages/in/incoming.h"
#include "engine/messages/in/placeholders.h"
#include "engine/messages/in/receipts_in.h"
#include "engine/messages/out/outgoing.h"
#include "engine/messages/retry/retry_in.h"

namespace pigeond::engine {
namespace {

constexpr std::int64_t kRedeliveryDays = 14;  // how long the service keeps what was not answered

}  // namespace

struct Chat::Impl {
  Impl(Context& context, Stanzas& stanzas) : desk(context, stanzas) {}

  bool handle(const wire::Node& node);
  bool take_stanza(const wire::Node& node);
  void ask_doubts();
  bool take_notification(const wire::Node& node);

  Desk desk;
  SessionSetup setup{desk};
  AccountLimits limits{desk.context, [this](wire::Node iq, IqCallback callback) {
                         desk.query(std::move(iq), std::move(callback));
                       }};
  Trust trust{desk, limits};
  GroupSending groups{desk};
  Outgoing outgoing{desk, setup, trust, groups};
  Placeholders placeholders{desk, setup};
  Incoming incoming{desk, placeholders};
  ReceiptsIn receipts{desk, outgoing};
  RetryIn retries{desk, setup, groups};
};

bool Chat::Impl::take_notification(const wire::Node& node) {
  if (take_group_notification(desk, node) || desk.media_retries.take(node)) return true;
  const bool privacy = desk.privacy.take(node);  // an account_sync may tell of devices beside it
  if (!take_change(desk, node)) return privacy || (node.is("type", "mex") && limits.take(node));
  if (node.is("type", "privacy_token")) {
    trust.token_came();
    if (const auto from = node.jid("from")) desk.watches.token_came(*from);
  }
  return true;
}

// What was seen in passing may be older than what is known.
void Chat::Impl::ask_doubts() {
  if (!desk.stanzas.online()) return;
  const auto numbers = desk.lids.take_doubts();
  if (numbers.empty()) return;
  desk.query(usync_query(desk.stanzas.next_id(), "background", {"lid"}, numbers),
             [this](const Result<wire::Node>& answer) {
               if (!answer) return;
               learn_users(desk, *answer);
             });
}

bool Chat::Impl::handle(const wire::Node& node) {
  const bool taken = take_stanza(node);
  ask_doubts();
  return taken;
}

bool Chat::Impl::take_stanza(const wire::Node& node) {
  // Stories come in a stanza of their own from some senders (whatsmeow a2381054), which is a message else.
  if (node.tag == "message" || (node.tag == "status" && node.child("enc") != nullptr)) {
    incoming.handle(node);
    if (const auto from = node.jid("from")) outgoing.heard_from(from->without_device());
  } else if (node.tag == "receipt") {
    if (node.is("type", "retry")) {
      placeholders.unread(node);
      retries.handle(node);
      return true;
    }
    receipts.handle(node);
    desk.stanzas.send(ack_of(desk, node));
  } else if (node.tag == "call") {
    take_call(desk, node);
  } else if (node.tag == "ack" && node.is("class", "message")) {
    if (!placeholders.acked(node)) outgoing.acked(node);
  } else if (node.tag == "ack" && node.is("class", "receipt")) {
    desk.history.acked(node);
  } else if (node.tag == "notification" && take_notification(node)) {
    desk.stanzas.send(ack_of(desk, node));
  } else {
    return desk.watches.take(node);
  }
  return true;
}

Chat::Chat(Context& context, Stanzas& stanzas) : impl_(std::make_unique<Impl>(context, stanzas)) {}

Chat::~Chat() = default;

void Chat::load() {
  impl_->outgoing.load();
}

void Chat::online(bool backlog_awaited) {
  Desk& desk = impl_->desk;
  desk.lids.learn(desk.context.credentials.pn, desk.context.credentials.lid);
  desk.retries.forget_asked_before(desk.context.server_seconds() - kRedeliveryDays * 24 * 3600);
  desk.tokens.online();
  desk.history.online();
  desk.presence.online();
  desk.watches.renew();
  impl_->limits.online();
  impl_->placeholders.online();
  if (backlog_awaited)
    impl_->outgoing.await_backlog();
  else
    backlog_in();
}

void Chat::backlog_in() {
  impl_->outgoing.online();
  impl_->placeholders.backlog_in();
}

void Chat::offline(const Error&) {
  impl_->desk.lids.forget_doubts();
  impl_->desk.media_servers.offline();
  impl_->desk.media_retries.offline();
  impl_->desk.history.offline();
  impl_->desk.presence.offline();
  impl_->desk.watches.offline();
  impl_->desk.privacy.offline();
  impl_->limits.offline();
  impl_->trust.offline();
  impl_->placeholders.offline();
  impl_->retries.offline();
  impl_->outgoing.offline();
}

bool Chat::handle(const wire::Node& node) {
  return impl_->handle(node);
}

void Chat::send(Send request) {
  impl_->outgoing.accept(std::move(request));
}

Status Chat::cancel(const std::string& id) {
  return impl_->outgoing.cancel(id);
}

void Chat::tell(const std::string& id) {
  impl_->outgoing.tell_accepted(id);
}

std::optional<Standing> Chat::standing(const std::string& id) {
  return impl_->outgoing.standing(id);
}

std::map<std::int64_t, Standing> Chat::standings() {
  return impl_->outgoing.standings();
}

std::size_t Chat::waiting() const {
  return impl_->outgoing.waiting();
}

Desk& Chat::desk() {
  return impl_->desk;
}

void Chat::end_held(const std::string& id) {
  impl_->outgoing.end_held(id);
}

void Chat::end_troubled() {
  impl_->outgoing.end_troubled();
}

void Chat::pacing_changed() {
  impl_->outgoing.pacing_changed();
}

// Called also when the account's data was erased: nothing of it may stay in memory.
void Chat::forget() {
  impl_->outgoing.forget();
  impl_->desk.lids.forget_cache();
  impl_->desk.dialled.forget_cache();
  impl_->desk.forms.forget_cache();
  impl_->desk.devices.forget_cache();
  impl_->desk.lookups.forget_cache();
  impl_->desk.names.forget_cache();
  impl_->desk.watches.forget();
  impl_->desk.tokens.forget_cache();
  impl_->desk.groups.forget();
  impl_->desk.media_servers.doubt();
  impl_->desk.history.forget();
  impl_->placeholders.forget();
  impl_->groups.forget_cache();
}

void Chat::take_history(std::int64_t row, const HistoryItems& items) {
  impl_->desk.history.take(row, items);
  impl_->ask_doubts();
}

void Chat::history_ended(std::int64_t row, const Status& status) {
  impl_->desk.history.ended(row, status);
}

void Chat::wake() {
  impl_->desk.history.wake();
  impl_->desk.media_retries.wake();
  impl_->desk.watches.wake();
  impl_->limits.wake();
  impl_->trust.wake();
  impl_->placeholders.wake();
  impl_->outgoing.wake();
}

std::optional<Millis> Chat::next_wake() const {
  std::optional<Millis> next;
  for (const auto& due : {impl_->outgoing.next_wake(), impl_->limits.next_wake(), impl_->trust.next_wake(),
                          impl_->desk.history.next_wake(), impl_->desk.media_retries.next_wake(),
                          impl_->placeholders.next_wake(), impl_->desk.watches.next_wake()})
    if (due && (!next || *due < *next)) next = due;
  return next;
}

}  // namespace pigeond::engine
