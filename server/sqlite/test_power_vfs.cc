#include "server/sqlite/test_power_vfs.h"

#include "server/base/check.h"

namespace sluice::sqlite {
namespace {

constexpr size_t kSectorBytes = 512;
constexpr int kSeenMask = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL;

}  // namespace

void PowerVfs::FailAfter(int calls, Fault fault) {
  MutexLock lock(&mutex_);
  calls_to_fault_ = calls;
  fault_ = fault;
}

void PowerVfs::CutAfter(int calls) {
  MutexLock lock(&mutex_);
  calls_to_cut_ = calls;
}

PowerVfs::Image PowerVfs::Cut() {
  MutexLock lock(&mutex_);
  if (!cut_) TakeImage();
  return image_;
}

bool PowerVfs::is_cut() const {
  MutexLock lock(&mutex_);
  return cut_;
}

// What is there when a file is opened for the first time is on the disk.
void PowerVfs::Opened(File& file) {
  if (file.name == nullptr || (file.flags & kSeenMask) == 0) return;
  MutexLock lock(&mutex_);
  const auto [at, added] = files_.try_emplace(file.name);
  if (!added) return;
  sqlite3_file* const usual = file.usual();
  sqlite3_int64 size = 0;
  CHECK(usual->pMethods->xFileSize(usual, &size) == SQLITE_OK);
  std::string& bytes = at->second.synced;
  bytes.resize(static_cast<size_t>(size));
  CHECK(size == 0 ||
        usual->pMethods->xRead(usual, bytes.data(), static_cast<int>(size), 0) == SQLITE_OK);
}

int PowerVfs::Write(File& file, const void* from, int size, sqlite3_int64 at) {
  MutexLock lock(&mutex_);
  Contents* const contents = Find(file);
  if (contents == nullptr) return ForwardingVfs::Write(file, from, size, at);
  if (cut_) return SQLITE_IOERR_WRITE;
  Fault fault{};
  int code = SQLITE_OK;
  if (TakeFault(/*is_sync=*/false, &fault)) {
    code = fault == Fault::kFull ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    size = fault == Fault::kWriteError ? 0 : size / 2;
  }
  if (size > 0) {
    contents->unsynced.push_back(
        {.at = at,
         .bytes = std::string(static_cast<const char*>(from), static_cast<size_t>(size))});
    const int written = ForwardingVfs::Write(file, from, size, at);
    if (code == SQLITE_OK) code = written;
  }
  return CountCall() ? code : SQLITE_IOERR_WRITE;
}

int PowerVfs::Sync(File& file, int flags) {
  MutexLock lock(&mutex_);
  Contents* const contents = Find(file);
  if (contents == nullptr) return ForwardingVfs::Sync(file, flags);
  // The power fails before the sync, which is the worse for whoever asked for it.
  if (cut_ || !CountCall()) return SQLITE_IOERR_FSYNC;
  Fault fault{};
  if (TakeFault(/*is_sync=*/true, &fault)) {
    contents->synced = Survivor(*contents);
    contents->unsynced.clear();
    return SQLITE_IOERR_FSYNC;
  }
  for (const Change& change : contents->unsynced) Apply(change, &contents->synced);
  contents->unsynced.clear();
  return SQLITE_OK;
}

int PowerVfs::Truncate(File& file, sqlite3_int64 size) {
  MutexLock lock(&mutex_);
  Contents* const contents = Find(file);
  if (contents == nullptr) return ForwardingVfs::Truncate(file, size);
  if (cut_) return SQLITE_IOERR_TRUNCATE;
  contents->unsynced.push_back({.at = size, .bytes = {}});
  const int code = ForwardingVfs::Truncate(file, size);
  return CountCall() ? code : SQLITE_IOERR_TRUNCATE;
}

PowerVfs::Contents* PowerVfs::Find(const File& file) {
  if (file.name == nullptr || (file.flags & kSeenMask) == 0) return nullptr;
  return &files_.at(file.name);
}

bool PowerVfs::CountCall() {
  if (calls_to_fault_ > 0) --calls_to_fault_;
  if (calls_to_cut_ >= 0 && calls_to_cut_-- == 0) TakeImage();
  return !cut_;
}

bool PowerVfs::TakeFault(bool is_sync, Fault* fault) {
  if (calls_to_fault_ != 0 || (fault_ == Fault::kSyncError) != is_sync) return false;
  calls_to_fault_ = -1;
  *fault = fault_;
  return true;
}

void PowerVfs::TakeImage() {
  cut_ = true;
  for (const auto& [name, contents] : files_) image_[name] = Survivor(contents);
}

std::string PowerVfs::Survivor(const Contents& contents) {
  std::string bytes = contents.synced;
  for (const Change& change : contents.unsynced) {
    const uint64_t chance = random_() % 4;
    if (chance == 0) continue;
    const size_t sectors = change.bytes.size() / kSectorBytes;
    if (chance == 1 && sectors > 1) {
      const size_t kept = (1 + random_() % (sectors - 1)) * kSectorBytes;
      Apply({.at = change.at, .bytes = change.bytes.substr(0, kept)}, &bytes);
    } else {
      Apply(change, &bytes);
    }
  }
  return bytes;
}

void PowerVfs::Apply(const Change& change, std::string* bytes) {
  const auto at = static_cast<size_t>(change.at);
  if (change.bytes.empty()) return bytes->resize(at);
  if (bytes->size() < at + change.bytes.size()) bytes->resize(at + change.bytes.size());
  bytes->replace(at, change.bytes.size(), change.bytes);
}

}  // namespace sluice::sqlite
