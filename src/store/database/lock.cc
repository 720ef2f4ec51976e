#include "store/database/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <set>
#include <utility>

#include "store/database/trouble.h"

namespace pigeond::store {
namespace {

// SQLite's lock bytes begin at 1 GiB, and no database grows to here.
constexpr off_t kLockByte = off_t{1} << 50;
constexpr int kLinks = 40;  // as the kernel follows

using Inode = std::pair<dev_t, ino_t>;

// The files whose locks this process holds. To open one of them a second time would be enough to lose
// SQLite's locks on it: closing any descriptor of a file does that.
class Held {
 public:
  bool insert(const Inode& inode) {
    const std::lock_guard guard(mutex_);
    return inodes_.insert(inode).second;
  }
  void erase(const Inode& inode) {
    const std::lock_guard guard(mutex_);
    inodes_.erase(inode);
  }

 private:
  std::mutex mutex_;
  std::set<Inode> inodes_;
};

Held& held() {
  static Held all;
  return all;
}

Error is_held(const std::string& path) {
  return fail(Cause::storage, path + " is held: another pigeond uses this database, by this name or another");
}

class InodeLock {
 public:
  InodeLock() = default;
  InodeLock(const InodeLock&) = delete;
  InodeLock& operator=(const InodeLock&) = delete;
  ~InodeLock() { release(); }

  Status take(const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) == 0) {
      if (!S_ISREG(found.st_mode)) return fail(Cause::storage, path + " is not a file");
      inode_ = {found.st_dev, found.st_ino};
      if (!held().insert(inode_)) return is_held(path);
      registered_ = true;
    }
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor_ < 0) return system_error("can't open database " + path);
    if (!registered_) {
      if (::fstat(descriptor_, &found) != 0) return system_error("can't look at " + path);
      inode_ = {found.st_dev, found.st_ino};
      registered_ = held().insert(inode_);
    }
    struct flock byte {};
    byte.l_type = F_WRLCK;
    byte.l_whence = SEEK_SET;
    byte.l_start = kLockByte;
    byte.l_len = 1;
    if (::fcntl(descriptor_, F_OFD_SETLK, &byte) == 0) return {};
    return errno == EAGAIN || errno == EACCES ? is_held(path) : system_error("can't lock " + path);
  }

  void release() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    if (std::exchange(registered_, false)) held().erase(inode_);
  }

 private:
  int descriptor_ = -1;
  bool registered_ = false;
  Inode inode_{};
};

}  // namespace

struct DatabaseLock::State {
  std::string path;
  int name = -1;  // descriptor of "<path>.lock"
  InodeLock inode;
  std::atomic<bool> writer = false;  // a writing connection is open

  ~State() {
    inode.release();
    if (name >= 0) ::close(name);
  }
};

Result<DatabaseLock> DatabaseLock::take(const std::string& path) {
  auto state = std::make_shared<State>();
  state->path = path;
  if (path == ":memory:") return DatabaseLock(std::move(state));
  state->path = real_path(path);
  std::error_code none;
  const auto kind = std::filesystem::status(state->path, none).type();
  if (kind != std::filesystem::file_type::not_found && kind != std::filesystem::file_type::regular)
    return fail(Cause::storage, "can't open database " + path + ": it is not a file");
  const std::string file = state->path + ".lock";
  state->name = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (state->name < 0) return system_error("can't open " + file);
  if (::flock(state->name, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return is_held(state->path);
    return system_error("can't lock " + file);
  }
  if (std::filesystem::exists(state->path, none)) PIGEOND_CHECK(state->inode.take(state->path));
  return DatabaseLock(std::move(state));
}

Status DatabaseLock::follow() {
  if (state_->path == ":memory:") return {};
  if (state_->writer) std::abort();
  state_->inode.release();
  return state_->inode.take(state_->path);
}

const std::string& DatabaseLock::path() const {
  return state_->path;
}

std::shared_ptr<void> DatabaseLock::permit_writer() const {
  if (state_->writer.exchange(true)) std::abort();
  return {state_.get(), [state = state_](void*) { state->writer = false; }};
}

std::string real_path(const std::string& path) {
  if (path == ":memory:") return path;
  std::error_code failed;
  std::filesystem::path file = path;
  for (int i = 0; i < kLinks && std::filesystem::is_symlink(file, failed); ++i) {
    const auto target = std::filesystem::read_symlink(file, failed);
    if (failed) return path;
    file = target.is_absolute() ? target : file.parent_path() / target;
  }
  const auto real = std::filesystem::weakly_canonical(file, failed);
  return failed || real.empty() ? path : real.string();
}

}  // namespace pigeond::store
