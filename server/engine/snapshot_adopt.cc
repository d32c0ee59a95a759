// SnapshotStore: files of databases that were replaced.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/log.h"
#include "server/base/status.h"
#include "server/engine/commit_sequence.h"
#include "server/engine/file.h"
#include "server/engine/file_id.h"
#include "server/engine/snapshot_store.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {
namespace {

using State = KeptSnapshot::State;

constexpr size_t kHeaderBytes = 100;
constexpr size_t kPieceBytes = size_t{1} << 20;

// Empty for a damaged file too.
std::string TokenIn(const std::string& path) {
  const auto opened =
      sqlite::Connection::Open({.path = path, .mode = sqlite::OpenOptions::Mode::kImmutable});
  if (!opened.ok()) return "";
  return ReadCommitToken(**opened).value_or("");
}

// 0 for a damaged file.
int32_t PageSizeIn(const KeptFile& file) {
  std::string header(kHeaderBytes, '\0');
  if (!file.Read(0, header.data(), header.size()).ok()) return 0;
  const absl::StatusOr<FileHeader> parsed = ParseHeader(header);
  return parsed.ok() ? parsed->page_size_bytes : 0;
}

// For a folder of snapshots on another file system.
absl::Status CopyTo(const KeptFile& file, const std::string& path) {
  unlink((path + ".part").c_str());
  const int64_t size_bytes = file.snapshot().size_bytes;
  ASSIGN_OR_RETURN(NewFile copy, NewFile::Create(path + ".part", size_bytes));
  std::string piece(kPieceBytes, '\0');
  for (int64_t offset = 0; offset < size_bytes;) {
    const auto size = static_cast<size_t>(std::min<int64_t>(kPieceBytes, size_bytes - offset));
    RETURN_IF_ERROR(file.Read(offset, piece.data(), size));
    RETURN_IF_ERROR(copy.Write({piece.data(), size}));
    offset += static_cast<int64_t>(size);
  }
  return copy.Finish(path);
}

}  // namespace

absl::StatusOr<std::string> SnapshotStore::Announce(const std::string& database,
                                                    int64_t size_bytes) {
  const absl::Time now = absl::FromUnixMillis(absl::ToUnixMillis(absl::Now()));
  auto entry = std::make_shared<Entry>();
  entry->reserved_bytes = size_bytes;
  entry->snapshot = {.id = NewFileId(now),
                     .database = database,
                     .size_bytes = size_bytes,
                     .created = now,
                     .expires = Never()};
  MutexLock lock(&mutex_);
  RETURN_IF_ERROR(OpenFolder());
  RETURN_IF_ERROR(CheckQuota(size_bytes).status());
  entries_.emplace(entry->snapshot.id, entry);
  return entry->snapshot.id;
}

void SnapshotStore::Withdraw(const std::string& id) {
  MutexLock lock(&mutex_);
  entries_.erase(id);
}

absl::Status SnapshotStore::Adopt(const std::string& id, const std::string& database,
                                  const std::string& path) {
  const absl::Time now = absl::FromUnixMillis(absl::ToUnixMillis(absl::Now()));
  ASSIGN_OR_RETURN(const FileState there, LookAt(path));
  KeptSnapshot snapshot{.id = id,
                        .database = database,
                        .state = State::kReady,
                        .size_bytes = there.size_bytes,
                        .commit_token = TokenIn(path),
                        .created = now,
                        .expires = Never()};
  ASSIGN_OR_RETURN(const auto file, KeptFile::Open(path, snapshot));
  snapshot.page_size_bytes = PageSizeIn(*file);
  ASSIGN_OR_RETURN(snapshot.sha256, Sha256Of(*file));
  MutexLock lock(&mutex_);
  RETURN_IF_ERROR(OpenFolder());
  // The record first: bytes without one are taken for an orphan when the store opens.
  RETURN_IF_ERROR(WriteRecord(snapshot));
  if (std::rename(path.c_str(), PathOf(id).c_str()) != 0) {
    if (errno != EXDEV) return FileError(errno, "the replaced file cannot be kept");
    RETURN_IF_ERROR(CopyTo(*file, PathOf(id)));
    unlink(path.c_str());
  }
  SyncFolder(options_.folder);
  auto entry = std::make_shared<Entry>();
  entry->snapshot = std::move(snapshot);
  entries_.insert_or_assign(id, std::move(entry));
  return absl::OkStatus();
}

}  // namespace sluice::engine
