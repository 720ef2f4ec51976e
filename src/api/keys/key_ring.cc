#include "api/keys/key_ring.h"

#include <algorithm>
#include <cstring>

#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace pigeond::api {
namespace {

// How often the time of a key's last use is written: a commit for each request would cost more than the
// request.
constexpr Millis kUseWritten = kHour;

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  for (const auto word : split(text, ' '))
    if (!word.empty()) out.emplace_back(word);
  return out;
}

std::shared_ptr<const Caller> caller_of(const store::ApiKeyRow& row) {
  Caller caller{row.id, row.name, {}, words(row.sessions)};
  for (const auto& word : words(row.scopes))
    for (const auto& [name, scope] : kScopeNames)
      if (word == name) caller.scopes.push_back(scope);
  return std::make_shared<const Caller>(std::move(caller));
}

}  // namespace

// A hash is a number by chance already.
std::size_t KeyRing::Hash::operator()(const Key32& hash) const {
  std::size_t out = 0;
  std::memcpy(&out, hash.data(), sizeof out);
  return out;
}

std::shared_ptr<KeyRing> KeyRing::make(gateway::Gateway& gateway) {
  auto ring = std::shared_ptr<KeyRing>(new KeyRing(gateway));
  ring->load();
  return ring;
}

void KeyRing::set_configured(const std::string& key) {
  const std::lock_guard lock(mutex_);
  configured_ = crypto::sha256(as_bytes(key));
}

void KeyRing::load() {
  std::uint64_t removals = 0;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(loading_, true)) return;
    removals = removals_;
  }
  using Rows = std::vector<store::ApiKeyRow>;
  gateway_.work<Rows>(
      [](store::Database& database, Instant) -> Result<Rows> { return store::ApiKeys(database).all(); },
      [ring = weak_from_this(), removals](const Result<Rows>& rows) {
        const auto self = ring.lock();
        if (!self) return;
        if (!rows) log::error("API keys can't be read", {{"detail", rows.error().detail}});
        const bool taken = rows && self->take(*rows, removals);
        {
          const std::lock_guard lock(self->mutex_);
          self->loaded_ = self->loaded_ || taken;
          self->loading_ = false;
        }
        if (rows && !taken) self->load();
      });
}

// False: a session went since they were asked for, and they may still name it.
bool KeyRing::take(const std::vector<store::ApiKeyRow>& rows, std::uint64_t removals) {
  const std::lock_guard lock(mutex_);
  if (removals_ != removals) return false;
  for (const auto& row : rows) put(row);
  std::erase_if(keys_, [&](const auto& entry) {
    return std::ranges::find(rows, entry.first, &store::ApiKeyRow::hash) == rows.end();
  });
  return true;
}

// Hashes are compared, so that neither length nor content of a key shows in the time it takes.
std::variant<std::shared_ptr<const Caller>, KeyRing::Refusal> KeyRing::find(const std::string& key,
                                                                            Instant now) {
  using Why = Refusal::Why;
  const auto hash = crypto::sha256(as_bytes(key));
  std::unique_lock lock(mutex_);
  if (equal_constant_time(hash, configured_)) return administrator_;
  const auto found = keys_.find(hash);
  if (found == keys_.end()) {
    const bool known_all = loaded_;
    lock.unlock();
    if (!known_all && !key.empty()) load();
    return Refusal{known_all || key.empty() ? Why::unknown : Why::loading};
  }
  Known& known = found->second;
  if (!known.row.active) return Refusal{Why::not_active};
  if (known.row.expires_ms > 0 && now.wall >= known.row.expires_ms) return Refusal{Why::expired};
  if (const Millis wait = known.rate.take(now.mono); wait > 0) return Refusal{Why::too_many, wait};
  known.used_ms = now.wall;
  auto caller = known.caller;
  const bool save = now.wall - known.saved_ms >= kUseWritten;
  if (save) known.saved_ms = now.wall;
  lock.unlock();
  if (save) save_use(caller->id, now.wall);
  return caller;
}

void KeyRing::save_use(const std::string& id, Millis at) {
  gateway_.work<bool>(
      [id, at](store::Database& database, Instant) -> Result<bool> {
        store::ApiKeys(database).used(id, at);
        return true;
      },
      [](const Result<bool>&) {});
}

// What was committed before a session went still names it: the database knows better then.
void KeyRing::set_unless_removed(const store::ApiKeyRow& row, std::uint64_t removals) {
  {
    const std::lock_guard lock(mutex_);
    if (removals_ == removals) return put(row);
  }
  load();
}

void KeyRing::put(const store::ApiKeyRow& row) {
  Known known{row, caller_of(row), RateLimit(row.rate_requests, row.rate_seconds), row.used_ms, row.used_ms};
  std::erase_if(keys_, [&](const auto& entry) { return entry.second.row.id == row.id; });
  keys_.insert_or_assign(row.hash, std::move(known));
}

void KeyRing::session_removed(const std::string& session) {
  const std::lock_guard lock(mutex_);
  ++removals_;
  for (auto at = keys_.begin(); at != keys_.end();) {
    Known& known = at->second;
    const bool bound = !known.row.sessions.empty();
    auto left = store::without_word(known.row.sessions, session);
    if (bound && left.empty()) {
      at = keys_.erase(at);
      continue;
    }
    if (left != known.row.sessions) {
      known.row.sessions = std::move(left);
      known.caller = caller_of(known.row);
    }
    ++at;
  }
}

void KeyRing::restored() {
  std::vector<store::ApiKeyRow> rows;
  {
    const std::lock_guard lock(mutex_);
    if (!loaded_) return;  // it reads what there is
    for (const auto& [hash, known] : keys_) rows.push_back(known.row);
  }
  gateway_.work<bool>(
      [rows = std::move(rows)](store::Database& database, Instant) -> Result<bool> {
        store::ApiKeys table(database);
        for (const auto& row : table.all())
          if (std::ranges::find(rows, row.id, &store::ApiKeyRow::id) == rows.end()) table.remove(row.id);
        for (const auto& row : rows) table.put(row);
        return true;
      },
      [](const Result<bool>& done) {
        if (!done) log::error("API keys are those of the backup", {{"detail", done.error().detail}});
      });
}

void KeyRing::forget(const std::string& id) {
  const std::lock_guard lock(mutex_);
  std::erase_if(keys_, [&](const auto& entry) { return entry.second.row.id == id; });
}

Result<std::vector<store::ApiKeyRow>> KeyRing::all() {
  using Rows = std::vector<store::ApiKeyRow>;
  PIGEOND_TRY(auto rows, gateway_.read<Rows>([](store::Database& database) -> Result<Rows> {
    return store::ApiKeys(database).all();
  }));
  const std::lock_guard lock(mutex_);
  for (auto& row : rows)
    if (const auto known = keys_.find(row.hash); known != keys_.end())
      row.used_ms = std::max(row.used_ms, known->second.used_ms);
  return rows;
}

// Of a change that may be made all the same, after its caller had to go, the database knows.
void KeyRing::failed(const Error& error) {
  if (error.cause == Cause::timed_out) load();
}

Result<store::ApiKeyRow> KeyRing::change(const std::string& id, Change change) {
  using Row = store::ApiKeyRow;
  const std::lock_guard one_by_one(changing_);
  const std::uint64_t removals = [this] {
    const std::lock_guard lock(mutex_);
    return removals_;
  }();
  auto row = gateway_.work<Row>(
      [id, change = std::move(change)](store::Database& database, Instant now) -> Result<Row> {
        store::ApiKeys rows(database);
        const auto there = rows.find(id);
        if (!there && rows.count() >= static_cast<std::int64_t>(limits::kApiKeys))
          return fail(Cause::rate_limited, "there are too many API keys");
        PIGEOND_TRY(Row changed, change(there ? &*there : nullptr, now));
        rows.put(changed);
        return changed;
      });
  if (row)
    set_unless_removed(*row, removals);
  else
    failed(row.error());
  return row;
}

Status KeyRing::remove(const std::string& id) {
  const std::lock_guard one_by_one(changing_);
  const auto removed = gateway_.work<bool>([id](store::Database& database, Instant) -> Result<bool> {
    if (!store::ApiKeys(database).remove(id)) return fail(Cause::not_found, "API key not found");
    return true;
  });
  if (!removed) {
    failed(removed.error());
    return removed.error();
  }
  forget(id);
  return {};
}

std::string KeyRing::derived_key(const std::string& purpose) const {
  const std::lock_guard lock(mutex_);
  return "key_" + hex_lower(ByteView(crypto::hmac_sha256(configured_, as_bytes(purpose))).first(16));
}

}  // namespace pigeond::api
