#include "engine/messages/trust/privacy_tokens.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "engine/messages/desk.h"

namespace pigeond::engine {
namespace {

constexpr std::size_t kLongest = 1024;        // bytes of a token or salt
constexpr std::size_t kCached = 512;          // rows in memory; about 150 bytes each
constexpr std::int64_t kRefresh = 86400;      // seconds
constexpr std::string_view kAnnouncer = "0";  // the service's own account (PSA)

}  // namespace

PrivacyTokens::PrivacyTokens(Desk& desk) : desk_(desk), rows_(desk.context.database, desk.context.session) {}

bool PrivacyTokens::concerns(const wire::Jid& user) const {
  return user.is_user() && user.user != kAnnouncer && !user.is_bot() && !desk_.lids.is_own(user);
}

// What was stored under the number moves to the LID once that is known.
wire::Jid PrivacyTokens::key_of(const wire::Jid& user) {
  const wire::Jid key = desk_.lids.canonical(user.without_device());
  if (!key.is_lid() || cache_.contains(key.text())) return key;
  const std::string number = desk_.lids.pn(key).text();
  if (const auto row = rows_.find(number)) {
    if (!row->token.empty()) rows_.put(key.text(), row->token, row->timestamp);
    if (row->issued > 0) rows_.set_issued(key.text(), row->issued);
    rows_.remove(number);
    cache_.erase(number);
  }
  return key;
}

const PrivacyTokens::Row& PrivacyTokens::find(const wire::Jid& key) {
  const std::string name = key.text();
  if (auto known = cache_.find(name); known != cache_.end()) return known->second;
  if (cache_.size() >= kCached) cache_.clear();
  return cache_.emplace(name, rows_.find(name).value_or(Row())).first->second;
}

bool PrivacyTokens::keep(const wire::Jid& key, ByteView token, std::int64_t timestamp) {
  if (token.empty() || token.size() > kLongest || timestamp <= 0) return false;
  cache_.erase(key.text());
  return rows_.put(key.text(), token, timestamp);
}

void PrivacyTokens::given(const wire::Node& notification) {
  const auto from = notification.jid("from");
  const auto lid = notification.jid("sender_lid");
  const wire::Jid user = lid && lid->is_lid() ? *lid : from.value_or(wire::Jid());
  const auto* tokens = notification.child("tokens");
  if (!concerns(user) || tokens == nullptr) return;
  const wire::Jid key = key_of(user);
  tokens->each("token", [&](const wire::Node& token) {
    if (!token.is("type", "trusted_contact")) return;
    const auto time = static_cast<std::int64_t>(token.number("t").value_or(0));
    if (keep(key, token.bytes(), time))
      log::debug("privacy_token", {{"session", desk_.context.session_name}, {"user", key.text()}});
  });
}

void PrivacyTokens::from_history(const wire::Jid& chat, const HistoryToken& told) {
  if (!concerns(chat)) return;
  const wire::Jid key = key_of(chat);
  keep(key, told.token, told.timestamp);
  if (told.issued <= 0) return;
  rows_.set_issued(key.text(), told.issued);
  cache_.erase(key.text());
}

void PrivacyTokens::set_salt(ByteView salt) {
  if (salt.size() > kLongest) return;
  rows_.set_salt(salt);
  salt_ = to_bytes(salt);
}

std::optional<wire::Node> PrivacyTokens::node_for(const wire::Jid& user) {
  if (!concerns(user)) return std::nullopt;
  const wire::Jid key = key_of(user);
  const Row& row = find(key);
  if (!row.token.empty() && !rules_.expired(row.timestamp, desk_.context.server_seconds()))
    return std::move(wire::Node("tctoken").body(row.token));
  if (!salt_) salt_ = rows_.salt();
  if (salt_->empty() || !key.is_lid()) return std::nullopt;
  return std::move(wire::Node("cstoken").body(make_cs_token(*salt_, key)));
}

void PrivacyTokens::sent(const wire::Jid& user) {
  if (!concerns(user) || !desk_.stanzas.online()) return;
  const wire::Jid key = key_of(user);
  const std::int64_t now = desk_.context.server_seconds();
  if (rules_.issue_due(find(key).issued, now) && !issuing_.contains(key)) issue(key, now);
}

void PrivacyTokens::identity_changed(const wire::Jid& user) {
  if (!concerns(user) || !desk_.stanzas.online()) return;
  const wire::Jid key = key_of(user);
  const std::int64_t last = find(key).issued;
  const std::int64_t cutoff = rules_.issued.cutoff(desk_.context.server_seconds());
  if (last > 0 && last >= cutoff && !issuing_.contains(key)) issue(key, last);
}

void PrivacyTokens::issue(const wire::Jid& key, std::int64_t time) {
  issuing_.insert(key);
  wire::Node token("token"), tokens("tokens"), iq("iq");
  token.set("jid", key).set("t", static_cast<std::uint64_t>(time)).set("type", "trusted_contact");
  tokens.add(std::move(token));
  iq.set("type", "set").set("xmlns", "privacy").add(std::move(tokens));
  desk_.query(std::move(iq),
              [this, key, time](const Result<wire::Node>& answer) { issued(key, time, answer); });
}

// Without an answer nothing is known to be given: the next message tries again. What an answer might carry is
// not looked at: it could only be our own token.
void PrivacyTokens::issued(const wire::Jid& key, std::int64_t time, const Result<wire::Node>& answer) {
  issuing_.erase(key);
  if (answer) {
    rows_.set_issued(key.text(), time);
    cache_.erase(key.text());
    return;
  }
  log::info("privacy_token_not_issued", {{"session", desk_.context.session_name},
                                         {"user", key.text()},
                                         {"cause", std::string(cause_name(answer.cause()))}});
}

void PrivacyTokens::online() {
  const std::int64_t now = desk_.context.server_seconds();
  if (read_at_ > 0 && now >= read_at_ && now - read_at_ < kRefresh) return;
  read_at_ = now;
  wire::Node iq("iq");
  iq.set("type", "get").set("xmlns", "abt").add(wire::Node("props").set("protocol", "1"));
  desk_.query(std::move(iq), [this, now](const Result<wire::Node>& answer) {
    const auto* props = answer ? answer->child("props") : nullptr;
    if (props == nullptr) {
      read_at_ = 0;
      return;
    }
    rules_ = read_token_rules(*props);
    if (says_migrated(*props)) desk_.forms.migrated();
    if (rows_.remove_older(rules_.received.cutoff(now), rules_.issued.cutoff(now)) > 0) cache_.clear();
  });
}

void PrivacyTokens::read_settings_again() {
  read_at_ = 0;
  if (desk_.stanzas.online()) online();
}

void PrivacyTokens::forget_cache() {
  cache_.clear();
  salt_.reset();
}

}  // namespace pigeond::engine
