// Registry: files that are put in place by the server itself.
#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/log.h"
#include "server/base/status.h"
#include "server/engine/registry.h"
#include "server/engine/swap.h"

namespace sluice::engine {
namespace {

// How often a wait for readers looks whether it is to go on.
constexpr absl::Duration kLook = absl::Milliseconds(100);

absl::Status ReadersStay() {
  return WithRetryAfter(Error(absl::StatusCode::kUnavailable, reason::kOverloaded,
                              "requests go on reading the database; it was not replaced"),
                        absl::Seconds(5));
}

// Whether nobody reads any more before `end`.
absl::StatusOr<bool> WaitUntil(Deadline end, Database& database, const Interrupt& interrupt) {
  while (!database.WaitForReaders(Deadline::After(kLook))) {
    RETURN_IF_ERROR(interrupt.Check());
    if (end.expired()) return false;
  }
  return true;
}

absl::Status WaitForReaders(Database& database, absl::Duration drain, const Interrupt& interrupt) {
  ASSIGN_OR_RETURN(bool gone, WaitUntil(Deadline::After(drain), database, interrupt));
  if (gone) return absl::OkStatus();
  // Whoever is slower would keep everyone else out for as long as it likes.
  const int ended = database.EndReads();
  Log(LogLevel::kWarning, "ended reads, since a restore had waited for them",
      {{"database", database.name()}, {"reads", ended}});
  ASSIGN_OR_RETURN(gone,
                   WaitUntil(Deadline::After(limits::kRestoreEndTimeMax), database, interrupt));
  return gone ? absl::OkStatus() : ReadersStay();
}

std::string WithoutLinks(const std::string& path) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(path, error);
  return error ? path : real.string();
}

}  // namespace

absl::Status Registry::CheckMayChange() const {
  if (!options_.read_only && !options_.immutable) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, reason::kReadOnly,
               "the server changes no files (--read-only, --immutable)");
}

absl::StatusOr<Registry::Watched*> Registry::FindReplaceable(const std::string& name) {
  ASSIGN_OR_RETURN(const ListedDatabase listed, Describe(name));
  const auto found = files_.find(name);
  if (found == files_.end()) return Find(name).status();
  Watched& file = found->second;
  const bool served = file.database != nullptr && !file.closing && !file.replacing;
  if (served && file.database->read_only()) return file.database->FindWriter().status();
  // What may yet be served (locked, held by another server) is no rubble to build on.
  const bool damaged = listed.state == DatabaseState::kRefused && file.database == nullptr &&
                       file.retry_at == absl::InfiniteFuture();
  if (served || damaged) return &file;
  return WithRetryAfter(WithMetadata(Error(absl::StatusCode::kUnavailable, reason::kNotServed,
                                           "the database is being opened or replaced"),
                                     "database", name),
                        absl::Seconds(1));
}

absl::StatusOr<std::string> Registry::PathForReplacing(const std::string& name) {
  RETURN_IF_ERROR(CheckMayChange());
  MutexLock lock(&scan_mutex_);
  ASSIGN_OR_RETURN(const Watched* const file, FindReplaceable(name));
  return WithoutLinks(file->path);
}

absl::StatusOr<std::string> Registry::PathForNew(const std::string& name) {
  RETURN_IF_ERROR(CheckMayChange());
  if (Describe(name).ok()) {
    return WithMetadata(Error(absl::StatusCode::kAlreadyExists, reason::kDatabaseExists,
                              "there is a database of that name"),
                        "database", name);
  }
  for (const std::string& path : options_.paths) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) continue;
    return WithoutLinks(path) + "/" + name + ".db";
  }
  return Error(absl::StatusCode::kFailedPrecondition, reason::kUnsupported,
               "the server serves no folder in which a database could be made");
}

std::vector<std::string> Registry::Folders() {
  std::set<std::string> folders;
  for (const std::string& path : options_.paths) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) folders.insert(WithoutLinks(path));
  }
  for (const std::string& file : FindFiles()) {
    folders.insert(std::filesystem::path(WithoutLinks(file)).parent_path());
  }
  return {folders.begin(), folders.end()};
}

absl::StatusOr<std::shared_ptr<Database>> Registry::BeginReplacing(const std::string& name) {
  RETURN_IF_ERROR(CheckMayChange());
  MutexLock lock(&scan_mutex_);
  ASSIGN_OR_RETURN(Watched* const file, FindReplaceable(name));
  file->replacing = true;
  Publish(name, DatabaseState::kOpening, "", nullptr);
  return file->database;
}

absl::Status Registry::Replace(const std::string& name, const std::string& next,
                               const std::string& old, const Interrupt& interrupt) {
  ASSIGN_OR_RETURN(std::shared_ptr<Database> database, BeginReplacing(name));
  absl::Status status = database == nullptr
                            ? absl::OkStatus()
                            : WaitForReaders(*database, options_.restore_drain, interrupt);
  const bool damaged = database == nullptr;
  MutexLock lock(&scan_mutex_);
  const auto found = files_.find(name);
  if (found == files_.end()) return Find(name).status();
  Watched& file = found->second;
  file.replacing = false;
  if (status.ok() && !damaged && !database->CloseIfUnused()) status = ReadersStay();
  if (!status.ok()) {
    if (!damaged) Publish(name, DatabaseState::kServing, "", std::move(database));
    return status;
  }
  database.reset();
  status = damaged ? SwapIn({.target = WithoutLinks(file.path), .next = next, .old = old})
                   : SwapServed(next, old, file);
  if (const absl::StatusOr<FileState> look = LookAt(file.path); look.ok()) file.seen = *look;
  file.overwritten = file.overwritten && !status.ok();
  Log(status.ok() ? LogLevel::kInfo : LogLevel::kWarning, "a restore replaced a database's file",
      {{"database", name}, {"done", status.ok() ? "yes" : "no"}});
  TryOpen(name, file, absl::Now());
  RETURN_IF_ERROR(status);
  return Find(name).status();
}

absl::Status Registry::SwapServed(const std::string& next, const std::string& old, Watched& file) {
  const std::shared_ptr<Database> database = std::move(file.database);
  file.database.reset();
  absl::Status status;
  {
    const auto alone = database->LockAlone();
    status = alone.ok() ? SwapIn({.target = database->path(), .next = next, .old = old})
                        : alone.status();
  }
  database->LetGo();
  return status;
}

absl::Status Registry::Add(const std::string& name, const std::string& next) {
  ASSIGN_OR_RETURN(const std::string target, PathForNew(name));
  MutexLock lock(&scan_mutex_);
  RETURN_IF_ERROR(PutNew({.target = target, .next = next, .old = ""}));
  // The path under which Scan will find it.
  for (const std::string& path : FindFiles()) {
    if (WithoutLinks(path) != target) continue;
    Watched& file = files_[name];
    file.path = path;
    if (const absl::StatusOr<FileState> look = LookAt(path); look.ok()) file.seen = *look;
    Publish(name, DatabaseState::kOpening, "", nullptr);
    TryOpen(name, file, absl::Now());
    break;
  }
  return Find(name).status();
}

}  // namespace sluice::engine
