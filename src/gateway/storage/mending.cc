#include "gateway/storage/mending.h"

#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/log.h"
#include "store/database/backup.h"
#include "store/database/trouble.h"

namespace pigeond::gateway {
namespace {

constexpr Millis kLookEvery = 5 * kSecond;  // whether somebody has put other files in place
constexpr Millis kTryEvery = 10 * kMinute;  // all the same: a disk may have room again
// Damage that comes back soon: it is mended again, but not without end in a row.
constexpr Millis kSoon = 10 * kMinute;
constexpr Millis kFirstPause = 5 * kSecond, kLongestPause = 10 * kMinute;

}  // namespace

void Mending::found(const Error& damage) {
  if (std::exchange(under_way_, true)) return;
  suspicion_ = damage.detail;
  const Error why =
      store::damage_error("the database is damaged (" + damage.detail + "); it is being checked");
  health_.damaged(why, loop_.now().wall);
  log::error("the database is damaged", {{"detail", damage.detail}, {"code", std::to_string(damage.code)}});
  loop_.post([this, why] {
    hooks_.lost(why);
    let_go();
  });
}

void Mending::begin_without(const Error& why) {
  under_way_ = true;
  suspicion_ = why.detail;
  wait_for_change(why);
}

void Mending::let_go() {
  database_.close(health_.failure());
  const Millis now = loop_.now().mono;
  if (!mended_at_ || now - *mended_at_ > kSoon) {
    pause_ = 0;
    return mend();
  }
  pause_ = std::clamp(pause_ * 2, kFirstPause, kLongestPause);
  loop_.after(pause_, [this] { mend(); });
}

void Mending::mend() {
  const Millis wall = loop_.now().wall;
  auto result = std::make_shared<Result<store::Recovery>>(store::Recovery{});
  const bool started =
      aside_.start([this, wall, result] { *result = hooks_.recover(database_.lock(), wall, suspicion_); },
                   [this, result] { mended(*result); });
  if (!started) loop_.after(kLookEvery, [this] { mend(); });
}

void Mending::mended(const Result<store::Recovery>& recovery) {
  // Those whose statements failed in this round hear of it first.
  if (database_.failed()) return loop_.post([this, recovery] { mended(recovery); });
  if (!recovery) return wait_for_change(recovery.error());
  if (Status opened = database_.reopen(); !opened) {
    database_.close(opened.error());
    return wait_for_change(opened.error());
  }
  mended_at_ = loop_.now().mono;
  under_way_ = false;
  if (recovery->restored) {
    log::error("the last backup of the database is in its place",
               {{"reason", recovery->reason},
                {"kept", recovery->damaged.empty() ? "nothing" : recovery->damaged},
                {"backup_ms", std::to_string(recovery->backup_time)}});
  } else {
    log::notice("the database was checked, and is sound");
  }
  health_.started(*recovery, store::backup_time(database_.lock().path()));
  health_.works();
  hooks_.back();
}

void Mending::wait_for_change(const Error& why) {
  const Error told = store::damage_error(why.detail);
  const auto known = health_.state().failure;
  if (!known || known->detail != told.detail)
    log::error("the database can't be used", {{"detail", told.detail}});
  health_.damaged(told, loop_.now().wall);
  database_.close(told);
  files_ = seen_ = state_of_files();
  tried_ = loop_.now().mono;
  look();
}

void Mending::look() {
  loop_.after(kLookEvery, [this] {
    // What still changes is being copied.
    if (auto seen = state_of_files(); seen != seen_) {
      seen_ = std::move(seen);
      return look();
    }
    if (seen_ == files_ && loop_.now().mono - tried_ < kTryEvery) return look();
    mend();
  });
}

// Whatever shows that the database, or its backup, is another one.
std::string Mending::state_of_files() const {
  const std::string& path = database_.lock().path();
  std::string out;
  for (const auto& file : {path, path + "-wal", store::backup_file_of(path)}) {
    struct stat found {};
    if (::stat(file.c_str(), &found) == 0)
      out += std::to_string(found.st_ino) + "," + std::to_string(found.st_size) + "," +
             std::to_string(found.st_mtim.tv_sec) + "." + std::to_string(found.st_mtim.tv_nsec);
    out += ";";
  }
  return out;
}

}  // namespace pigeond::gateway
