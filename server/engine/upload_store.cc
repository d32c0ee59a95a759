#include "server/engine/upload_store.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
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
#include "server/engine/file.h"
#include "server/engine/file_id.h"
#include "server/engine/kept_snapshot.h"
#include "server/engine/swap.h"
#include "server/engine/upload_file.h"

namespace sluice::engine {
namespace {

using State = Upload::State;

constexpr absl::Duration kSweepEvery = absl::Seconds(1);
constexpr char kFolder[] = ".sluice-uploads";

std::string BytesOf(const std::string& folder, absl::string_view id) {
  return absl::StrCat(folder, "/", id, ".db");
}

std::string RecordOf(const std::string& folder, absl::string_view id) {
  return absl::StrCat(folder, "/", id, ".info");
}

std::string OldOf(const std::string& folder, absl::string_view snapshot) {
  return absl::StrCat(folder, "/", snapshot, ".old");
}

std::string TargetOf(const std::string& folder, const Upload& upload) {
  return std::filesystem::path(folder).parent_path() / upload.file_name;
}

absl::Status NoSuchUpload(absl::string_view database, absl::string_view id) {
  return WithMetadata(WithMetadata(Error(absl::StatusCode::kNotFound, reason::kNoSuchUpload,
                                         absl::StrCat("there is no upload called ", id)),
                                   "database", database),
                      "upload", id);
}

absl::Status WrongOffset(int64_t right, absl::string_view what) {
  return WithMetadata(
      Error(absl::StatusCode::kAborted, reason::kUploadOffset, absl::StrCat(what, right)), "offset",
      absl::StrCat(right));
}

absl::Status WriteRecord(const std::string& folder, const Upload& upload) {
  const std::string name = RecordOf(folder, upload.id);
  unlink((name + ".part").c_str());
  ASSIGN_OR_RETURN(NewFile file, NewFile::Create(name + ".part", 0));
  RETURN_IF_ERROR(file.Write(FormatUpload(upload)));
  RETURN_IF_ERROR(file.Finish(name));
  SyncFolder(folder);
  return absl::OkStatus();
}

void RemoveBytes(const std::string& folder, absl::string_view id) {
  const std::string bytes = BytesOf(folder, id);
  for (const char* ending : {"", "-journal", "-wal", "-shm"}) unlink((bytes + ending).c_str());
}

// Whether what was received before is the same.
absl::Status CheckSame(const UploadFile& file, int64_t offset, absl::string_view piece,
                       int64_t received) {
  std::string there(piece.size(), '\0');
  RETURN_IF_ERROR(file.Read(offset, there.data(), there.size()));
  if (there == piece) return absl::OkStatus();
  return WrongOffset(received, "other bytes were received there; go on at ");
}

}  // namespace

std::string UploadFolderFor(const std::string& path) {
  return std::filesystem::path(path).parent_path() / kFolder;
}

UploadStore::UploadStore(int64_t quota_bytes) : quota_bytes_(quota_bytes) {
  sweeper_ = std::thread([this] { Sweep(); });
}

UploadStore::~UploadStore() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.SignalAll();
  }
  sweeper_.join();
  MutexLock lock(&mutex_);
  for (const auto& [folder, lock_file] : folders_) close(lock_file);
}

// --- what was there ---

std::vector<UploadStore::Replaced> UploadStore::Recover(const std::vector<std::string>& folders) {
  std::vector<Replaced> replaced;
  MutexLock lock(&mutex_);
  for (const std::string& beside : folders) {
    const std::string folder = beside + "/" + kFolder;
    std::error_code error;
    if (folders_.contains(folder) || !std::filesystem::is_directory(folder, error)) continue;
    if (const absl::Status opened = OpenFolder(folder); !opened.ok()) {
      Log(LogLevel::kWarning, "uploads cannot be taken up", {{"why", opened.message()}});
      continue;
    }
    ReadFolder(folder, &replaced);
  }
  return replaced;
}

void UploadStore::ReadFolder(const std::string& folder, std::vector<Replaced>* replaced) {
  std::error_code error;
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(folder, error)) {
    names.push_back(file.path().filename());
  }
  for (const std::string& name : names) {
    absl::string_view id = name;
    if (!absl::ConsumeSuffix(&id, ".info") || !IsFileId(id)) continue;
    const absl::StatusOr<std::string> text = ReadSmallFile(folder + "/" + name);
    absl::StatusOr<Upload> upload = text.ok() ? ParseUpload(*text) : text.status();
    if (!upload.ok()) continue;
    upload->id = std::string(id);
    if (!TakeUp(folder, &*upload, replaced)) continue;
    auto entry = std::make_shared<Entry>();
    entry->upload = *std::move(upload);
    entry->folder = folder;
    entries_.emplace(std::string(id), std::move(entry));
  }
  for (const std::string& name : names) {
    const std::string id = name.substr(0, name.find('.'));
    // The other name of a replaced database is its only one when its record is lost.
    if (!IsFileId(id) || absl::StrContains(name, ".old")) continue;
    if (entries_.contains(id) && !absl::EndsWith(name, ".part")) continue;
    Log(LogLevel::kWarning, "removed what an interrupted upload had left", {{"file", name}});
    std::filesystem::remove(folder + "/" + name, error);
  }
}

bool UploadStore::TakeUp(const std::string& folder, Upload* upload,
                         std::vector<Replaced>* replaced) {
  const std::string bytes = BytesOf(folder, upload->id);
  const std::string target = TargetOf(folder, *upload);
  const std::string snapshot = upload->result.replaced_snapshot;
  const std::string old = OldOf(folder, snapshot.empty() ? upload->id : snapshot);
  const bool swapped = FinishSwap({.target = target, .next = bytes, .old = old});
  const absl::StatusOr<FileState> there = LookAt(bytes);
  if (there.ok()) {
    upload->result = {};
    upload->received_bytes = upload->bytes_checked
                                 ? upload->size_bytes
                                 : std::min(there->size_bytes, upload->size_bytes);
    upload->state =
        upload->received_bytes == upload->size_bytes ? State::kReceived : State::kReceiving;
    // The record's time is that of the beginning; every piece has moved it on.
    upload->expires = std::max(upload->expires, there->modified + upload->ttl);
    return true;
  }
  if (!swapped || upload->result.commit_token.empty()) return false;
  upload->state = State::kRestored;
  upload->received_bytes = upload->size_bytes;
  if (snapshot.empty()) {
    unlink(old.c_str());
  } else if (LookAt(old).ok()) {
    replaced->push_back({.database = upload->database, .snapshot = snapshot, .path = old});
  }
  return true;
}

absl::Status UploadStore::OpenFolder(const std::string& folder) {
  if (folders_.contains(folder)) return absl::OkStatus();
  std::error_code error;
  if (std::filesystem::create_directories(folder, error)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  const int file = open((folder + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kUnsupported,
                 "the server cannot make a folder for uploads beside the database");
  }
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    close(file);
    return Error(absl::StatusCode::kFailedPrecondition, reason::kUnsupported,
                 "another server uses the folder for uploads beside the database");
  }
  folders_[folder] = file;
  return absl::OkStatus();
}

// --- bringing one ---

absl::Status UploadStore::CheckRoom(const std::string& database, const std::string& folder,
                                    int64_t size_bytes) {
  // What is done is only remembered; the oldest of it makes room.
  while (entries_.size() >= limits::kUploadsMax && ForgetOldestRestored()) continue;
  int64_t used = 0;
  int64_t to_come = 0;
  size_t of_database = 0;
  for (const auto& [id, entry] : entries_) {
    if (entry->upload.state == State::kRestored) continue;
    used += entry->upload.size_bytes;
    to_come += entry->upload.size_bytes - entry->upload.received_bytes;
    of_database += entry->upload.database == database ? 1 : 0;
  }
  const bool database_is_full = of_database >= limits::kUploadsPerDatabaseMax;
  if (database_is_full || entries_.size() >= limits::kUploadsMax) {
    return WithMetadata(
        Error(absl::StatusCode::kResourceExhausted, reason::kLimit,
              "there are too many uploads already; restore or delete some"),
        "limit",
        absl::StrCat(database_is_full ? limits::kUploadsPerDatabaseMax : limits::kUploadsMax));
  }
  if (size_bytes > quota_bytes_ - used) {
    return WithMetadata(Error(absl::StatusCode::kResourceExhausted, reason::kLimit,
                              "uploads would take more room than they may (upload-quota)"),
                        "limit", absl::StrCat(quota_bytes_));
  }
  struct statvfs disk;
  if (statvfs(folder.c_str(), &disk) == 0 &&
      static_cast<int64_t>(disk.f_bavail * disk.f_frsize) - to_come < size_bytes) {
    return FileError(ENOSPC, "");
  }
  return absl::OkStatus();
}

absl::StatusOr<Upload> UploadStore::Create(const std::string& database, const std::string& path,
                                           const CreateUploadSpec& spec) {
  // As exact as its record on the disk is.
  const absl::Time now = absl::FromUnixMillis(absl::ToUnixMillis(absl::Now()));
  auto entry = std::make_shared<Entry>();
  entry->folder = UploadFolderFor(path);
  entry->upload = {.id = NewFileId(now),
                   .database = database,
                   .file_name = std::filesystem::path(path).filename(),
                   .create = spec.create,
                   .size_bytes = spec.size_bytes,
                   .sha256 = spec.sha256,
                   .created = now,
                   .expires = now + spec.ttl,
                   .ttl = spec.ttl};
  MutexLock lock(&mutex_);
  RETURN_IF_ERROR(OpenFolder(entry->folder));
  RETURN_IF_ERROR(CheckRoom(database, entry->folder, spec.size_bytes));
  const std::string bytes = BytesOf(entry->folder, entry->upload.id);
  RETURN_IF_ERROR(UploadFile::Create(bytes, spec.size_bytes));
  if (const absl::Status written = WriteRecord(entry->folder, entry->upload); !written.ok()) {
    RemoveBytes(entry->folder, entry->upload.id);
    return written;
  }
  entries_.emplace(entry->upload.id, entry);
  return entry->upload;
}

absl::StatusOr<Upload> UploadStore::Write(absl::string_view database, absl::string_view id,
                                          int64_t offset, absl::string_view piece) {
  ASSIGN_OR_RETURN(Hold hold, Take(database, id));
  Upload upload = hold.upload();
  if (upload.bytes_checked || upload.state == State::kRestored) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kUnsupported,
                 "the upload has been checked by a restore; nothing more can be added");
  }
  const auto size = static_cast<int64_t>(piece.size());
  if (offset > upload.size_bytes || size > upload.size_bytes - offset) {
    return BadField("content", "goes beyond the size of the file");
  }
  ASSIGN_OR_RETURN(UploadFile file, UploadFile::Open(hold.path()));
  if (offset + size <= upload.received_bytes) {
    RETURN_IF_ERROR(CheckSame(file, offset, piece, upload.received_bytes));
    return upload;
  }
  if (offset != upload.received_bytes) {
    return WrongOffset(upload.received_bytes, "the next piece begins at ");
  }
  RETURN_IF_ERROR(file.Append(offset, piece));
  upload.received_bytes += size;
  upload.expires = absl::Now() + upload.ttl;
  if (upload.received_bytes == upload.size_bytes) upload.state = State::kReceived;
  MutexLock lock(&mutex_);
  const auto entry = entries_.find(upload.id);
  if (entry != entries_.end()) entry->second->upload = upload;
  return upload;
}

// --- what there is ---

absl::StatusOr<std::shared_ptr<UploadStore::Entry>> UploadStore::FindEntry(
    absl::string_view database, absl::string_view id) {
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second->upload.database != database) {
    return NoSuchUpload(database, id);
  }
  return found->second;
}

absl::StatusOr<Upload> UploadStore::Find(absl::string_view database, absl::string_view id) {
  MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const auto entry, FindEntry(database, id));
  return entry->upload;
}

std::vector<Upload> UploadStore::List(absl::string_view database) {
  std::vector<Upload> list;
  MutexLock lock(&mutex_);
  for (const auto& [id, entry] : entries_) {
    if (entry->upload.database == database) list.push_back(entry->upload);
  }
  std::reverse(list.begin(), list.end());
  return list;
}

absl::Status UploadStore::Delete(absl::string_view database, absl::string_view id) {
  ASSIGN_OR_RETURN(const Hold hold, Take(database, id));
  MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const auto entry, FindEntry(database, id));
  Forget(*entry);
  entries_.erase(entry->upload.id);
  return absl::OkStatus();
}

void UploadStore::Forget(const Entry& entry) {
  // The record first: bytes without one are an orphan.
  unlink(RecordOf(entry.folder, entry.upload.id).c_str());
  RemoveBytes(entry.folder, entry.upload.id);
}

bool UploadStore::ForgetOldestRestored() {
  auto oldest = entries_.end();
  for (auto it = entries_.begin(); it != entries_.end(); ++it) {
    const Entry& entry = *it->second;
    if (entry.upload.state != State::kRestored || entry.held) continue;
    if (oldest == entries_.end() || entry.upload.created < oldest->second->upload.created) {
      oldest = it;
    }
  }
  if (oldest == entries_.end()) return false;
  Forget(*oldest->second);
  entries_.erase(oldest);
  return true;
}

void UploadStore::Sweep() {
  pthread_setname_np(pthread_self(), "sluice-uploads");
  MutexLock lock(&mutex_);
  while (!stopping_) {
    changed_.WaitWithTimeout(&mutex_, kSweepEvery);
    const absl::Time now = absl::Now();
    for (auto it = entries_.begin(); it != entries_.end();) {
      const Entry& entry = *it->second;
      const bool over = entry.upload.expires <= now && !entry.held;
      if (over) Forget(entry);
      it = over ? entries_.erase(it) : std::next(it);
    }
  }
}

// --- holding one ---

absl::StatusOr<UploadStore::Hold> UploadStore::Take(absl::string_view database,
                                                    absl::string_view id) {
  MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(auto entry, FindEntry(database, id));
  if (entry->held) {
    return WithRetryAfter(Error(absl::StatusCode::kUnavailable, reason::kOverloaded,
                                "another call uses the upload now"),
                          absl::Milliseconds(500));
  }
  entry->held = true;
  return Hold(this, std::move(entry));
}

UploadStore::Hold::~Hold() {
  if (entry_ == nullptr) return;
  MutexLock lock(&store_->mutex_);
  entry_->held = false;
  if (entry_->upload.state == State::kRestoring) entry_->upload.state = State::kReceived;
}

Upload UploadStore::Hold::upload() const {
  MutexLock lock(&store_->mutex_);
  return entry_->upload;
}

std::string UploadStore::Hold::path() const { return BytesOf(entry_->folder, entry_->upload.id); }

std::string UploadStore::Hold::old_path(absl::string_view snapshot) const {
  return OldOf(entry_->folder, snapshot);
}

std::string UploadStore::Hold::target() const { return TargetOf(entry_->folder, entry_->upload); }

absl::Status UploadStore::Hold::Save(const Upload& upload) {
  RETURN_IF_ERROR(WriteRecord(entry_->folder, upload));
  MutexLock lock(&store_->mutex_);
  entry_->upload = upload;
  return absl::OkStatus();
}

void UploadStore::Hold::Tell(State state, int64_t verified_bytes) {
  MutexLock lock(&store_->mutex_);
  entry_->upload.state = state;
  entry_->upload.verified_bytes = verified_bytes;
}

}  // namespace sluice::engine
