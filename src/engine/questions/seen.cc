#include "engine/questions/seen.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/messages/desk.h"
#include "engine/messages/in/answers.h"

namespace pigeond::engine {
namespace {

constexpr int kRead = 3, kPlayed = 4;  // levels, as AckEvent has them
constexpr std::int64_t kDays = 7;
constexpr std::size_t kOfPerson = 30, kOfGroup = 100;
constexpr std::size_t kReceipt = 256;  // ids of one receipt, as whatsapp-rust bounds it (5e7213e6)

std::vector<store::MessageRow> unread(Desk& desk, const wire::Jid& chat) {
  const std::int64_t since = desk.context.server_seconds() - kDays * 24 * 3600;
  const std::size_t most = chat.is_user() ? kOfPerson : kOfGroup;
  const Forms forms = forms_of(desk, chat);
  std::vector<store::MessageRow> rows;
  for (const wire::Jid& form : {forms.pn, forms.lid, chat.is_user() ? wire::Jid{} : chat}) {
    if (form.empty()) continue;
    for (auto& row : desk.messages.unread(form, since, most - rows.size())) rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<store::MessageRow> named(Desk& desk, const wire::Jid& chat, const std::vector<std::string>& ids,
                                     int below) {
  std::vector<store::MessageRow> rows;
  for (const auto& id : ids)
    for (auto& row : desk.messages.heads(id))
      if (!row.from_me && row.ack < below && (row.chat == chat || desk.lids.same_user(row.chat, chat)))
        rows.push_back(std::move(row));
  return rows;
}

// One receipt for each chat and author, in the form of JID in which the messages came. Groups are told in any
// case, as the web client does (whatsapp-rust src/receipt.rs).
Seen mark(Desk& desk, const wire::Jid& chat, const std::vector<store::MessageRow>& rows,
          const wire::Jid& author, int level, bool shows) {
  Seen seen;
  seen.chat = forms_of(desk, chat).shown;
  std::map<std::pair<wire::Jid, wire::Jid>, std::vector<std::string>> by_author;
  for (const auto& row : rows) {
    const wire::Jid who = row.chat.is_user() ? wire::Jid{} : row.sender.without_device();
    if (!author.empty() && !who.empty() && !desk.lids.same_user(who, author)) continue;
    by_author[{row.chat, who}].push_back(row.id);
    desk.messages.set_ack(row.seq, level);
    seen.messages.push_back({row.id, who.empty() ? who : desk.lids.shown(who)});
  }
  for (const auto& [key, list] : by_author) {
    const bool shown = shows || !key.first.is_user();
    for (std::size_t at = 0; at < list.size(); at += kReceipt) {
      const auto first = list.begin() + static_cast<std::ptrdiff_t>(at);
      const auto count = std::min(kReceipt, list.size() - at);
      desk.stanzas.send(read_receipt(key.first, key.second,
                                     {first, first + static_cast<std::ptrdiff_t>(count)}, shown,
                                     desk.context.server_seconds(), level == kPlayed));
    }
  }
  return seen;
}

}  // namespace

void mark_seen(Desk& desk, const wire::Jid& typed, const std::vector<std::string>& ids,
               const wire::Jid& author, Answered<Seen> answered) {
  const wire::Jid chat = desk.dialled.account(typed.without_device());
  desk.privacy.shows_reads(
      [&desk, chat, ids, author, answered = std::move(answered)](const Result<bool>& shows) {
        if (!shows) return answered(shows.error());
        const auto rows = ids.empty() ? unread(desk, chat) : named(desk, chat, ids, kRead);
        answered(mark(desk, chat, rows, author, kRead, *shows));
      });
}

void mark_played(Desk& desk, const wire::Jid& typed, const std::string& id,
                 Answered<std::optional<Seen>> answered) {
  const wire::Jid chat = desk.dialled.account(typed.without_device());
  const auto known = desk.messages.heads(id);
  const bool there = std::ranges::any_of(known, [&](const store::MessageRow& row) {
    return !row.from_me && (row.chat == chat || desk.lids.same_user(row.chat, chat));
  });
  if (!there) return answered(std::optional<Seen>());
  desk.privacy.shows_reads([&desk, chat, id, answered = std::move(answered)](const Result<bool>& shows) {
    if (!shows) return answered(shows.error());
    answered(std::optional(mark(desk, chat, named(desk, chat, {id}, kPlayed), {}, kPlayed, *shows)));
  });
}

}  // namespace pigeond::engine
