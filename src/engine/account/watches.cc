#include "engine/account/watches.h"

#include <algorithm>
#include <utility>

#include "engine/messages/desk.h"
#include "engine/messages/in/source.h"
#include "engine/messages/out/fan_out.h"

namespace pigeond::engine {
namespace {

constexpr std::size_t kWatched = 1000;  // chats of one account
constexpr std::size_t kPeople = 256;    // of one chat
constexpr std::size_t kLookers = 1000;  // that wait at once
constexpr Millis kPatience = kSecond;   // of them

std::optional<std::int64_t> last_seen_of(const wire::Node& presence) {
  const auto seconds = presence.number("last");
  if (!seconds || *seconds > 0xffff'ffff) return std::nullopt;  // or it is hidden
  return static_cast<std::int64_t>(*seconds);
}

std::optional<Showing> showing_of(const wire::Node& chatstate) {
  if (chatstate.children().empty()) return std::nullopt;
  const wire::Node& state = chatstate.children().front();
  if (state.tag == "paused") return Showing::paused;
  if (state.tag != "composing") return std::nullopt;
  return state.is("media", "audio") ? Showing::recording : Showing::typing;
}

}  // namespace

Watches::Entry* Watches::find(const wire::Jid& chat) {
  const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) {
    return entry.chat == chat || (chat.is_user() && desk_.lids.same_user(entry.chat, chat));
  });
  return found == entries_.end() ? nullptr : &*found;
}

Watched Watches::shown(const Entry& entry) {
  const Forms chat = forms_of(desk_, entry.chat);
  return {chat.shown, chat.pn, chat.lid, entry.people};
}

// What comes of it may name the person by LID, whichever form was asked for: who is known by number alone is
// looked up first.
void Watches::subscribe(const wire::Jid& chat) {
  if (!chat.is_pn() || !desk_.lids.lid(chat).empty()) return ask(chat);
  desk_.query(usync_query(desk_.stanzas.next_id(), "background", {"lid"}, {chat}),
              [this, chat](const Result<wire::Node>& answer) {
                if (!answer) return;
                learn_users(desk_, *answer);
                ask(chat);
              });
}

// With the token that shows that the contact knows this account, as whatsmeow and Baileys send it.
void Watches::ask(const wire::Jid& chat) {
  wire::Node presence("presence");
  presence.set("type", "subscribe").set("to", chat.is_user() ? resolve(desk_, chat).to : chat);
  if (chat.is_user() && !desk_.lids.is_own(chat)) {
    auto token = desk_.tokens.node_for(chat);
    if (token && token->tag == "tctoken") presence.add(std::move(*token));
  }
  desk_.stanzas.send(presence);
}

void Watches::unsubscribe(const wire::Jid& chat) {
  wire::Node presence("presence");
  presence.set("type", "unsubscribe").set("to", chat.is_user() ? resolve(desk_, chat).to : chat);
  desk_.stanzas.send(presence);
}

Status Watches::watch(const wire::Jid& typed) {
  PIGEOND_CHECK(desk_.presence.reachable());
  const wire::Jid chat = desk_.dialled.account(typed.without_device());
  if (find(chat) == nullptr) {
    if (entries_.size() >= kWatched) {
      unsubscribe(entries_.front().chat);
      entries_.erase(entries_.begin());
    }
    entries_.push_back({chat, {}});
  }
  subscribe(chat);
  return {};
}

void Watches::look(const wire::Jid& typed, Answered<Watched> answered) {
  const wire::Jid chat = desk_.dialled.account(typed.without_device());
  if (const Entry* known = find(chat); known != nullptr && !known->people.empty())
    return answered(shown(*known));
  if (waiters_.size() >= kLookers) return answered(fail(Cause::rate_limited, "too many wait for presences"));
  if (const Status watched = watch(chat); !watched) return answered(watched.error());
  waiters_.push_back({chat, desk_.context.now.mono + kPatience, std::move(answered)});
}

std::vector<Watched> Watches::all() {
  std::vector<Watched> out;
  for (const Entry& entry : entries_) out.push_back(shown(entry));
  return out;
}

bool Watches::take(const wire::Node& stanza) {
  const bool of_chat = stanza.tag == "chatstate";
  if (!of_chat && stanza.tag != "presence") return false;
  const auto from = stanza.jid("from");
  if (!from || (!from->is_user() && !(of_chat && from->is_group()))) return true;
  learn_pairs(desk_, stanza);
  const auto participant = stanza.jid("participant");
  const wire::Jid who = (from->is_group() ? participant.value_or(wire::Jid{}) : *from).without_device();
  if (!who.is_user() || desk_.lids.is_own(who) || desk_.context.ignored.cover(*from)) return true;
  if (of_chat) {
    if (const auto showing = showing_of(stanza)) heard(from->without_device(), who, *showing, std::nullopt);
  } else if (stanza.is("type", "unavailable")) {
    heard(who, who, Showing::offline, last_seen_of(stanza));
  } else if (!stanza.has("type") || stanza.is("type", "available")) {
    heard(who, who, Showing::online, std::nullopt);
  }
  return true;
}

void Watches::heard(const wire::Jid& chat, const wire::Jid& who, Showing showing,
                    std::optional<std::int64_t> last_seen) {
  const Forms forms = forms_of(desk_, who);
  const Present present{forms.shown, forms.pn, forms.lid, showing, last_seen};
  Entry* entry = find(chat);
  if (entry != nullptr && !keep(*entry, present)) return;
  const Forms where = forms_of(desk_, chat);
  PresenceEvent event;
  event.chat = where.shown;
  event.chat_pn = where.pn;
  event.chat_lid = where.lid;
  event.who = forms.shown;
  event.who_pn = forms.pn;
  event.who_lid = forms.lid;
  event.showing = showing;
  event.last_seen = last_seen;
  desk_.context.emit(std::move(event));
  if (entry != nullptr) answer(*entry);
}

bool Watches::keep(Entry& entry, const Present& present) {
  const auto known = std::ranges::find_if(
      entry.people, [&](const Present& each) { return desk_.lids.same_user(each.who, present.who); });
  if (known == entry.people.end()) {
    if (entry.people.size() >= kPeople) entry.people.erase(entry.people.begin());
    entry.people.push_back(present);
    return true;
  }
  const bool news = known->showing != present.showing || known->last_seen != present.last_seen;
  *known = present;
  return news;
}

void Watches::answer(const Entry& entry) {
  std::vector<Waiter> ready;
  std::erase_if(waiters_, [&](Waiter& waiter) {
    const bool same = waiter.chat == entry.chat || desk_.lids.same_user(waiter.chat, entry.chat);
    if (same) ready.push_back(std::move(waiter));
    return same;
  });
  const Watched now = shown(entry);
  for (const Waiter& waiter : ready) waiter.answered(now);
}

void Watches::token_came(const wire::Jid& user) {
  if (const Entry* entry = find(user.without_device())) subscribe(entry->chat);
}

void Watches::renew() {
  for (const Entry& entry : entries_) subscribe(entry.chat);
}

void Watches::offline() {
  for (Entry& entry : entries_) entry.people.clear();
  const Error lost = fail(Cause::link_lost, "the link to WhatsApp was lost");
  for (const Waiter& waiter : std::exchange(waiters_, {})) waiter.answered(lost);
}

void Watches::forget() {
  entries_.clear();
  waiters_.clear();
}

void Watches::wake() {
  std::vector<Waiter> due;
  std::erase_if(waiters_, [&](Waiter& waiter) {
    const bool over = waiter.until <= desk_.context.now.mono;
    if (over) due.push_back(std::move(waiter));
    return over;
  });
  for (const Waiter& waiter : due) {
    const Entry* entry = find(waiter.chat);
    const Forms chat = forms_of(desk_, waiter.chat);
    waiter.answered(entry != nullptr ? shown(*entry) : Watched{chat.shown, chat.pn, chat.lid, {}});
  }
}

std::optional<Millis> Watches::next_wake() const {
  if (waiters_.empty()) return std::nullopt;
  return std::ranges::min_element(waiters_, {}, &Waiter::until)->until;
}

}  // namespace pigeond::engine
