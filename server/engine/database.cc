#include "server/engine/database.h"

#include <unistd.h>

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/status.h"
#include "server/engine/checkpointer.h"
#include "server/engine/legacy_literals.h"

namespace sluice::engine {
namespace {

using sqlite::OpenOptions;

bool MayWrite(const std::string& path) {
  const std::string folder = std::filesystem::absolute(path).parent_path();
  return access(path.c_str(), W_OK) == 0 && access(folder.c_str(), W_OK) == 0;
}

// Opens and reads once, so that what is wrong with the file comes out here.
absl::StatusOr<std::unique_ptr<sqlite::Connection>> OpenFirst(const OpenOptions& open) {
  auto connection = sqlite::Connection::Open(open);
  absl::Status readable = connection.status();
  if (connection.ok()) {
    readable = (*connection)->QueryInteger("SELECT count(*) FROM sqlite_schema").status();
  }
  if (readable.ok()) return connection;
  const bool passing = RetryAfterOf(readable) > absl::ZeroDuration();
  const std::string reason = ReasonOf(readable);
  if (passing || (reason != reason::kNotServed && reason != reason::kReadOnly)) return readable;
  return WithMessage(readable,
                     "the database is in WAL mode and the server may not make the files beside it; "
                     "if nothing else writes it, --immutable serves it");
}

absl::Status TurnToWal(sqlite::Connection& connection, const std::string& name) {
  ASSIGN_OR_RETURN(const sqlite::Value before, connection.QueryValue("PRAGMA journal_mode"));
  if (before.view().bytes == "wal") return absl::OkStatus();
  ASSIGN_OR_RETURN(const sqlite::Value after, connection.QueryValue("PRAGMA journal_mode = WAL"));
  if (after.view().bytes != "wal") {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kNotServed,
                 "the database cannot be turned to WAL");
  }
  Log(LogLevel::kInfo, "turned a database to WAL",
      {{"database", name}, {"journal_mode_before", before.view().bytes}});
  return absl::OkStatus();
}

}  // namespace

Database::Database(DatabaseOptions options, FileHold hold, Metrics* metrics)
    : options_(std::move(options)),
      hold_(std::move(hold)),
      metrics_(metrics),
      series_(metrics->MakeDatabase(options_.name)) {}

absl::StatusOr<std::shared_ptr<Database>> Database::Open(DatabaseOptions options,
                                                         Metrics* metrics) {
  // SQLite keeps the log beside the file itself, not beside a link to it.
  std::error_code error;
  const std::filesystem::path file = std::filesystem::canonical(options.path, error);
  if (!error) options.path = file;
  options.read_only = options.read_only || options.immutable;
  if (!options.read_only && !MayWrite(options.path)) {
    Log(LogLevel::kWarning, "the server may not write this database; serving it read-only",
        {{"database", options.name}});
    options.read_only = true;
  }
  ASSIGN_OR_RETURN(FileHold hold, FileHold::Open(options.path, /*exclusive=*/!options.read_only));
  RETURN_IF_ERROR(hold.ReadHeader().status());
  // Whoever died in a checkpoint has left the rest of the pages in the log.
  if (WalBytesBeside(options.path) == 0) RETURN_IF_ERROR(hold.CheckLength());
  auto database =
      std::shared_ptr<Database>(new Database(std::move(options), std::move(hold), metrics));
  RETURN_IF_ERROR(database->Start());
  return database;
}

absl::Status Database::Start() {
  OpenOptions open;
  open.path = options_.path;
  open.busy_wait = options_.busy_wait;
  ASSIGN_OR_RETURN(const FileState file, hold_.Look());
  open.identity = {.device = file.device, .inode = file.inode};
  open.mode = options_.immutable   ? OpenOptions::Mode::kImmutable
              : options_.read_only ? OpenOptions::Mode::kReadOnly
                                   : OpenOptions::Mode::kReadWrite;
  {
    ASSIGN_OR_RETURN(const auto connection, OpenFirst(open));
    if (!options_.read_only) {
      RETURN_IF_ERROR(TurnToWal(*connection, name()));
      if (options_.init != nullptr) {
        RETURN_IF_ERROR(InitDatabase(*connection, *options_.init, name()));
      }
    }
    ASSIGN_OR_RETURN(const sqlite::Value journal, connection->QueryValue("PRAGMA journal_mode"));
    reads_wait_ = !options_.immutable && journal.view().bytes != "wal";
    ASSIGN_OR_RETURN(auto schema, Schema::Load(*connection));
    ASSIGN_OR_RETURN(legacy_string_literals_, UsesLegacyLiterals(*connection, *schema));
    if (legacy_string_literals_) {
      // Only now its views can be described.
      connection->set_legacy_string_literals(true);
      ASSIGN_OR_RETURN(schema, Schema::Load(*connection));
    }
    if (options_.immutable) {
      ASSIGN_OR_RETURN(inspection_, Inspect(*connection, *schema));
    }
    MutexLock lock(&mutex_);
    schema_ = std::move(schema);
  }
  open.legacy_string_literals = legacy_string_literals_;
  if (legacy_string_literals_) {
    Log(LogLevel::kWarning,
        "a view or trigger uses \"…\" for a text; allowing that in this database",
        {{"database", name()}});
  }
  reading_ = open;
  if (!options_.immutable) reading_.mode = OpenOptions::Mode::kReadOnly;
  readers_ = sqlite::Pool::Make(reading_, options_.read_connections_max, series_.read_leases);
  return options_.read_only ? absl::OkStatus() : StartWriter(open);
}

absl::Status Database::StartWriter(const OpenOptions& open) {
  LogBounds bounds;
  bounds.bytes_max = options_.wal_bytes_max;
  bounds.end_reads = [readers = readers_.get()](int count) {
    return readers->RevokeOldest(count, limits::kEndedReadAgeMin);
  };
  ASSIGN_OR_RETURN(writer_, Writer::Start(open, series_, std::move(bounds)));
  return absl::OkStatus();
}

Database::~Database() {
  // Leases hold the pool, not the database: the last of them closes its connection by itself.
  if (readers_ != nullptr) readers_->Close();
  if (writer_ != nullptr) writer_->Stop();
  metrics_->ForgetDatabase(series_);
}

void Database::RefuseWrites() {
  if (writer_ != nullptr) writer_->TurnAway();
}

bool Database::Close(Deadline deadline, bool abandon) {
  if (abandon) RefuseWrites();
  readers_->Close();
  const bool idle = readers_->WaitUntilIdle(deadline);
  if (writer_ != nullptr) writer_->Stop(abandon);
  return idle;
}

int Database::EndReads() {
  return readers_->RevokeOldest(options_.read_connections_max, absl::ZeroDuration(),
                                Need::kReplacement);
}

bool Database::CloseIfUnused() {
  if (!readers_->TryClose()) return false;
  if (writer_ != nullptr) writer_->Refuse();
  return true;
}

absl::StatusOr<std::unique_ptr<sqlite::Connection>> Database::LockAlone() {
  ASSIGN_OR_RETURN(const FileState file, hold_.Look());
  ASSIGN_OR_RETURN(
      auto connection,
      sqlite::Connection::Open(
          {.path = options_.path,
           .mode = OpenOptions::Mode::kReadWrite,
           .identity = OpenOptions::Identity{.device = file.device, .inode = file.inode},
           .busy_wait = absl::Seconds(1)}));
  // Leaving WAL needs the file for itself, copies the log and removes it.
  ASSIGN_OR_RETURN(const sqlite::Value mode,
                   connection->QueryValue("PRAGMA journal_mode = DELETE"));
  absl::Status alone = connection->Execute("BEGIN EXCLUSIVE");
  if (mode.view().bytes != "delete" || WalBytes() > 0) {
    alone = WithRetryAfter(Error(absl::StatusCode::kUnavailable, reason::kOverloaded,
                                 "another process has the database open"),
                           absl::Seconds(1));
  }
  RETURN_IF_ERROR(alone);
  return connection;
}

void Database::LetGo() { const FileHold gone = std::move(hold_); }

absl::StatusOr<std::shared_ptr<const Schema>> Database::CurrentSchema(
    sqlite::Connection& connection) {
  ASSIGN_OR_RETURN(const int64_t version, connection.QueryInteger("PRAGMA schema_version"));
  if (auto cached = CachedSchema(); cached->version() == version) return cached;
  ASSIGN_OR_RETURN(auto fresh, Schema::Load(connection));
  // What is rolled back leaves its version to another schema.
  if (connection.schema_uncommitted()) return fresh;
  MutexLock lock(&mutex_);
  schema_ = fresh;
  return fresh;
}

std::shared_ptr<const Schema> Database::CachedSchema() {
  MutexLock lock(&mutex_);
  return schema_;
}

absl::StatusOr<std::shared_ptr<const CallerPolicy>> Database::CurrentPolicy(
    sqlite::Connection& connection) {
  ASSIGN_OR_RETURN(auto schema, CurrentSchema(connection));
  MutexLock lock(&mutex_);
  if (policy_ == nullptr || policy_->schema() != schema) {
    policy_ = std::make_shared<const CallerPolicy>(std::move(schema));
  }
  return policy_;
}

absl::Status Database::VacuumInto(const std::string& path, const Interrupt& interrupt) {
  ASSIGN_OR_RETURN(const sqlite::ReadLease lease, Acquire(interrupt));
  lease->guard().Arm({.interrupt = interrupt});
  return lease->VacuumInto(path);
}

absl::StatusOr<Writer*> Database::FindWriter() {
  if (writer_ != nullptr) return writer_.get();
  return WithMetadata(Error(absl::StatusCode::kFailedPrecondition, reason::kReadOnly,
                            "the database is served read-only"),
                      "database", name());
}

std::string Database::folder() const { return std::filesystem::path(options_.path).parent_path(); }

int64_t Database::WalBytes() const { return WalBytesBeside(options_.path); }

absl::StatusOr<const Table*> FindTable(const Schema& schema, absl::string_view database,
                                       absl::string_view table) {
  const Table* const found = schema.Find(table);
  if (found == nullptr || found->hidden) {
    return WithMetadata(
        WithMetadata(Error(absl::StatusCode::kNotFound, reason::kNoSuchTable,
                           absl::StrCat("there is no table or view called ", table)),
                     "database", database),
        "table", table);
  }
  if (!found->unavailable_reason.empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kUnsupported,
                 absl::StrCat("the table cannot be read: ", found->unavailable_reason));
  }
  return found;
}

}  // namespace sluice::engine
