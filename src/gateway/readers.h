// Read-only connections to the database, for what only looks: on whatever thread asks, beside the loop, and
// never behind a commit. What they show is committed.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "gateway/asking.h"
#include "store/database/database.h"

namespace pigeond::gateway {

class Readers {
 public:
  explicit Readers(std::string path) : path_(std::move(path)) {}

  // What `look` finds, in one snapshot. From any thread; storage: the database can't be read.
  using Look = std::function<Result<Found>(store::Database&)>;
  Result<Found> read(const Look& look);

 private:
  // Of a file that is still the one at the path: a damaged one is replaced by its backup.
  struct Reader {
    std::unique_ptr<store::Database> database;
    std::pair<std::uint64_t, std::uint64_t> file;  // device and inode
  };
  Result<Reader> take();
  void give_back(Reader reader);

  const std::string path_;
  std::mutex mutex_;
  std::vector<Reader> idle_;
};

}  // namespace pigeond::gateway
