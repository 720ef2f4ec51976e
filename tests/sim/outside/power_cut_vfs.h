// A disk in memory that SQLite takes for a real one. It tells what was synced from what was only written, so
// that power can be cut at any operation, and it fails when it is told to.
//
// What a cut leaves follows SQLite's own assumptions (sqlite.org/atomiccommit.html, "powersafe overwrite"):
// everything synced is there; of the writes since, none, the first few, or any subset; a write never changes
// bytes beside its own. A failed sync loses writes as Linux does: they stay readable and never become
// durable. A page can be damaged: what is read of it is not what was written, and SQLite notices.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"

namespace pigeond::sim {

class Disk {
 public:
  enum class Trouble { none, write_errors, read_errors, full };

  // Serves every path that starts with `prefix`, for as long as it lives. `random` is kept by reference.
  Disk(std::string prefix, Random& random);
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  void set_trouble(Trouble trouble) { trouble_ = trouble; }
  // Every third reading of a page of a tree in the database itself is of something else. (Nobody checks what
  // an overflow page holds, nor what a checkpoint copies from the log: nothing can be promised for these.)
  void set_damaged(bool damaged) { damaged_ = damaged; }
  bool damaged() const { return damaged_; }
  void copy(const std::string& from, const std::string& to);  // synced; nothing if there is no such file
  // The process dies at the `operations`th write or sync from now on (0: at the next one).
  void light_fuse(std::uint64_t operations) { fuse_ = operations + 1; }
  void put_out_fuse() { fuse_ = 0; }
  bool fuse_is_lit() const { return fuse_ > 0; }
  // Nothing that is open has an effect any more; what was written stays, as after a killed process.
  void stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }
  // A new process may open files.
  void start();
  // Stops, and forgets what was not synced.
  void cut_power();

  std::uint64_t syncs() const { return syncs_; }

  // --- for the VFS ---
  struct Change {
    std::size_t offset = 0;  // or the new size
    Bytes bytes;
    bool truncates = false;
  };
  struct File {
    Bytes bytes;                  // as read by the process
    Bytes durable;                // as found after a cut
    std::vector<Change> pending;  // since the last sync
  };
  File* find(const std::string& path);
  File& open(const std::string& path) { return files_[path]; }
  bool exists(const std::string& path) const;
  int read(const File& file, void* out, std::size_t count, std::size_t offset);
  int write(File& file, const void* data, std::size_t count, std::size_t offset);
  int truncate(File& file, std::size_t size);
  int sync(File& file);
  int remove(const std::string& path);

 private:
  bool burn();  // true: the process is dead
  bool hits(std::uint64_t one_in) { return random_.below(one_in) == 0; }

  std::string prefix_;
  Random& random_;
  std::map<std::string, File> files_;
  Trouble trouble_ = Trouble::none;
  bool damaged_ = false;
  bool stopped_ = false;
  std::uint64_t fuse_ = 0;  // operations left, and one; 0: none is lit
  std::uint64_t syncs_ = 0;
};

// Makes the disks' VFS SQLite's default one, and its random numbers those of `seed`.
void use_simulated_disks(std::uint64_t seed);

}  // namespace pigeond::sim
