#include "gateway/storage/backups.h"

#include <filesystem>
#include <memory>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "store/api_keys.h"
#include "store/database/backup.h"
#include "store/database/trouble.h"

namespace pigeond::gateway {
namespace {

constexpr Millis kLookEvery = 10 * kMinute;
constexpr Millis kFresh = kHour;                         // at a stop
constexpr std::uintmax_t kLargestAtStop = 64 * 1048576;  // bytes

}  // namespace

Backups::Backups(net::Loop& loop, store::Database& database, StorageHealth& health, std::string path,
                 Millis interval, bool threads, std::function<void(const Error&)> damage)
    : loop_(loop),
      database_(database),
      health_(health),
      path_(std::move(path)),
      interval_(path_ == ":memory:" ? 0 : interval),
      damage_(std::move(damage)),
      aside_(loop, threads) {}

Backups::~Backups() {
  call_off();
}

void Backups::call_off() {
  if (!aside_.busy()) return;
  cancelled_ = true;
  aside_.wait();
  cancelled_ = false;
  complete_ = false;
}

void Backups::start() {
  if (interval_ == 0) return;
  commits_ = database_.commits();
  access_ = access();
  complete_ = store::backup_time(path_) != 0;
  plan();
}

void Backups::plan() {
  loop_.after(kLookEvery, [this] {
    look();
    plan();
  });
}

// Who is linked, and who may do what: of these two an old state is worse than a lost message. A key that was
// taken back would be good again.
std::string Backups::access() {
  std::string all;
  auto row = database_.prepare("SELECT session_id, linked_ms FROM credentials WHERE linked_ms > 0");
  while (row.step()) all += row.text(0) + ":" + row.text(1) + " ";
  std::string keys;
  for (const auto& key : store::ApiKeys(database_).all())
    keys += key.id + ":" + key.scopes + ":" + key.sessions + ":" + std::to_string(key.expires_ms) +
            (key.active ? ";" : ":off;");
  return all + hex_lower(crypto::sha256(as_bytes(keys)));
}

bool Backups::due(Millis age) const {
  return age < 0 || age >= interval_ || !complete_;  // < 0: the clock was set back
}

void Backups::look() {
  if (interval_ == 0 || under_way() || health_.failing()) return;
  auto now = access();
  if (now != access_) complete_ = false;
  access_ = std::move(now);
  if (database_.commits() == commits_ && complete_) return;
  if (!due(loop_.now().wall - store::backup_time(path_))) return;
  commits_ = database_.commits();
  complete_ = true;
  auto done = std::make_shared<Status>();
  const bool started = aside_.start([this, done] { *done = store::write_backup(path_, cancelled_); },
                                    [this, done] { made(*done); });
  if (!started) made(fail(Cause::io, "there is no thread for the backup"));
}

void Backups::finish() {
  if (interval_ == 0 || health_.failing()) return;
  call_off();
  std::error_code none;
  const auto size = std::filesystem::file_size(path_, none);
  if (none || size > kLargestAtStop) return;
  const Millis age = loop_.now().wall - store::backup_time(path_);
  const bool fresh = age >= 0 && age < std::min(interval_, kFresh);
  auto now = access();
  if (database_.commits() == 0 || (fresh && now == access_ && complete_)) return;
  commits_ = database_.commits();
  access_ = std::move(now);
  complete_ = true;
  made(store::write_backup(path_, cancelled_));
}

void Backups::made(const Status& done) {
  if (done) {
    health_.backed_up(store::backup_time(path_));
    log::info("backup made", {{"file", store::backup_file_of(path_)}});
    return;
  }
  complete_ = false;  // once more at the next look
  if (done.cause() == Cause::cancelled) return;
  health_.backup_failed(done.error().detail);
  log::error("no backup could be made", {{"detail", done.error().detail}});
  if (store::is_damage(done.error())) damage_(done.error());
}

}  // namespace pigeond::gateway
