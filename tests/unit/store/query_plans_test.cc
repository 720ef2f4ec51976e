// No statement of the way of a message walks through a table. (The simulated worlds ask the same of every
// statement that a whole gateway has prepared.)
#include "query_plans.h"

#include <gtest/gtest.h>

#include "store/account/chat_timers.h"
#include "store/account/group_keys.h"
#include "store/account/groups.h"
#include "store/account/lid_mappings.h"
#include "store/erasing.h"
#include "store/events.h"
#include "store/messages/idempotency_keys.h"
#include "store/messages/messages.h"
#include "store/messages/outbox.h"
#include "store/messages/placeholders.h"
#include "store/messages/pruning.h"
#include "store/messages/receipts.h"
#include "store/messages/retries.h"
#include "store/sessions.h"
#include "store/webhooks/log.h"
#include "store/webhooks/webhooks.h"

namespace pigeond::store {
namespace {

class QueryPlans : public testing::Test {
 protected:
  std::unique_ptr<Database> database = std::move(Database::open(":memory:").value());
  std::int64_t session = SessionTable(*database).create({0, "one", "{}", true, 1});
  const wire::Jid chat = wire::pn("491510000002");
};

TEST_F(QueryPlans, NothingWalksThroughATable) {
  Messages messages(*database, session);
  const auto seq = messages.insert({0, "A", chat, chat, true, false, 1, "text", {}, 1});
  messages.heads("A");
  messages.content(seq);
  messages.was_answered(chat);
  messages.was_told_by_lid(chat);
  messages.unread(chat, 0, 10);
  messages.set_ack(seq, 1);
  messages.set_ack(seq, 1, 2);
  Receipts receipts(*database);
  receipts.put(seq, chat, 2, 1);
  receipts.put_in_group(seq, chat, {}, 3, 1);
  receipts.set_recipients(seq, 2);
  receipts.of(seq);
  Outbox outbox(*database, session);
  OutboxRow waiting;
  waiting.id = "A";
  waiting.chat = chat;
  outbox.insert(waiting, Bytes{1});
  outbox.find("A");
  outbox.page(10, 0);
  outbox.all();
  outbox.can_expire();
  outbox.keep_only("1", "2");
  IdempotencyKeys keys(*database, session);
  keys.insert({"K", {}, "A", 1, {}});
  keys.find("K");
  keys.end("A", {});
  keys.remove("K");
  prune_idempotency_keys(*database, {1, 1}, 0, 10);
  idempotency_key_span(*database);
  Retries retries(*database, session);
  retries.set_resent(seq, chat, {1, {}});
  retries.resent(seq, chat);
  Placeholders placeholders(*database, session);
  PlaceholderRow empty;
  empty.stanza_id = "A";
  empty.chat = empty.sender = chat;
  empty.id = placeholders.insert(empty);
  placeholders.any();
  placeholders.find(empty.id);
  placeholders.of("A");
  placeholders.wanted();
  placeholders.set_state(empty.id, PlaceholderRow::State::sent, 1, "R");
  placeholders.want_again();
  placeholders.keep_newest(1);
  placeholders.remove_before(1);
  placeholders.remove(empty.id);
  const wire::Jid group{"1-2", "g.us"};
  Groups groups(*database, session);
  GroupRow row;
  row.jid = group;
  groups.save(row);
  groups.find(group);
  groups.set_members(group, {{chat, {}, Rank::member}});
  groups.put_members(group, {{chat, {}, Rank::admin}});
  groups.members(group);
  groups.remove_members(group, {chat});
  groups.all_stale();
  groups.present();
  groups.count();
  GroupKeys group_keys(*database, session);
  group_keys.begin(group, true);
  group_keys.by_lid(group);
  group_keys.give(group, {chat}, 1);
  group_keys.holders(group);
  group_keys.arrived(group, 1);
  group_keys.failed(group, 1);
  group_keys.give_again(group, chat);
  group_keys.give_again(chat);
  group_keys.forget(group);
  ChatTimers timers(*database, session);
  timers.put(chat.text(), {});
  timers.find(chat.text());
  LidMappings(*database, session).add("1", "2");
  const auto queue = add_webhook_queue(*database, session, "http://a/");
  const auto id = webhook_id(queue, 1);
  add_event(*database, {1, session, 1, 1, {}}, 1);
  find_event(*database, 1);
  events_after(*database, 0, 5, 10);
  journal_state(*database);
  set_streamed(*database, 1);
  add_webhook_delivery(*database, {id, 0, 1, 0}, 0);
  pending_webhooks(*database, id - 1, id, 10);
  next_in_webhook_line(*database, 0, id - 1, id);
  webhook_waits_since(*database, queue);
  webhook_dead_letters(*database, queue);
  has_webhook_deliveries(*database, queue);
  replay_webhook_delivery(*database, id, webhook_id(queue, 2), true);
  webhook_queue_state(*database, queue);
  add_webhook_outcome(*database, {id, true, 1, "", 1});
  webhook_delivery(*database, id);
  webhook_payload_size(*database, id);
  for (const auto state : {WebhookState::pending, WebhookState::delivered, WebhookState::dead})
    webhook_log(*database, queue, {state, 0, 9, 0, 9, false, 9});
  webhook_outcome(*database, id);
  prune_webhook_log(*database, queue, {1, 1, 1}, 10);
  prune_messages(*database, {5, 5}, 0, 10);
  prune_events(*database, {5, 5}, 0, 10);
  last_event_beyond(*database, 5);
  oldest_event(*database);
  last_beyond(*database, 5);
  oldest_message(*database);
  SessionTable(*database).erase_account(session);
  while (erase_step(*database, 1) > 0) {
  }
  is_erasing(*database);
  ASSERT_FALSE(database->failed()) << database->failure().detail;
  ASSERT_GT(database->statements().size(), 40u);
  for (const auto& walk : walks(*database)) ADD_FAILURE() << walk;
}

TEST_F(QueryPlans, AWalkIsSeen) {
  database->prepare("SELECT 1 FROM message WHERE timestamp = ?").bind(1).step();
  database->prepare("DELETE FROM message WHERE session_id = ? AND type = 'x'").bind(1).run();
  database->prepare("SELECT 1 FROM message WHERE session_id = ? AND chat = ? AND type = 'x'")
      .bind(1)
      .bind("c")
      .step();
  database->prepare("SELECT 1 FROM outbox WHERE session_id = ? AND phash = 'x'").bind(1).step();
  EXPECT_EQ(walks(*database).size(), 4u);
}

TEST_F(QueryPlans, ASearchForARowIsNoWalk) {
  database->prepare("SELECT 1 FROM message WHERE session_id = ? AND chat = ? AND seq = ?")
      .bind(1)
      .bind("c")
      .bind(1)
      .step();
  database->prepare("SELECT 1 FROM outbox WHERE session_id = ? AND seq = ?").bind(1).bind(1).step();
  for (const auto& walk : walks(*database)) ADD_FAILURE() << walk;
}

}  // namespace
}  // namespace pigeond::store
