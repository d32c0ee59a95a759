#include "server/engine/snapshot_store.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/log.h"
#include "server/base/status.h"
#include "server/engine/file_id.h"
#include "server/engine/kept_make.h"
#include "server/engine/table_copy.h"

namespace sluice::engine {
namespace {

using State = KeptSnapshot::State;

constexpr absl::Duration kSweepEvery = absl::Seconds(1);
// Of a database that holds a few tables and no rows, at the largest pages.
constexpr int64_t kSmallestBytes = int64_t{1} << 20;

absl::Status NoSuchSnapshot(absl::string_view database, absl::string_view id) {
  return WithMetadata(WithMetadata(Error(absl::StatusCode::kNotFound, reason::kNoSuchSnapshot,
                                         absl::StrCat("there is no snapshot called ", id)),
                                   "database", database),
                      "snapshot", id);
}

absl::StatusOr<std::vector<std::string>> FindTables(Database& database, Snapshot& snapshot,
                                                    const std::vector<std::string>& names) {
  // Not the database's cached one: what is read here may be older than what others have seen.
  ASSIGN_OR_RETURN(const auto schema, Schema::Load(snapshot.connection()));
  return ChooseTables(*schema, database.name(), names);
}

absl::Status Stopping() {
  return WithRetryAfter(
      Error(absl::StatusCode::kUnavailable, reason::kDraining, "the server is going down"),
      absl::Seconds(1));
}

}  // namespace

SnapshotStore::SnapshotStore(SnapshotStoreOptions options) : options_(std::move(options)) {
  std::error_code error;
  if (std::filesystem::is_directory(options_.folder, error)) {
    MutexLock lock(&mutex_);
    if (const absl::Status opened = OpenFolder(); !opened.ok()) {
      Log(LogLevel::kWarning, "kept snapshots cannot be served", {{"why", opened.message()}});
    }
  }
  maker_ = std::thread([this] { Make(); });
  sweeper_ = std::thread([this] { Sweep(); });
}

void SnapshotStore::Stop() {
  std::vector<Waiting> waiting;
  {
    MutexLock lock(&mutex_);
    if (stopping_.exchange(true)) return;
    for (auto& [id, entry] : entries_) {
      entry->cancelled = true;
      std::move(entry->waiting.begin(), entry->waiting.end(), std::back_inserter(waiting));
      entry->waiting.clear();
    }
    changed_.SignalAll();
  }
  Answer(std::move(waiting), Stopping());
  maker_.join();
  sweeper_.join();
  MutexLock lock(&mutex_);
  jobs_.clear();
  if (lock_file_ >= 0) close(lock_file_);
}

// --- the folder ---

std::string SnapshotStore::PathOf(absl::string_view id, bool compressed) const {
  return absl::StrCat(options_.folder, "/", id, compressed ? ".db.zst" : ".db");
}

absl::Status SnapshotStore::Ready() {
  MutexLock lock(&mutex_);
  return OpenFolder();
}

absl::Status SnapshotStore::OpenFolder() {
  if (lock_file_ >= 0) return absl::OkStatus();
  std::error_code error;
  if (std::filesystem::create_directories(options_.folder, error)) {
    std::filesystem::permissions(options_.folder, std::filesystem::perms::owner_all, error);
  }
  const std::string path = options_.folder + "/lock";
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kUnsupported,
                 "the server cannot make the folder of kept snapshots (snapshot-folder)");
  }
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    close(file);
    return Error(absl::StatusCode::kFailedPrecondition, reason::kUnsupported,
                 "another server uses the folder of kept snapshots (snapshot-folder)");
  }
  lock_file_ = file;
  ReadRecords();
  return absl::OkStatus();
}

void SnapshotStore::ReadRecords() {
  std::error_code error;
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(options_.folder, error)) {
    names.push_back(file.path().filename());
  }
  for (const std::string& name : names) {
    absl::string_view id = name;
    if (!absl::ConsumeSuffix(&id, ".info") || !IsFileId(id)) continue;
    absl::StatusOr<std::string> text = ReadSmallFile(options_.folder + "/" + name);
    absl::StatusOr<KeptSnapshot> snapshot = text.ok() ? ParseRecord(*text) : text.status();
    if (!snapshot.ok()) continue;
    const auto size = std::filesystem::file_size(PathOf(id, snapshot->compressed), error);
    if (error || static_cast<int64_t>(size) != snapshot->file_bytes()) continue;
    snapshot->id = std::string(id);
    auto entry = std::make_shared<Entry>();
    entry->snapshot = *std::move(snapshot);
    entries_.emplace(std::string(id), std::move(entry));
  }
  for (const std::string& name : names) {
    const std::string id = name.substr(0, name.find('.'));
    // Only what this server names so: the folder may hold others' files, whatever we ask for.
    const bool ours =
        IsFileId(id) && (absl::EndsWith(name, ".db") || absl::EndsWith(name, ".db.zst") ||
                         absl::EndsWith(name, ".info") || absl::StrContains(name, ".part"));
    if (!ours || (entries_.contains(id) && !absl::StrContains(name, ".part"))) continue;
    Log(LogLevel::kWarning, "removed what an interrupted snapshot had left", {{"file", name}});
    std::filesystem::remove(options_.folder + "/" + name, error);
  }
}

void SnapshotStore::RemoveFiles(const std::string& id) const {
  // The record first: bytes without one are an orphan, a record without bytes would be a lie.
  unlink(absl::StrCat(options_.folder, "/", id, ".info").c_str());
  for (const bool compressed : {false, true}) unlink(PathOf(id, compressed).c_str());
}

// --- making ---

void SnapshotStore::Create(const std::shared_ptr<Database>& database, CreateSnapshotSpec spec,
                           Done done) {
  if (stopping_) return done(Stopping());
  auto snapshot = Snapshot::Open(database, Interrupt(Deadline::Infinite(), &stopping_));
  if (!snapshot.ok()) return done(snapshot.status());
  if (!spec.tables.empty()) {
    auto tables = FindTables(*database, **snapshot, spec.tables);
    if (!tables.ok()) return done(tables.status());
    spec.tables = *std::move(tables);
    // It is written anew anyway.
    spec.compact = true;
  }
  auto entry = Enqueue(database, *std::move(snapshot), spec);
  if (!entry.ok()) return done(entry.status());
  KeptSnapshot told;
  {
    MutexLock lock(&mutex_);
    told = (*entry)->snapshot;
    if (told.state == State::kMaking && !stopping_) {
      (*entry)->waiting.push_back(
          {.until = absl::Now() + limits::kSnapshotWaitMax, .done = std::move(done)});
      return;
    }
  }
  if (told.state == State::kFailed) return done(told.failure);
  done(stopping_ ? absl::StatusOr<KeptSnapshot>(Stopping()) : told);
}

absl::StatusOr<std::shared_ptr<SnapshotStore::Entry>> SnapshotStore::Enqueue(
    const std::shared_ptr<Database>& database, std::unique_ptr<Snapshot> snapshot,
    const CreateSnapshotSpec& spec) {
  // As exact as its record on the disk will be.
  const absl::Time now = absl::FromUnixMillis(absl::ToUnixMillis(absl::Now()));
  MutexLock lock(&mutex_);
  RETURN_IF_ERROR(OpenFolder());
  for (auto& [id, entry] : entries_) {
    KeptSnapshot& kept = entry->snapshot;
    if (kept.database != database->name() || kept.compact != spec.compact ||
        kept.tables != spec.tables || kept.compressed != spec.compressed ||
        kept.state_id != snapshot->state_id() || kept.state == State::kFailed) {
      continue;
    }
    if (now + spec.ttl > kept.expires) {
      kept.expires = now + spec.ttl;
      if (kept.state == State::kReady) RETURN_IF_ERROR(WriteRecord(kept));
    }
    return entry;
  }
  if (jobs_.size() >= limits::kSnapshotQueueMax) {
    return WithRetryAfter(Error(absl::StatusCode::kUnavailable, reason::kOverloaded,
                                "too many snapshots wait to be made"),
                          absl::Seconds(5));
  }
  auto entry = std::make_shared<Entry>();
  entry->snapshot = {.id = NewFileId(now),
                     .database = database->name(),
                     .compact = spec.compact,
                     .tables = spec.tables,
                     .compressed = spec.compressed,
                     .page_size_bytes = snapshot->page_size_bytes(),
                     .size_bytes = snapshot->size_bytes(),
                     .commit_token = snapshot->commit_token(),
                     .created = now,
                     .expires = now + spec.ttl,
                     .state_id = snapshot->state_id()};
  const absl::Status room = Reserve(snapshot->size_bytes(), entry.get());
  // Some tables may fit where the whole does not: that is for the maker to find out.
  if (!room.ok() && spec.tables.empty()) return room;
  entries_.emplace(entry->snapshot.id, entry);
  jobs_.push_back({.id = entry->snapshot.id,
                   .database = database,
                   .snapshot = std::move(snapshot),
                   .entry = entry});
  changed_.SignalAll();
  return entry;
}

absl::StatusOr<int64_t> SnapshotStore::CheckQuota(int64_t size_bytes) const {
  int64_t used = 0;
  int64_t reserved = 0;
  for (const auto& [id, other] : entries_) {
    reserved += other->reserved_bytes;
    if (other->snapshot.state == State::kReady) used += other->snapshot.file_bytes();
  }
  if (entries_.size() < limits::kKeptSnapshotsMax &&
      used + reserved + size_bytes <= options_.quota_bytes) {
    return reserved;
  }
  return WithMetadata(
      Error(absl::StatusCode::kResourceExhausted, reason::kLimit,
            "kept snapshots would take more room than they may (snapshot-quota); delete some"),
      "limit", absl::StrCat(options_.quota_bytes));
}

absl::Status SnapshotStore::Reserve(int64_t bytes, Entry* entry) {
  const int64_t room = RoomFor(entry->snapshot, bytes);
  ASSIGN_OR_RETURN(const int64_t reserved, CheckQuota(room));
  struct statvfs disk;
  if (statvfs(options_.folder.c_str(), &disk) == 0 &&
      static_cast<int64_t>(disk.f_bavail * disk.f_frsize) - reserved < room) {
    return FileError(ENOSPC, "");
  }
  entry->reserved_bytes = room;
  entry->bytes_max = bytes;
  return absl::OkStatus();
}

absl::Status SnapshotStore::ReserveMeasured(const Job& job) {
  ASSIGN_OR_RETURN(const auto schema, Schema::Load(job.snapshot->connection()));
  ASSIGN_OR_RETURN(const int64_t bytes,
                   MeasureTables(job.snapshot->connection(), *schema, job.entry->snapshot.tables));
  MutexLock lock(&mutex_);
  // B-trees that are written anew are seldom larger.
  return Reserve(bytes + bytes / 8 + kSmallestBytes, job.entry.get());
}

void SnapshotStore::Make() {
  pthread_setname_np(pthread_self(), "sluice-keeper");
  while (true) {
    Job job;
    {
      MutexLock lock(&mutex_);
      while (jobs_.empty() && !stopping_) changed_.Wait(&mutex_);
      if (stopping_) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    absl::StatusOr<KeptSnapshot> made = Write(job);
    // Its transaction ends before anybody hears of it.
    job.snapshot.reset();
    Conclude(job, std::move(made));
  }
}

absl::StatusOr<KeptSnapshot> SnapshotStore::Write(const Job& job) {
  bool has_room = false;
  {
    MutexLock lock(&mutex_);
    has_room = job.entry->reserved_bytes > 0;
  }
  if (!has_room) RETURN_IF_ERROR(ReserveMeasured(job));
  KeptSnapshot snapshot;
  int64_t bytes_max = 0;
  {
    MutexLock lock(&mutex_);
    snapshot = job.entry->snapshot;
    bytes_max = job.entry->bytes_max;
  }
  RETURN_IF_ERROR(MakeKept({.path = PathOf(job.id, snapshot.compressed),
                            .database = job.database,
                            .snapshot = job.snapshot.get(),
                            .bytes_max = bytes_max,
                            .cancelled = &job.entry->cancelled},
                           &snapshot));
  {
    MutexLock lock(&mutex_);
    snapshot.expires = job.entry->snapshot.expires;
  }
  snapshot.state = State::kReady;
  RETURN_IF_ERROR(WriteRecord(snapshot));
  return snapshot;
}

absl::Status SnapshotStore::WriteRecord(const KeptSnapshot& snapshot) const {
  const std::string name = absl::StrCat(options_.folder, "/", snapshot.id, ".info");
  unlink((name + ".part").c_str());
  ASSIGN_OR_RETURN(NewFile file, NewFile::Create(name + ".part", 0));
  RETURN_IF_ERROR(file.Write(FormatRecord(snapshot)));
  RETURN_IF_ERROR(file.Finish(name));
  SyncFolder(options_.folder);
  return absl::OkStatus();
}

void SnapshotStore::Conclude(const Job& job, absl::StatusOr<KeptSnapshot> made) {
  std::vector<Waiting> waiting;
  {
    MutexLock lock(&mutex_);
    job.entry->reserved_bytes = 0;
    waiting = std::exchange(job.entry->waiting, {});
    const bool deleted = !entries_.contains(job.id);
    if (made.ok() && !deleted) {
      // Somebody may have asked for it to be kept longer since its record was written.
      const bool longer = job.entry->snapshot.expires > made->expires;
      made->expires = std::max(made->expires, job.entry->snapshot.expires);
      if (longer) WriteRecord(*made).IgnoreError();
      job.entry->snapshot = *made;
    } else {
      RemoveFiles(job.id);
      job.entry->snapshot.state = State::kFailed;
      job.entry->snapshot.failure =
          made.ok() ? NoSuchSnapshot(job.database->name(), job.id) : made.status();
      if (!deleted) entries_.erase(job.id);
    }
    if (made.ok() && deleted) made = job.entry->snapshot.failure;
  }
  if (!made.ok()) {
    Log(LogLevel::kWarning, "a snapshot could not be made",
        {{"database", job.database->name()}, {"why", made.status().message()}});
  }
  Answer(std::move(waiting), made);
}

void SnapshotStore::Answer(std::vector<Waiting> waiting,
                           const absl::StatusOr<KeptSnapshot>& result) {
  for (const Waiting& one : waiting) one.done(result);
}

// --- what there is ---

void SnapshotStore::Sweep() {
  pthread_setname_np(pthread_self(), "sluice-sweeper");
  while (true) {
    std::vector<std::pair<Waiting, KeptSnapshot>> overdue;
    {
      MutexLock lock(&mutex_);
      if (!stopping_) changed_.WaitWithTimeout(&mutex_, kSweepEvery);
      if (stopping_) return;
      const absl::Time now = absl::Now();
      for (auto it = entries_.begin(); it != entries_.end();) {
        Entry& entry = *it->second;
        const auto due =
            std::stable_partition(entry.waiting.begin(), entry.waiting.end(),
                                  [&](const Waiting& waiting) { return waiting.until > now; });
        for (auto one = due; one != entry.waiting.end(); ++one) {
          overdue.emplace_back(std::move(*one), entry.snapshot);
        }
        entry.waiting.erase(due, entry.waiting.end());
        const bool expired = entry.snapshot.state == State::kReady && entry.snapshot.expires <= now;
        if (expired) RemoveFiles(it->first);
        it = expired ? entries_.erase(it) : std::next(it);
      }
    }
    for (const auto& [waiting, snapshot] : overdue) waiting.done(snapshot);
  }
}

std::vector<KeptSnapshot> SnapshotStore::List(absl::string_view database) {
  std::vector<KeptSnapshot> list;
  MutexLock lock(&mutex_);
  for (const auto& [id, entry] : entries_) {
    if (entry->snapshot.database == database) list.push_back(entry->snapshot);
  }
  std::reverse(list.begin(), list.end());
  return list;
}

std::shared_ptr<SnapshotStore::Entry> SnapshotStore::FindEntry(absl::string_view database,
                                                               absl::string_view id) {
  const auto found = entries_.find(id);
  const bool there = found != entries_.end() && found->second->snapshot.database == database &&
                     found->second->snapshot.expires > absl::Now();
  return there ? found->second : nullptr;
}

absl::StatusOr<KeptSnapshot> SnapshotStore::Find(absl::string_view database, absl::string_view id) {
  MutexLock lock(&mutex_);
  const auto entry = FindEntry(database, id);
  if (entry == nullptr) return NoSuchSnapshot(database, id);
  return entry->snapshot;
}

absl::StatusOr<std::shared_ptr<const KeptFile>> SnapshotStore::Open(absl::string_view database,
                                                                    absl::string_view id) {
  ASSIGN_OR_RETURN(KeptSnapshot snapshot, Find(database, id));
  if (snapshot.state != State::kReady) {
    return WithRetryAfter(Error(absl::StatusCode::kUnavailable, reason::kNotServed,
                                "the snapshot is still being made"),
                          absl::Seconds(1));
  }
  return KeptFile::Open(PathOf(id, snapshot.compressed), snapshot);
}

absl::Status SnapshotStore::Delete(absl::string_view database, absl::string_view id) {
  MutexLock lock(&mutex_);
  const auto entry = FindEntry(database, id);
  if (entry == nullptr) return NoSuchSnapshot(database, id);
  // The maker sees that it is gone and removes what it has written.
  entry->cancelled = true;
  entries_.erase(entry->snapshot.id);
  if (entry->snapshot.state == State::kReady) RemoveFiles(entry->snapshot.id);
  return absl::OkStatus();
}

}  // namespace sluice::engine
