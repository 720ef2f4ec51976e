#include "store/database/database.h"

#include <sqlite3.h>

#include <cstdlib>
#include <functional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/database/connection.h"
#include "store/database/migrations.h"
#include "store/database/trouble.h"

namespace pigeond::store {
namespace {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

}  // namespace

struct Database::Impl {
  Database* owner = nullptr;
  // Destroyed from the bottom up: statements, connection, lock.
  std::optional<DatabaseLock> lock;  // none: it only reads
  SqliteHandle handle;
  std::optional<Error> closed;  // why there is no connection
  struct Cached {
    sqlite3_stmt* statement = nullptr;
    bool busy = false;  // handed out; preparing the same text meanwhile makes another statement, not kept
  };
  std::unordered_map<std::string, Cached, TextHash, std::equal_to<>> cache;

  bool in_unit = false;
  bool in_transaction = false;
  bool wrote = false;  // a statement that writes was run in it
  std::optional<Error> error;
  bool in_part = false;
  bool part_wrote = false;  // there is a savepoint
  std::int64_t changes_at_part = 0;
  std::optional<Error> part_error;
  std::int64_t changes_at_begin = 0;
  std::int64_t commits = 0;

  ~Impl() { forget_statements(); }

  void forget_statements() {
    for (auto& [sql, cached] : cache) {
      if (cached.busy) std::abort();
      sqlite3_finalize(cached.statement);
    }
    cache.clear();
  }

  Status connect() {
    PIGEOND_CHECK(lock->follow());
    PIGEOND_TRY(handle, connect_writer(*lock));
    return migrate(handle.get(), lock->path());
  }

  void disconnect() {
    forget_statements();
    handle = SqliteHandle();  // not reset(): its permission goes as well
  }

  void note(Error first) {
    std::optional<Error>& kept = in_part && !concerns_all(first) ? part_error : error;
    if (!kept) kept = std::move(first);
  }

  bool failing() const { return error || part_error; }

  // BEGIN, COMMIT and savepoints, compiled once as any statement. What they fail with concerns the whole
  // unit.
  bool control(std::string_view sql) {
    Statement statement = owner->prepare(sql);
    if (statement.statement_ == nullptr) return false;
    const int code = sqlite3_step(statement.statement_);
    if (code != SQLITE_DONE && !error) error = sqlite_error(handle.get(), std::string(sql));
    return code == SQLITE_DONE;
  }

  sqlite3_stmt* compile(std::string_view sql, unsigned flags) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(handle.get(), sql.data(), static_cast<int>(sql.size()), flags,
                                        &statement, nullptr);
    if (code != SQLITE_OK) note(sqlite_error(handle.get(), "prepare"));
    return code == SQLITE_OK ? statement : nullptr;
  }

  // Opens the transaction at the first statement of a unit of work. Reads are in it too: each for itself
  // would take and release the locks of the log. There is no other writer to whom a later first write could
  // lose.
  bool ready() {
    if (!in_unit || in_transaction) return true;
    if (!control("BEGIN")) return false;
    in_transaction = true;
    changes_at_begin = sqlite3_total_changes64(handle.get());
    return true;
  }

  int step(sqlite3_stmt* statement) {
    if (in_unit && failing()) return SQLITE_ERROR;
    if (!ready()) return SQLITE_ERROR;
    const bool writes = sqlite3_stmt_readonly(statement) == 0;
    if (writes && in_part && !part_wrote) {
      if (!control("SAVEPOINT part")) return SQLITE_ERROR;
      part_wrote = true;
      changes_at_part = sqlite3_total_changes64(handle.get());
    }
    if (writes) wrote = true;
    const std::int64_t before = writes && !in_unit ? sqlite3_total_changes64(handle.get()) : 0;
    const int code = sqlite3_step(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE) note(sqlite_error(handle.get(), "step"));
    if (writes && !in_unit && code == SQLITE_DONE && sqlite3_total_changes64(handle.get()) != before)
      ++commits;
    return code;
  }

  void end_unit() {
    // A full disk or an I/O error may have rolled back by itself.
    if (in_transaction && sqlite3_get_autocommit(handle.get()) == 0) {
      sqlite3_exec(handle.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
    in_transaction = wrote = false;
    in_unit = false;
    in_part = part_wrote = false;
    part_error.reset();
  }
};

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      busy_(other.busy_),
      next_(other.next_) {}

Statement::~Statement() {
  if (statement_ == nullptr) return;
  if (busy_ == nullptr) {
    sqlite3_finalize(statement_);
    return;
  }
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  *busy_ = false;
}

Statement& Statement::bind(std::int64_t value) {
  if (statement_ == nullptr) return *this;
  if (sqlite3_bind_int64(statement_, next_++, value) != SQLITE_OK) {
    database_->impl_->note(sqlite_error(database_->impl_->handle.get(), "bind"));
  }
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  if (statement_ == nullptr) return *this;
  const char* data = text.data() == nullptr ? "" : text.data();
  if (sqlite3_bind_text64(statement_, next_++, data, text.size(), SQLITE_STATIC, SQLITE_UTF8) != SQLITE_OK) {
    database_->impl_->note(sqlite_error(database_->impl_->handle.get(), "bind"));
  }
  return *this;
}

Statement& Statement::bind(ByteView blob) {
  if (statement_ == nullptr) return *this;
  const void* data =
      blob.empty() ? "" : static_cast<const void*>(blob.data());  // a null pointer would bind NULL
  if (sqlite3_bind_blob64(statement_, next_++, data, blob.size(), SQLITE_STATIC) != SQLITE_OK) {
    database_->impl_->note(sqlite_error(database_->impl_->handle.get(), "bind"));
  }
  return *this;
}

Statement& Statement::bind_null() {
  if (statement_ == nullptr) return *this;
  if (sqlite3_bind_null(statement_, next_++) != SQLITE_OK) {
    database_->impl_->note(sqlite_error(database_->impl_->handle.get(), "bind"));
  }
  return *this;
}

bool Statement::step() {
  if (statement_ == nullptr) return false;
  return database_->impl_->step(statement_) == SQLITE_ROW;
}

std::int64_t Statement::run() {
  if (statement_ == nullptr) return 0;
  const int code = database_->impl_->step(statement_);
  const std::int64_t changed = code == SQLITE_DONE && sqlite3_stmt_readonly(statement_) == 0
                                   ? sqlite3_changes64(database_->impl_->handle.get())
                                   : 0;
  sqlite3_reset(statement_);  // lets go of its locks now, not when the C++ object goes
  return changed;
}

Statement& Statement::again() {
  if (statement_ != nullptr) sqlite3_reset(statement_);
  next_ = 1;
  return *this;
}

std::int64_t Statement::integer(int column) const {
  return statement_ == nullptr ? 0 : sqlite3_column_int64(statement_, column);
}

std::string Statement::text(int column) const {
  if (statement_ == nullptr) return {};
  const auto* data = sqlite3_column_text(statement_, column);
  if (data == nullptr) return {};
  return {reinterpret_cast<const char*>(data),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

ByteView Statement::blob_view(int column) const {
  if (statement_ == nullptr) return {};
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Bytes Statement::blob(int column) const {
  return to_bytes(blob_view(column));
}

bool Statement::is_null(int column) const {
  return statement_ == nullptr || sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
  impl_->owner = this;
}
Database::~Database() {
  if (impl_->in_unit) rollback();
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path) {
  PIGEOND_TRY(auto lock, DatabaseLock::take(path));
  return open(std::move(lock));
}

Result<std::unique_ptr<Database>> Database::open(DatabaseLock lock) {
  auto impl = std::make_unique<Impl>();
  impl->lock = std::move(lock);
  PIGEOND_CHECK(impl->connect());
  PIGEOND_CHECK(give_back_free_pages(impl->handle.get(), impl->lock->path()));
  return std::unique_ptr<Database>(new Database(std::move(impl)));
}

std::unique_ptr<Database> Database::without_file(DatabaseLock lock, Error why) {
  auto impl = std::make_unique<Impl>();
  impl->lock = std::move(lock);
  impl->closed = std::move(why);
  return std::unique_ptr<Database>(new Database(std::move(impl)));
}

void Database::close(Error why) {
  const bool in_unit = impl_->in_unit;
  // What was gathered in it is lost, and whoever waits for its commit has to hear so.
  const bool lost = in_unit && (impl_->wrote || impl_->error);
  rollback();
  impl_->disconnect();
  impl_->closed = std::move(why);
  if (!in_unit) return;
  begin();
  if (lost) impl_->error = impl_->closed;
}

Status Database::reopen() {
  impl_->error.reset();
  Status done = impl_->connect();
  if (done) {
    impl_->closed.reset();
  } else {
    impl_->disconnect();
  }
  return done;
}

bool Database::closed() const {
  return impl_->closed.has_value();
}

DatabaseLock& Database::lock() {
  return *impl_->lock;
}

Result<std::unique_ptr<Database>> Database::open_read_only(const std::string& path) {
  auto impl = std::make_unique<Impl>();
  PIGEOND_TRY(impl->handle, connect_reader(path));
  PIGEOND_TRY(const std::int64_t found,
              query_integer(impl->handle.get(), "PRAGMA user_version", "can't read database " + path));
  const auto known = static_cast<std::int64_t>(migrations().size());
  if (found != known) {
    return fail(Cause::storage, path + " has schema " + std::to_string(found) + ", this program reads " +
                                    std::to_string(known));
  }
  return std::unique_ptr<Database>(new Database(std::move(impl)));
}

Statement Database::prepare(std::string_view sql) {
  if (!impl_->in_unit) impl_->error.reset();  // nothing to protect: each statement stands for itself
  if (impl_->closed) {
    impl_->note(*impl_->closed);
    return Statement(this, nullptr, nullptr);
  }
  auto found = impl_->cache.find(sql);
  if (found == impl_->cache.end()) {
    sqlite3_stmt* statement = impl_->compile(sql, SQLITE_PREPARE_PERSISTENT);
    if (statement == nullptr) return Statement(this, nullptr, nullptr);
    found = impl_->cache.emplace(std::string(sql), Impl::Cached{statement, false}).first;
  }
  Impl::Cached& cached = found->second;
  if (cached.busy) return Statement(this, impl_->compile(sql, 0), nullptr);
  cached.busy = true;
  return Statement(this, cached.statement, &cached.busy);
}

void Database::begin() {
  if (impl_->in_unit) impl_->end_unit();
  impl_->error.reset();
  impl_->in_unit = true;
}

Status Database::commit() {
  if (impl_->in_unit && !impl_->error && impl_->in_transaction && impl_->control("COMMIT")) {
    if (sqlite3_total_changes64(impl_->handle.get()) != impl_->changes_at_begin) ++impl_->commits;
    impl_->in_transaction = false;
  }
  impl_->end_unit();
  if (impl_->error) return *impl_->error;
  return {};
}

void Database::rollback() {
  impl_->end_unit();
}

void Database::begin_part() {
  impl_->in_part = impl_->in_unit;
}

Status Database::end_part() {
  impl_->in_part = false;
  const auto failure = std::exchange(impl_->part_error, std::nullopt);
  const bool wrote = std::exchange(impl_->part_wrote, false);
  // What fails as a whole is rolled back as a whole, and SQLite may have done so by itself.
  if (wrote && !impl_->error) {
    if (failure && impl_->control("ROLLBACK TO part"))  // SQLite counts what was undone as well
      impl_->changes_at_begin += sqlite3_total_changes64(impl_->handle.get()) - impl_->changes_at_part;
    impl_->control("RELEASE part");
  }
  if (failure) return *failure;
  return {};
}

bool Database::changed() const {
  return impl_->in_transaction && impl_->wrote;
}

bool Database::failed() const {
  return impl_->failing();
}

const Error& Database::failure() const {
  static const Error none = fail(Cause::storage, "no failure");
  if (impl_->error) return *impl_->error;
  return impl_->part_error ? *impl_->part_error : none;
}

void Database::fail_unit(Error error) {
  impl_->note(std::move(error));
}

std::int64_t Database::commits() const {
  return impl_->commits;
}

std::int64_t Database::rows_changed() const {
  return impl_->in_transaction ? sqlite3_total_changes64(impl_->handle.get()) - impl_->changes_at_begin : 0;
}

void Database::release_memory() {
  if (impl_->handle) sqlite3_db_release_memory(impl_->handle.get());
}

std::vector<std::string> Database::statements() const {
  std::vector<std::string> out;
  for (const auto& [sql, cached] : impl_->cache) out.push_back(sql);
  return out;
}

std::int64_t Database::last_insert_id() const {
  return impl_->closed ? 0 : sqlite3_last_insert_rowid(impl_->handle.get());
}

int Database::schema_version() const {
  if (impl_->closed) return 0;
  auto version = query_integer(impl_->handle.get(), "PRAGMA user_version", "schema version");
  return version ? static_cast<int>(*version) : 0;
}

}  // namespace pigeond::store
