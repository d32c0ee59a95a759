#include "server/engine/swap.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/status.h"
#include "server/engine/file.h"
#include "server/engine/kept_snapshot.h"

namespace sluice::engine {
namespace {

// What SQLite would take for part of whatever file has the name.
constexpr const char* kBeside[] = {"-wal", "-journal"};

std::string FolderOf(const std::string& path) { return std::filesystem::path(path).parent_path(); }

bool Exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(std::filesystem::symlink_status(path, error));
}

bool SameFile(const std::string& a, const std::string& b) {
  const absl::StatusOr<FileState> first = LookAt(a);
  const absl::StatusOr<FileState> second = LookAt(b);
  return first.ok() && second.ok() && first->same_file(*second);
}

absl::Status CannotSwap(int error) {
  return FileError(error, "the file cannot be put in the place of the database");
}

// Whoever could use the old file can use the new one, as far as the server may say so.
void TakeRightsFrom(const std::string& from, const std::string& to) {
  struct stat status;
  if (stat(from.c_str(), &status) != 0) return;
  [[maybe_unused]] const int owned = chown(to.c_str(), status.st_uid, status.st_gid);
  [[maybe_unused]] const int moded = chmod(to.c_str(), status.st_mode & 07777);
}

absl::Status LinkOld(const Swap& swap) {
  unlink(swap.old.c_str());
  if (link(swap.target.c_str(), swap.old.c_str()) == 0) return absl::OkStatus();
  if (errno == EPERM || errno == EOPNOTSUPP || errno == EMLINK) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kUnsupported,
                 "the database's file system has no hard links, which a restore needs");
  }
  return CannotSwap(errno);
}

// Back where it was, as if nothing had been begun.
void PutBack(const Swap& swap) {
  for (const char* ending : kBeside) {
    const std::string moved = swap.old + ending;
    const std::string place = swap.target + ending;
    if (Exists(moved) && !Exists(place)) std::rename(moved.c_str(), place.c_str());
  }
  unlink(swap.old.c_str());
  SyncFolder(FolderOf(swap.target));
  SyncFolder(FolderOf(swap.old));
}

}  // namespace

absl::Status SwapIn(const Swap& swap) {
  TakeRightsFrom(swap.target, swap.next);
  RETURN_IF_ERROR(LinkOld(swap));
  SyncFolder(FolderOf(swap.old));
  for (const char* ending : kBeside) {
    if (!Exists(swap.target + ending)) continue;
    if (std::rename((swap.target + ending).c_str(), (swap.old + ending).c_str()) != 0) {
      const int error = errno;
      PutBack(swap);
      return CannotSwap(error);
    }
  }
  unlink((swap.target + "-shm").c_str());
  // The log must be gone on the disk before another file has the name.
  SyncFolder(FolderOf(swap.target));
  if (std::rename(swap.next.c_str(), swap.target.c_str()) != 0) {
    const int error = errno;
    PutBack(swap);
    return CannotSwap(error);
  }
  SyncFolder(FolderOf(swap.target));
  SyncFolder(FolderOf(swap.next));
  return absl::OkStatus();
}

absl::Status PutNew(const Swap& swap) {
  if (!Exists(swap.target)) {
    // Left by a file that had the name once.
    MoveAside(swap.target);
    SyncFolder(FolderOf(swap.target));
  }
  if (link(swap.next.c_str(), swap.target.c_str()) != 0) {
    if (errno != EEXIST) return CannotSwap(errno);
    return Error(absl::StatusCode::kAlreadyExists, reason::kDatabaseExists,
                 "there is a database of that name");
  }
  SyncFolder(FolderOf(swap.target));
  unlink(swap.next.c_str());
  SyncFolder(FolderOf(swap.next));
  return absl::OkStatus();
}

bool FinishSwap(const Swap& swap) {
  if (SameFile(swap.next, swap.target)) {
    unlink(swap.next.c_str());
    return true;
  }
  if (SameFile(swap.old, swap.target)) {
    PutBack(swap);
    return false;
  }
  return !Exists(swap.next);
}

void MoveAside(const std::string& path) {
  for (const char* ending : {"-wal", "-shm", "-journal"}) {
    const std::string kept =
        absl::StrCat(path, ending, ".replaced-", absl::ToUnixMillis(absl::Now()));
    if (std::rename((path + ending).c_str(), kept.c_str()) == 0) {
      Log(LogLevel::kWarning, "moved aside what belonged to a replaced file",
          {{"file", std::filesystem::path(kept).filename().string()}});
    }
  }
}

}  // namespace sluice::engine
