#include "outside/power_cut_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "store/database/database.h"

namespace pigeond::sim {
namespace {

constexpr std::size_t kPage = store::kPageBytes;

std::map<std::string, Disk*>& mounts() {
  static std::map<std::string, Disk*> all;
  return all;
}

Disk* disk_of(const std::string& path) {
  for (const auto& [prefix, disk] : mounts())
    if (path.starts_with(prefix)) return disk;
  return nullptr;
}

void overlay(Bytes& bytes, const Disk::Change& change) {
  if (change.truncates) {
    bytes.resize(change.offset);
    return;
  }
  const std::size_t end = change.offset + change.bytes.size();
  if (bytes.size() < end) bytes.resize(end);
  std::copy(change.bytes.begin(), change.bytes.end(),
            bytes.begin() + static_cast<std::ptrdiff_t>(change.offset));
}

// sqlite.org/fileformat2.html, 1.6: the first byte of a page that belongs to a b-tree is its kind.
bool is_tree_page(const void* bytes, std::size_t count) {
  if (count != kPage) return false;
  const std::uint8_t kind = *static_cast<const std::uint8_t*>(bytes);
  return kind == 2 || kind == 5 || kind == 10 || kind == 13;
}

}  // namespace

// --- the disk ---

Disk::Disk(std::string prefix, Random& random) : prefix_(std::move(prefix)), random_(random) {
  mounts()[prefix_] = this;
}

Disk::~Disk() {
  mounts().erase(prefix_);
}

void Disk::start() {
  stopped_ = false;
  fuse_ = 0;
}

bool Disk::burn() {
  if (stopped_) return true;
  if (fuse_ > 0 && --fuse_ == 0) stopped_ = true;
  return stopped_;
}

void Disk::cut_power() {
  stop();
  const auto mode = random_.below(3);
  for (auto& [path, file] : files_) {
    const std::size_t count = file.pending.size();
    const std::size_t first = mode == 0 ? 0 : static_cast<std::size_t>(random_.below(count + 1));
    for (std::size_t i = 0; i < count; ++i)
      if (mode == 2 ? random_.below(2) == 0 : i < first) overlay(file.durable, file.pending[i]);
    file.pending.clear();
    file.bytes = file.durable;
  }
}

Disk::File* Disk::find(const std::string& path) {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : &found->second;
}

bool Disk::exists(const std::string& path) const {
  const auto found = files_.find(path);
  return found != files_.end() && !found->second.bytes.empty();  // as SQLite's own VFS sees an empty file
}

int Disk::read(const File& file, void* out, std::size_t count, std::size_t offset) {
  if (stopped_) return SQLITE_IOERR_READ;
  if (trouble_ == Trouble::read_errors && hits(3)) return SQLITE_IOERR_READ;
  std::memset(out, 0, count);
  if (offset >= file.bytes.size()) return SQLITE_IOERR_SHORT_READ;
  const std::size_t there = std::min(count, file.bytes.size() - offset);
  std::memcpy(out, file.bytes.data() + offset, there);
  if (damaged_ && &file == find(prefix_) && is_tree_page(out, count) && hits(3))
    std::memset(out, 0xff, count);
  return there == count ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int Disk::write(File& file, const void* data, std::size_t count, std::size_t offset) {
  if (burn()) return SQLITE_IOERR_WRITE;
  if (trouble_ == Trouble::write_errors && hits(3)) return SQLITE_IOERR_WRITE;
  if (trouble_ == Trouble::full && offset + count > file.bytes.size()) return SQLITE_FULL;
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  file.pending.push_back({offset, Bytes(bytes, bytes + count)});
  overlay(file.bytes, file.pending.back());
  return SQLITE_OK;
}

int Disk::truncate(File& file, std::size_t size) {
  if (burn()) return SQLITE_IOERR_TRUNCATE;
  file.pending.push_back({size, {}, true});
  overlay(file.bytes, file.pending.back());
  return SQLITE_OK;
}

int Disk::sync(File& file) {
  if (burn()) return SQLITE_IOERR_FSYNC;
  ++syncs_;
  const bool fails = trouble_ == Trouble::write_errors && hits(3);
  for (const auto& change : file.pending)
    if (!fails || hits(2)) overlay(file.durable, change);
  file.pending.clear();
  return fails ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

void Disk::copy(const std::string& from, const std::string& to) {
  files_.erase(to);
  const File* source = find(from);
  if (source == nullptr) return;
  const Bytes bytes = source->bytes;
  files_[to] = File{bytes, bytes, {}};
}

int Disk::remove(const std::string& path) {
  if (burn()) return SQLITE_IOERR_DELETE;
  files_.erase(path);
  return SQLITE_OK;
}

// --- SQLite's side: sqlite.org/vfs.html ---

namespace {

struct Opened {
  Disk* disk = nullptr;
  std::string path;  // empty: a temporary file, of this handle only
  Disk::File temporary;
  std::vector<std::unique_ptr<std::vector<std::uint8_t>>> shared_memory;

  Disk::File* file() { return path.empty() ? &temporary : disk->find(path); }
};

struct Handle {
  sqlite3_file base;
  Opened* opened;
};

Opened& of(sqlite3_file* file) {
  return *reinterpret_cast<Handle*>(file)->opened;
}

int close_file(sqlite3_file* file) {
  delete reinterpret_cast<Handle*>(file)->opened;
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* out, int count, sqlite3_int64 offset) {
  const auto* found = of(file).file();
  if (found == nullptr) return SQLITE_IOERR_READ;
  return of(file).disk->read(*found, out, static_cast<std::size_t>(count), static_cast<std::size_t>(offset));
}

int write_file(sqlite3_file* file, const void* data, int count, sqlite3_int64 offset) {
  auto* found = of(file).file();
  if (found == nullptr) return SQLITE_IOERR_WRITE;
  return of(file).disk->write(*found, data, static_cast<std::size_t>(count),
                              static_cast<std::size_t>(offset));
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  auto* found = of(file).file();
  return found == nullptr ? SQLITE_IOERR_TRUNCATE
                          : of(file).disk->truncate(*found, static_cast<std::size_t>(size));
}

int sync_file(sqlite3_file* file, int) {
  auto* found = of(file).file();
  return found == nullptr ? SQLITE_IOERR_FSYNC : of(file).disk->sync(*found);
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  const auto* found = of(file).file();
  if (found == nullptr) return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>(found->bytes.size());
  return SQLITE_OK;
}

// One process, one connection: a lock is always free.
int lock_file(sqlite3_file*, int) {
  return SQLITE_OK;
}
int check_reserved(sqlite3_file*, int* reserved) {
  *reserved = 0;
  return SQLITE_OK;
}
int file_control(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}
int sector_size(sqlite3_file*) {
  return 4096;
}
int characteristics(sqlite3_file*) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

int map_shared_memory(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  auto& all = of(file).shared_memory;
  *out = nullptr;
  if (static_cast<std::size_t>(region) >= all.size() && extend == 0) return SQLITE_OK;
  while (static_cast<std::size_t>(region) >= all.size())
    all.push_back(std::make_unique<std::vector<std::uint8_t>>(static_cast<std::size_t>(size)));
  *out = all[static_cast<std::size_t>(region)]->data();
  return SQLITE_OK;
}
int lock_shared_memory(sqlite3_file*, int, int, int) {
  return SQLITE_OK;
}
void shared_memory_barrier(sqlite3_file*) {}
int unmap_shared_memory(sqlite3_file* file, int) {
  of(file).shared_memory.clear();
  return SQLITE_OK;
}

const sqlite3_io_methods kMethods = {2,
                                     close_file,
                                     read_file,
                                     write_file,
                                     truncate_file,
                                     sync_file,
                                     file_size,
                                     lock_file,
                                     lock_file,
                                     check_reserved,
                                     file_control,
                                     sector_size,
                                     characteristics,
                                     map_shared_memory,
                                     lock_shared_memory,
                                     shared_memory_barrier,
                                     unmap_shared_memory,
                                     nullptr,
                                     nullptr};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* handle = reinterpret_cast<Handle*>(file);
  handle->base.pMethods = nullptr;
  const std::string path = name == nullptr ? "" : name;
  Disk* disk = disk_of(path);
  if (disk == nullptr || disk->stopped()) return SQLITE_CANTOPEN;
  if ((flags & SQLITE_OPEN_CREATE) == 0 && disk->find(path) == nullptr) return SQLITE_CANTOPEN;
  disk->open(path);
  handle->opened = new Opened{disk, path, {}, {}};
  handle->base.pMethods = &kMethods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int delete_path(sqlite3_vfs*, const char* name, int) {
  Disk* disk = disk_of(name);
  return disk == nullptr ? SQLITE_IOERR_DELETE : disk->remove(name);
}

int access_path(sqlite3_vfs*, const char* name, int, int* result) {
  const Disk* disk = disk_of(name);
  *result = disk != nullptr && disk->exists(name) ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

std::optional<SeededRandom>& sqlite_random() {
  static std::optional<SeededRandom> random;
  return random;
}

int randomness(sqlite3_vfs*, int count, char* out) {
  const Bytes bytes = sqlite_random()->bytes(static_cast<std::size_t>(count));
  std::copy(bytes.begin(), bytes.end(), out);
  return count;
}
int sleep_micros(sqlite3_vfs*, int micros) {
  return micros;
}
int current_time(sqlite3_vfs*, double* julian_day) {
  *julian_day = 2460000.5;  // nothing asks SQLite for the time
  return SQLITE_OK;
}
int last_error(sqlite3_vfs*, int, char*) {
  return 0;
}

}  // namespace

void use_simulated_disks(std::uint64_t seed) {
  static sqlite3_vfs vfs = {};
  sqlite_random().emplace(seed);
  if (vfs.zName == nullptr) {
    sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1);  // these disks have no place for temporary files
    vfs.iVersion = 1;
    vfs.szOsFile = sizeof(Handle);
    vfs.mxPathname = 512;
    vfs.zName = "simulated";
    vfs.xOpen = open_file;
    vfs.xDelete = delete_path;
    vfs.xAccess = access_path;
    vfs.xFullPathname = full_path;
    vfs.xRandomness = randomness;
    vfs.xSleep = sleep_micros;
    vfs.xCurrentTime = current_time;
    vfs.xGetLastError = last_error;
    sqlite3_vfs_register(&vfs, 1);
  }
  sqlite3_randomness(0, nullptr);  // forgets what earlier worlds drew
}

}  // namespace pigeond::sim
