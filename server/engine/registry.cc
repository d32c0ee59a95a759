#include "server/engine/registry.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/status.h"
#include "server/engine/swap.h"
#include "server/sqlite/error.h"

namespace sluice::engine {
namespace {

// How long a file must look the same before it is opened.
constexpr absl::Duration kStill = absl::Seconds(1);
// How long one scan waits for requests that hold a replaced file.
constexpr absl::Duration kCloseWait = absl::Seconds(2);
// A header may be seen half written by a checkpoint of another process; twice in a row it is not
// that.
constexpr int kBadLooksMax = 2;
// When a file that was locked or held by another server is tried again.
constexpr absl::Duration kRetry = absl::Seconds(10);

constexpr char kOverwritten[] =
    "the file was overwritten while it was served; put a whole file in its place by renaming";

std::string FileName(const std::string& path) { return std::filesystem::path(path).filename(); }

absl::Status NotServed(const ListedDatabase& listed) {
  if (listed.state == DatabaseState::kRefused) {
    return WithMetadata(Error(absl::StatusCode::kUnavailable, reason::kNotServed,
                              absl::StrCat("the database is not served: ", listed.reason)),
                        "database", listed.name);
  }
  return WithRetryAfter(WithMetadata(Error(absl::StatusCode::kUnavailable, reason::kNotServed,
                                           "the database is being opened"),
                                     "database", listed.name),
                        absl::Seconds(1));
}

absl::Status NoSuchDatabase(absl::string_view name) {
  return WithMetadata(Error(absl::StatusCode::kNotFound, reason::kNoSuchDatabase,
                            absl::StrCat("there is no database called ", name)),
                      "database", name);
}

}  // namespace

Registry::Registry(RegistryOptions options, Metrics* metrics)
    : options_(std::move(options)), metrics_(metrics) {}

Registry::~Registry() { Close(Deadline::After(absl::ZeroDuration())); }

std::vector<std::string> Registry::FindFiles() const {
  std::vector<std::string> paths;
  for (const std::string& path : options_.paths) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
      for (std::string& file : ListDatabaseFiles(path)) paths.push_back(std::move(file));
    } else {
      paths.push_back(path);
    }
  }
  return paths;
}

bool Registry::IsAlias(const FileState& look) const {
  return std::any_of(files_.begin(), files_.end(), [&](const auto& entry) {
    if (!entry.second.seen.same_file(look)) return false;
    const absl::StatusOr<FileState> still = LookAt(entry.second.path);
    return still.ok() && still->same_file(look);
  });
}

void Registry::Scan(absl::Time now) {
  MutexLock lock(&scan_mutex_);
  absl::flat_hash_set<std::string> there;
  for (const std::string& path : FindFiles()) {
    const std::string name = DatabaseName(path);
    const auto known = files_.find(name);
    if (known != files_.end() && known->second.path != path) {
      if (reported_.insert(path).second) {
        Log(LogLevel::kWarning, "refused a file: another one gives the same database name",
            {{"database", name}, {"file", path}, {"serving", known->second.path}});
      }
      continue;
    }
    const absl::StatusOr<FileState> look = LookAt(path);
    if (!look.ok()) continue;
    // Two databases on one file would drop each other's locks: closing any descriptor of a file
    // drops them all.
    if (known == files_.end() && IsAlias(*look)) {
      if (reported_.insert(path).second) {
        Log(LogLevel::kWarning, "refused a file: it is a link to one that is served already",
            {{"file", FileName(path)}});
      }
      continue;
    }
    there.insert(name);
    if (known == files_.end()) {
      // A file that has not been touched for a while is still at first sight.
      Watched& file = files_[name];
      file.path = path;
      file.seen = *look;
      file.still_since = std::min(look->modified, now);
      // What stood open when the server before this one died is no copy under way.
      if (first_scan_ && LookAt(path + "-shm").ok()) file.still_since = absl::InfinitePast();
      Publish(name, DatabaseState::kOpening, "", nullptr);
    }
  }
  // First those that are gone: one of the others may be the same file under a new name.
  std::vector<std::string> gone;
  for (const auto& [name, file] : files_) {
    if (!there.contains(name) && !file.replacing) gone.push_back(name);
  }
  for (const std::string& name : gone) Forget(name);
  for (auto& [name, file] : files_) ScanFile(name, file, now);
  first_scan_ = false;
}

void Registry::ScanFile(const std::string& name, Watched& file, absl::Time now) {
  if (file.replacing) return;
  const absl::StatusOr<FileState> look = LookAt(file.path);
  if (!look.ok()) return;
  if (file.database != nullptr && !file.closing) return CheckServed(name, file, *look, now);
  if (file.closing) {
    if (!file.database->Close(Deadline::After(kCloseWait), /*abandon=*/true)) return;
    file.database.reset();
    file.closing = false;
    MoveAside(file.path);
  }
  if (file.overwritten && look->same_file(file.seen)) return;
  file.overwritten = false;
  const bool changed = !(*look == file.seen);
  if (changed) {
    file.seen = *look;
    file.still_since = now;
    Publish(name, DatabaseState::kOpening, "", nullptr);
    return;
  }
  const bool due = StateOf(name) == DatabaseState::kOpening ? now - file.still_since >= kStill
                                                            : now >= file.retry_at;
  if (due) TryOpen(name, file, now);
}

void Registry::TryOpen(const std::string& name, Watched& file, absl::Time now) {
  file.retry_at = absl::InfiniteFuture();
  MoveLeftLogAside(file);
  auto opened = Database::Open(
      {.name = name,
       .path = file.path,
       .read_only = options_.read_only,
       .immutable = options_.immutable,
       .read_connections_max = options_.read_connections_max,
       .receipts_kept = options_.receipts_kept,
       .wal_bytes_max = options_.wal_bytes_max,
       .busy_wait = options_.busy_wait,
       .init = options_.settings != nullptr ? &options_.settings->Database(name).init : nullptr},
      metrics_);
  if (!opened.ok()) {
    std::string why(opened.status().message());
    if (!sqlite::IsCorruption(opened.status())) file.retry_at = now + kRetry;
    if (const auto before = Describe(name); before.ok() && before->reason != why) {
      Log(LogLevel::kWarning, "refused a file",
          {{"database", name}, {"file", FileName(file.path)}, {"why", why}});
    }
    return Publish(name, DatabaseState::kRefused, std::move(why), nullptr);
  }
  file.database = *std::move(opened);
  file.bad_looks = 0;
  const auto served = file.database->hold().Look();
  if (served.ok()) file.seen = *served;
  const auto header = file.database->hold().ReadHeader();
  file.change_counter = header.ok() ? header->change_counter : 0;
  Log(LogLevel::kInfo, "serving a database",
      {{"database", name}, {"read_only", file.database->read_only() ? "yes" : "no"}});
  Publish(name, DatabaseState::kServing, "", file.database);
}

void Registry::MoveLeftLogAside(const Watched& file) {
  const auto left = left_logs_.find(file.path);
  if (left == left_logs_.end()) return;
  // The file that vanished may have come back, or a new one with a log of its own.
  const absl::StatusOr<FileState> log = LookAt(file.path + "-wal");
  const bool stale = log.ok() && *log == left->second.log && !(file.seen == left->second.file);
  if (stale) MoveAside(file.path);
  left_logs_.erase(left);
}

void Registry::CheckServed(const std::string& name, Watched& file, const FileState& look,
                           absl::Time now) {
  if (!look.same_file(file.seen)) {
    Log(LogLevel::kWarning, "a file was replaced", {{"database", name}});
    file.seen = look;
    file.still_since = std::min(look.modified, now);
    return CloseReplaced(name, file);
  }
  if (look == file.seen && file.bad_looks == 0) return;
  file.seen = look;
  if (!LooksOverwritten(file)) return;
  Log(LogLevel::kError, "a file was overwritten in place", {{"database", name}});
  file.closing = true;
  Publish(name, DatabaseState::kRefused, kOverwritten, nullptr);
  file.database->Close(Deadline::After(kCloseWait), /*abandon=*/true);
  file.database.reset();
  file.closing = false;
  file.overwritten = true;
  MoveAside(file.path);
}

bool Registry::LooksOverwritten(Watched& file) {
  const absl::StatusOr<FileHeader> header = file.database->hold().ReadHeader();
  // SQLite only counts up.
  const bool bad = !header.ok() || header->change_counter < file.change_counter;
  if (header.ok() && !bad) file.change_counter = header->change_counter;
  file.bad_looks = bad ? file.bad_looks + 1 : 0;
  return file.bad_looks >= kBadLooksMax;
}

void Registry::CloseReplaced(const std::string& name, Watched& file) {
  Publish(name, DatabaseState::kOpening, "", nullptr);
  file.database->RefuseWrites();
  file.closing = true;
}

void Registry::Forget(const std::string& name) {
  const auto found = files_.find(name);
  Log(LogLevel::kWarning, "a file is gone; its database is no longer served", {{"database", name}});
  {
    MutexLock lock(&mutex_);
    listed_.erase(name);
  }
  Watched& file = found->second;
  if (file.database != nullptr) {
    file.database->Close(Deadline::After(kCloseWait), /*abandon=*/true);
    const absl::StatusOr<FileState> gone = file.database->hold().Look();
    const absl::StatusOr<FileState> log = LookAt(file.path + "-wal");
    if (gone.ok() && log.ok()) left_logs_[file.path] = {.file = *gone, .log = *log};
  }
  files_.erase(found);
}

void Registry::Publish(const std::string& name, DatabaseState state, std::string reason,
                       std::shared_ptr<Database> database) {
  MutexLock lock(&mutex_);
  listed_[name] = {
      .name = name, .state = state, .reason = std::move(reason), .database = std::move(database)};
}

DatabaseState Registry::StateOf(const std::string& name) const {
  MutexLock lock(&mutex_);
  return listed_.at(name).state;
}

bool Registry::settled() const {
  MutexLock lock(&mutex_);
  return std::none_of(listed_.begin(), listed_.end(), [](const auto& entry) {
    return entry.second.state == DatabaseState::kOpening;
  });
}

absl::StatusOr<std::shared_ptr<Database>> Registry::Find(absl::string_view name) const {
  MutexLock lock(&mutex_);
  const auto found = listed_.find(name);
  if (found == listed_.end()) return NoSuchDatabase(name);
  if (found->second.database == nullptr) return NotServed(found->second);
  return found->second.database;
}

absl::StatusOr<ListedDatabase> Registry::Describe(absl::string_view name) const {
  MutexLock lock(&mutex_);
  const auto found = listed_.find(name);
  if (found == listed_.end()) return NoSuchDatabase(name);
  return found->second;
}

std::vector<ListedDatabase> Registry::List() const {
  std::vector<ListedDatabase> list;
  {
    MutexLock lock(&mutex_);
    for (const auto& [name, listed] : listed_) list.push_back(listed);
  }
  std::sort(list.begin(), list.end(),
            [](const ListedDatabase& a, const ListedDatabase& b) { return a.name < b.name; });
  return list;
}

void Registry::Close(Deadline deadline) {
  {
    MutexLock lock(&mutex_);
    listed_.clear();
  }
  MutexLock lock(&scan_mutex_);
  for (auto& [name, file] : files_) {
    if (file.database != nullptr && !file.database->Close(deadline)) {
      Log(LogLevel::kWarning, "closed a database under requests", {{"database", name}});
    }
  }
  files_.clear();
}

}  // namespace sluice::engine
