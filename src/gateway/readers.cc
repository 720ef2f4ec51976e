#include "gateway/readers.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace pigeond::gateway {
namespace {

// One connection costs some 100 KiB for as long as it is kept; who comes while it is out opens another.
constexpr std::size_t kIdle = 1;

Result<std::pair<std::uint64_t, std::uint64_t>> file_at(const std::string& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) return fail(Cause::storage, path + ": " + std::strerror(errno), errno);
  return std::pair<std::uint64_t, std::uint64_t>(found.st_dev, found.st_ino);
}

}  // namespace

Result<Readers::Reader> Readers::take() {
  PIGEOND_TRY(const auto file, file_at(path_));
  {
    const std::lock_guard lock(mutex_);
    while (!idle_.empty()) {
      Reader reader = std::move(idle_.back());
      idle_.pop_back();
      if (reader.file == file) return reader;
    }
  }
  Reader reader{nullptr, file};
  PIGEOND_TRY(reader.database, store::Database::open_read_only(path_));
  return reader;
}

void Readers::give_back(Reader reader) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kIdle) idle_.push_back(std::move(reader));
}

Result<Found> Readers::read(const Look& look) {
  PIGEOND_TRY(Reader reader, take());
  reader.database->begin();
  auto found = look(*reader.database);
  const bool failed = reader.database->failed();
  if (failed) found = reader.database->failure();
  reader.database->rollback();
  if (!failed) give_back(std::move(reader));
  return found;
}

}  // namespace pigeond::gateway
