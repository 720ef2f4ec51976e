#include "engine/messages/in/receipts_in.h"

#include "engine/messages/groups/roster.h"
#include "engine/messages/in/source.h"

namespace pigeond::engine {
namespace {

constexpr std::size_t kIds = 4096;  // of one receipt

constexpr int kSent = 1, kDelivered = 2;

// 0: says nothing about the message (`inactive`: the device has it, the user was not shown it).
int level_of(const std::string& type) {
  if (type.empty() || type == "delivery") return kDelivered;
  if (type == "read" || type == "read-self") return 3;
  if (type == "played" || type == "played-self") return 4;
  return 0;
}

// <error type="feature-incapable" reason="lid"/>: its device can't take what goes by LID, and has not got the
// message. The service has, and the message stays at that level (whatsapp-rust wacore/src/stanza/receipt.rs,
// after the web client, which looks at receipts of delivery alone).
bool is_incapable(const wire::Node& receipt) {
  const wire::Node* error = receipt.child("error");
  return error != nullptr && error->is("type", "feature-incapable") && error->is("reason", "lid");
}

}  // namespace

std::vector<std::string> receipt_ids(const wire::Node& receipt) {
  std::vector<std::string> ids = {receipt.attr("id")};
  if (const auto* list = receipt.child("list"); list != nullptr)
    list->each("item", [&](const wire::Node& item) {
      if (ids.size() < kIds && item.has("id")) ids.push_back(item.attr("id"));
    });
  return ids;
}

void ReceiptsIn::handle(const wire::Node& receipt) {
  learn_pairs(desk_, receipt);
  const auto from = receipt.jid("from");
  int level = level_of(receipt.attr("type"));
  if (level == kDelivered && is_incapable(receipt)) level = kSent;
  if (!from || level == 0) return;
  const auto timestamp = static_cast<std::int64_t>(
      receipt.number("t").value_or(static_cast<std::uint64_t>(desk_.context.server_seconds())));
  const auto participant = receipt.jid("participant");
  const wire::Jid who = participant.value_or(*from);
  if (desk_.lids.is_own(who)) return from_own_device(receipt, level, receipt_ids(receipt), timestamp);
  // Groups: one receipt for many members, <participants key=ID><user jid t/>…
  bool aggregated = false;
  receipt.each("participants", [&](const wire::Node& node) {
    aggregated = true;
    const std::string id = node.has("key") ? node.attr("key") : receipt.attr("id");
    node.each("user", [&](const wire::Node& user) {
      // The account's other devices say nothing of how far the others are.
      if (auto jid = user.jid("jid"); jid && !desk_.lids.is_own(*jid))
        from_others(
            *from, *jid, level, {id},
            static_cast<std::int64_t>(user.number("t").value_or(static_cast<std::uint64_t>(timestamp))));
    });
  });
  if (!aggregated) from_others(*from, who, level, receipt_ids(receipt), timestamp);
}

void ReceiptsIn::from_others(const wire::Jid& chat, const wire::Jid& who, int level,
                             const std::vector<std::string>& ids, std::int64_t timestamp) {
  for (const auto& id : ids) {
    for (const auto& row : desk_.messages.heads(id)) {
      if (!row.from_me || !(row.chat == chat || desk_.lids.same_user(row.chat, chat))) continue;
      if (row.ack < 1) outgoing_.seen_by_recipient(id);
      if (level <= kSent) continue;
      if (row.chat.is_group()) {
        note_in_group(row, level, who, timestamp);
        continue;
      }
      const bool alone = row.chat.is_user();
      desk_.receipts.put(row.seq, alone ? row.chat : desk_.lids.canonical(who), level, timestamp);
      raise(row, level, who, timestamp);
    }
  }
}

// An own other device read (or played) what others sent: their chat stands in `recipient`, or in `from` for
// groups.
void ReceiptsIn::from_own_device(const wire::Node& receipt, int level, const std::vector<std::string>& ids,
                                 std::int64_t timestamp) {
  if (level < 3) return;
  const wire::Jid chat = receipt.jid("recipient").value_or(receipt.jid("from").value_or(wire::Jid{}));
  for (const auto& id : ids)
    for (const auto& row : desk_.messages.heads(id))
      if (!row.from_me && (row.chat == chat || desk_.lids.same_user(row.chat, chat)))
        raise(row, level, desk_.context.credentials.pn, timestamp);
}

void ReceiptsIn::raise(const store::MessageRow& row, int level, const wire::Jid& who,
                       std::int64_t timestamp) {
  if (row.ack >= level) return;
  desk_.messages.set_ack(row.seq, level);
  tell(row, level, who, timestamp);
}

// Each member's is told, once for all of his devices. The message itself is as far as the last of them: that
// is what phones show.
void ReceiptsIn::note_in_group(const store::MessageRow& row, int level, const wire::Jid& who,
                               std::int64_t timestamp) {
  const wire::Jid user = desk_.lids.canonical(who).without_device();
  const wire::Jid number = user.is_lid() ? desk_.lids.pn(user) : wire::Jid{};
  auto total = desk_.receipts.put_in_group(row.seq, user, number, level, timestamp);
  if (!total) return;
  if (total->recipients == 0) {  // it was not this device that sent it
    const auto group = desk_.groups.last_known(row.chat);
    total->recipients = group ? others_in(desk_, *group) : 0;
    if (total->recipients > 0) desk_.receipts.set_recipients(row.seq, total->recipients);
  }
  if (const int all = total->ack(); all > row.ack) desk_.messages.set_ack(row.seq, all);
  tell(row, level, who, timestamp);
}

void ReceiptsIn::tell(const store::MessageRow& row, int level, const wire::Jid& who, std::int64_t timestamp) {
  const Forms chat = forms_of(desk_, row.chat);
  AckEvent event;
  event.id = row.id;
  event.chat = chat.shown;
  event.chat_pn = chat.pn;
  event.chat_lid = chat.lid;
  event.participant = desk_.lids.shown(who).without_device();
  event.from_me = row.from_me;
  event.ack = level;
  event.timestamp = timestamp;
  event.told_chat = row.told_chat(chat.shown, chat.lid);
  desk_.context.emit(std::move(event));
}

}  // namespace pigeond::engine
