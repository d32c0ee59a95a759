#include "server/sqlite/connection.h"

#include <sqlite3.h>

#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/log.h"
#include "server/base/status.h"
#include "server/sqlite/bounded_functions.h"
#include "server/sqlite/error.h"
#include "server/sqlite/file_name.h"
#include "server/sqlite/quote.h"
#include "server/sqlite/rank_function.h"
#include "server/sqlite/raw_pages.h"

namespace sluice::sqlite {
namespace {

constexpr char kOnlyReads[] =
    "this method runs only statements that read, with SQLite's harmless functions";

constexpr char kOnlyRowsAndDefinitions[] =
    "SQL may change rows, tables, indexes, views and triggers, with SQLite's harmless functions; "
    "not transactions, other databases, temporary objects or settings";

// 2 MiB of pages for each connection.
constexpr int kCacheKib = 2048;

int OpenFlags(OpenOptions::Mode mode) {
  constexpr int kAlways = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE;
  switch (mode) {
    case OpenOptions::Mode::kReadOnly:
      return kAlways | SQLITE_OPEN_READONLY;
    case OpenOptions::Mode::kImmutable:
      return kAlways | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
    case OpenOptions::Mode::kReadWrite:
      return kAlways | SQLITE_OPEN_READWRITE;
    case OpenOptions::Mode::kCreate:
      return kAlways | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    case OpenOptions::Mode::kCopyInto:
      return kAlways | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI;
  }
  return kAlways;
}

bool OnlySpaceAndComments(absl::string_view sql) {
  while (!sql.empty()) {
    if (sql[0] == ' ' || sql[0] == '\t' || sql[0] == '\n' || sql[0] == '\r' || sql[0] == '\f' ||
        sql[0] == ';') {
      sql.remove_prefix(1);
    } else if (sql.substr(0, 2) == "--") {
      const size_t end = sql.find('\n');
      sql = end == absl::string_view::npos ? absl::string_view() : sql.substr(end);
    } else if (sql.substr(0, 2) == "/*") {
      const size_t end = sql.find("*/", 2);
      sql = end == absl::string_view::npos ? absl::string_view() : sql.substr(end + 2);
    } else {
      return false;
    }
  }
  return true;
}

absl::Status SqlError(absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kSqlError, message);
}

}  // namespace

void Connection::Closer::operator()(sqlite3* db) const {
  // close_v2 would hide a statement that outlives its connection; SQLITE_BUSY says so.
  if (sqlite3_close(db) != SQLITE_OK) {
    Log(LogLevel::kError, "a connection was closed under a statement");
    sqlite3_close_v2(db);
  }
}

Connection::Connection(sqlite3* db) : db_(db), guard_(db) {}

Connection::~Connection() {
  guard_.Disarm();
  cache_.clear();
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const OpenOptions& options) {
  const std::string name =
      options.mode == OpenOptions::Mode::kImmutable  ? FileUri(options.path, "immutable=1")
      : options.mode == OpenOptions::Mode::kCopyInto ? FileUri(options.path, "mode=rwc")
                                                     : options.path;
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &raw, OpenFlags(options.mode), nullptr);
  // A handle comes even when opening fails.
  if (code != SQLITE_OK) {
    const absl::Status status = ErrorFrom(raw, code);
    sqlite3_close(raw);
    return status;
  }
  auto connection = std::unique_ptr<Connection>(new Connection(raw));
  RETURN_IF_ERROR(CheckIdentity(options));
  RETURN_IF_ERROR(connection->Configure(options));
  return connection;
}

absl::Status Connection::Configure(const OpenOptions& options) {
  const bool writes =
      options.mode != OpenOptions::Mode::kReadOnly && options.mode != OpenOptions::Mode::kImmutable;
  struct Setting {
    int option;
    int value;
  };
  const Setting kSettings[] = {
      {SQLITE_DBCONFIG_DEFENSIVE, 1},
      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
      {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
      {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
      {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
      // The log is the writer's to remove: by the time that a reader closes, another file may have
      // its name.
      {SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, writes ? 0 : 1},
      {SQLITE_DBCONFIG_ENABLE_TRIGGER, writes ? 1 : 0},
      {SQLITE_DBCONFIG_ENABLE_FKEY, writes ? 1 : 0},
      {SQLITE_DBCONFIG_DQS_DDL, options.legacy_string_literals ? 1 : 0},
      {SQLITE_DBCONFIG_DQS_DML, options.legacy_string_literals ? 1 : 0},
      {SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, 0},
  };
  for (const Setting& setting : kSettings) {
    int now = -1;
    if (sqlite3_db_config(db_.get(), setting.option, setting.value, &now) != SQLITE_OK ||
        now != setting.value) {
      return Error(absl::StatusCode::kInternal, reason::kInternal, "SQLite refused a setting");
    }
  }
  if (!BoundFunctions(db_.get()) || AddRankFunction(db_.get()) != SQLITE_OK) {
    return Error(absl::StatusCode::kInternal, reason::kInternal, "SQLite refused a function");
  }
  SetBusyWait(options.busy_wait);
  RETURN_IF_ERROR(Execute(absl::StrCat("PRAGMA cache_size = -", kCacheKib)));
  RETURN_IF_ERROR(Execute("PRAGMA cell_size_check = ON"));
  RETURN_IF_ERROR(Execute("PRAGMA wal_autocheckpoint = 0"));
  // A file cut short by another process would kill a process that has it mapped; an immutable one
  // is not.
  RETURN_IF_ERROR(
      Execute(absl::StrCat("PRAGMA mmap_size = ",
                           options.mode == OpenOptions::Mode::kImmutable ? int64_t{1} << 40 : 0)));
  if (writes) return Execute("PRAGMA synchronous = FULL");
  return Execute("PRAGMA query_only = ON");
}

absl::StatusOr<Statement> Connection::Prepare(absl::string_view sql) {
  const GuardSpec& armed = guard_.spec();
  const uint64_t policy = armed.policy != nullptr ? armed.policy->fingerprint() : 0;
  cache_key_.assign(reinterpret_cast<const char*>(&policy), sizeof(policy));
  cache_key_.push_back(armed.may_write ? 'w' : 'r');
  cache_key_.append(sql.data(), sql.size());
  const auto found = cache_.find(cache_key_);
  if (found != cache_.end() && !found->second->in_use) {
    found->second->last_used = ++use_count_;
    return Statement(this, found->second.get(), nullptr);
  }
  const bool same_text_in_use = found != cache_.end();
  // Preparing may prepare other statements through this cache: neither the iterator nor the key
  // survives it.
  std::string key = cache_key_;
  ASSIGN_OR_RETURN(std::unique_ptr<CachedStatement> fresh, PrepareNew(sql));
  fresh->last_used = ++use_count_;
  CachedStatement* const cached = fresh.get();
  if (same_text_in_use) return Statement(this, cached, std::move(fresh));
  // More than one when many were in use at once.
  while (cache_.size() >= limits::kStatementCacheMax && EvictOne()) {
  }
  cache_.emplace(std::move(key), std::move(fresh));
  return Statement(this, cached, nullptr);
}

absl::StatusOr<Statement> Connection::PrepareUncached(absl::string_view sql) {
  ASSIGN_OR_RETURN(std::unique_ptr<CachedStatement> fresh, PrepareNew(sql));
  CachedStatement* const statement = fresh.get();
  return Statement(this, statement, std::move(fresh));
}

absl::StatusOr<std::unique_ptr<CachedStatement>> Connection::PrepareNew(absl::string_view sql) {
  // Restored, not cleared: connecting virtual tables below prepares a statement inside of this one.
  const bool was_preparing = guard_.preparing();
  guard_.set_preparing(true);
  const absl::Cleanup prepared = [this, was_preparing] { guard_.set_preparing(was_preparing); };
  auto fresh = std::make_unique<CachedStatement>();
  const char* tail = nullptr;
  const auto prepare = [&] {
    guard_.BeginStatement();
    return sqlite3_prepare_v3(db_.get(), sql.data(), static_cast<int>(sql.size()),
                              SQLITE_PREPARE_PERSISTENT, &fresh->handle, &tail);
  };
  const MemoryScope scope(guard_.memory());
  int code = prepare();
  if (code != SQLITE_OK && guard_.denied_read() && ConnectVirtualTables().ok()) {
    // A virtual table that connects for the first time reads its own tables under the caller's
    // guard; now all are connected, and what is denied again is denied to the caller.
    code = prepare();
  }
  if (code != SQLITE_OK) return PrepareError(code);
  if (fresh->handle == nullptr) return SqlError("there is no statement in this SQL");
  if (guard_.spec().policy != nullptr && !guard_.spec().may_write && !guard_.selects()) {
    return SqlError(kOnlyReads);
  }
  const absl::string_view rest(tail, static_cast<size_t>(sql.data() + sql.size() - tail));
  if (!OnlySpaceAndComments(rest)) {
    return WithMetadata(SqlError("only one statement is allowed in a request"), "offset",
                        absl::StrCat(tail - sql.data()));
  }
  return fresh;
}

absl::Status Connection::ConnectVirtualTables() {
  const GuardSpec armed = guard_.spec();
  guard_.Arm(GuardSpec{.interrupt = armed.interrupt});
  const absl::Cleanup rearm = [&] { guard_.Arm(armed); };
  RETURN_IF_ERROR(ConnectVirtualTables("main"));
  for (const std::string& schema : attached_) RETURN_IF_ERROR(ConnectVirtualTables(schema));
  return absl::OkStatus();
}

absl::Status Connection::ConnectVirtualTables(const std::string& schema) {
  const std::string quoted = QuoteIdentifier(schema);
  std::vector<std::string> tables;
  {
    ASSIGN_OR_RETURN(Statement list,
                     Prepare(absl::StrCat("SELECT name FROM ", quoted,
                                          ".sqlite_schema WHERE type = 'table' AND rootpage = 0")));
    while (true) {
      ASSIGN_OR_RETURN(const bool row, list.Step());
      if (!row) break;
      tables.emplace_back(list.column(0).bytes);
    }
  }
  for (const std::string& table : tables) {
    sqlite3_stmt* connected = nullptr;
    const std::string sql = absl::StrCat("SELECT 1 FROM ", quoted, ".", QuoteIdentifier(table));
    // One that cannot connect fails for whoever names it.
    sqlite3_prepare_v2(db_.get(), sql.c_str(), -1, &connected, nullptr);
    sqlite3_finalize(connected);
  }
  return absl::OkStatus();
}

absl::Status Connection::Attach(const std::string& schema, const OpenOptions& options) {
  // ATTACH reads the schema at once: a file that has been put in place of the one that is held must
  // not come so far, and what is found there afterwards is what was opened.
  RETURN_IF_ERROR(CheckIdentity(options));
  const bool immutable = options.mode == OpenOptions::Mode::kImmutable;
  const std::string name = immutable ? FileUri(options.path, "immutable=1") : options.path;
  {
    sqlite3_limit(db_.get(), SQLITE_LIMIT_ATTACHED, limits::kAttachedDatabasesMax);
    const absl::Cleanup forbid = [this] { sqlite3_limit(db_.get(), SQLITE_LIMIT_ATTACHED, 0); };
    ASSIGN_OR_RETURN(Statement attach, PrepareUncached("ATTACH ?1 AS ?2"));
    attach.Bind(1, ValueView::Text(name));
    attach.Bind(2, ValueView::Text(schema));
    const absl::Status attached = attach.Run();
    // SQLite's words may hold the path.
    if (ReasonOf(attached) == reason::kSqlError) {
      return WithMetadata(
          Error(absl::StatusCode::kFailedPrecondition, reason::kUnsupported,
                "the databases cannot be read together: their text encodings differ"),
          "database", schema);
    }
    RETURN_IF_ERROR(attached);
  }
  attached_.push_back(schema);
  RETURN_IF_ERROR(CheckIdentity(options));
  return Execute(absl::StrCat("PRAGMA ", QuoteIdentifier(schema), ".cache_size = -", kCacheKib));
}

absl::Status Connection::PrepareError(int code) {
  const absl::Status status = StepError(code);
  if ((code & 0xff) != SQLITE_AUTH) return status;
  if (guard_.denied_read()) return SqlError("the statement names a table that is not there");
  return SqlError(guard_.spec().may_write ? kOnlyRowsAndDefinitions : kOnlyReads);
}

absl::Status Connection::StepError(int code) {
  // Allocations are refused once the interrupt is raised.
  if ((code & 0xff) == SQLITE_INTERRUPT || (code & 0xff) == SQLITE_NOMEM) {
    RETURN_IF_ERROR(guard_.spec().interrupt.Check());
  }
  if ((code & 0xff) == SQLITE_NOMEM && guard_.memory().refused()) {
    return WithMetadata(Error(absl::StatusCode::kResourceExhausted, reason::kLimit,
                              "the statement needs more memory than the server allows"),
                        "limit", absl::StrCat(limits::kRequestMemoryBytesMax));
  }
  return ErrorFrom(db_.get(), code);
}

bool Connection::EvictOne() {
  auto oldest = cache_.end();
  for (auto it = cache_.begin(); it != cache_.end(); ++it) {
    if (it->second->in_use) continue;
    if (oldest == cache_.end() || it->second->last_used < oldest->second->last_used) oldest = it;
  }
  if (oldest == cache_.end()) return false;
  cache_.erase(oldest);
  return true;
}

absl::Status Connection::Execute(absl::string_view sql) {
  ASSIGN_OR_RETURN(Statement statement, Prepare(sql));
  return statement.Run();
}

absl::Status Connection::ExecuteScript(absl::string_view sql) {
  while (!OnlySpaceAndComments(sql)) {
    sqlite3_stmt* handle = nullptr;
    const char* tail = nullptr;
    int code =
        sqlite3_prepare_v3(db_.get(), sql.data(), static_cast<int>(sql.size()), 0, &handle, &tail);
    if (code == SQLITE_OK && handle != nullptr) {
      do {
        code = sqlite3_step(handle);
      } while (code == SQLITE_ROW);
    }
    sqlite3_finalize(handle);
    if (code != SQLITE_OK && code != SQLITE_DONE) return ErrorFrom(db_.get(), code);
    sql.remove_prefix(static_cast<size_t>(tail - sql.data()));
  }
  return absl::OkStatus();
}

absl::StatusOr<Value> Connection::QueryValue(absl::string_view sql) {
  ASSIGN_OR_RETURN(Statement statement, Prepare(sql));
  ASSIGN_OR_RETURN(const bool row, statement.Step());
  return row ? Value(statement.column(0)) : Value();
}

absl::StatusOr<int64_t> Connection::QueryInteger(absl::string_view sql) {
  ASSIGN_OR_RETURN(const Value value, QueryValue(sql));
  return value.view().integer;
}

absl::StatusOr<std::string> Connection::ColumnCollation(const std::string& table,
                                                        const std::string& column) {
  const char* collation = nullptr;
  const int code = sqlite3_table_column_metadata(db_.get(), "main", table.c_str(), column.c_str(),
                                                 nullptr, &collation, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return ErrorFrom(db_.get(), code);
  return std::string(collation);
}

bool Connection::autocommit() const { return sqlite3_get_autocommit(db_.get()) != 0; }

int64_t Connection::changes() const { return sqlite3_changes64(db_.get()); }

int64_t Connection::total_changes() const { return sqlite3_total_changes64(db_.get()); }

int64_t Connection::last_insert_rowid() const { return sqlite3_last_insert_rowid(db_.get()); }

void Connection::set_last_insert_rowid(int64_t rowid) {
  sqlite3_set_last_insert_rowid(db_.get(), rowid);
}

void Connection::set_commit_forbidden(bool forbidden) {
  int (*const refuse)(void*) = [](void*) { return 1; };
  sqlite3_commit_hook(db_.get(), forbidden ? refuse : nullptr, nullptr);
}

bool Connection::has_deferred_foreign_key_violations() const {
  int current = 0;
  int high = 0;
  sqlite3_db_status(db_.get(), SQLITE_DBSTATUS_DEFERRED_FKS, &current, &high, /*resetFlg=*/0);
  return current != 0;
}

void Connection::set_legacy_string_literals(bool allowed) {
  sqlite3_db_config(db_.get(), SQLITE_DBCONFIG_DQS_DDL, allowed ? 1 : 0, nullptr);
  sqlite3_db_config(db_.get(), SQLITE_DBCONFIG_DQS_DML, allowed ? 1 : 0, nullptr);
}

absl::Status Connection::set_foreign_keys(bool enforced) {
  int now = -1;
  const int wanted = enforced ? 1 : 0;
  const int code = sqlite3_db_config(db_.get(), SQLITE_DBCONFIG_ENABLE_FKEY, wanted, &now);
  if (code == SQLITE_OK && now == wanted && autocommit()) return absl::OkStatus();
  return Error(absl::StatusCode::kInternal, reason::kInternal, "SQLite refused a setting");
}

void Connection::set_legacy_alter_table(bool legacy) {
  sqlite3_db_config(db_.get(), SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, legacy ? 1 : 0, nullptr);
}

void Connection::KeepLogOnClose() {
  sqlite3_db_config(db_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

absl::Status Connection::ReadPages(uint32_t first_page, uint32_t count, int32_t page_size_bytes,
                                   char* out) {
  const int code = sluice_read_pages(db_.get(), first_page, count, page_size_bytes, out);
  if (code == SQLITE_OK) return absl::OkStatus();
  if (code == SQLITE_IOERR_SHORT_READ) {
    return Error(absl::StatusCode::kDataLoss, reason::kCorrupt,
                 "the database file is shorter than its header says");
  }
  return ErrorFrom(nullptr, code);
}

absl::Status Connection::VacuumInto(const std::string& path) {
  // SQLite attaches the new file and writes to it; nothing else may.
  sqlite3_limit(db_.get(), SQLITE_LIMIT_ATTACHED, 1);
  const absl::Cleanup forbid = [this] {
    sqlite3_limit(db_.get(), SQLITE_LIMIT_ATTACHED, 0);
    Execute("PRAGMA query_only = ON").IgnoreError();
  };
  RETURN_IF_ERROR(Execute("PRAGMA query_only = OFF"));
  ASSIGN_OR_RETURN(Statement vacuum, Prepare("VACUUM INTO ?"));
  vacuum.Bind(1, ValueView::Text(path));
  return vacuum.Run();
}

void Connection::ReleaseMemory() {
  const MemoryScope scope(guard_.memory());
  sqlite3_db_release_memory(db_.get());
}

std::string Connection::LogState() {
  char state[128];
  const int bytes = sluice_log_state(db_.get(), state, sizeof(state));
  return std::string(state, static_cast<size_t>(bytes));
}

void Connection::SetBusyWait(absl::Duration wait) {
  sqlite3_busy_timeout(db_.get(), static_cast<int>(absl::ToInt64Milliseconds(wait)));
}

absl::StatusOr<Connection::CheckpointResult> Connection::Checkpoint(bool truncate) {
  CheckpointResult result;
  const int code = sqlite3_wal_checkpoint_v2(
      db_.get(), "main", truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE,
      &result.log_frames, &result.copied_frames);
  if (code != SQLITE_OK) return ErrorFrom(db_.get(), code);
  return result;
}

}  // namespace sluice::sqlite
