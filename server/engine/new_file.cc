#include "server/engine/new_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "server/base/status.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {
namespace {

absl::Status Failed(const std::string& path, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("cannot make ", path, ": ", what));
}

absl::Status Fill(const std::string& path) {
  ASSIGN_OR_RETURN(
      const auto connection,
      sqlite::Connection::Open({.path = path, .mode = sqlite::OpenOptions::Mode::kCreate}));
  ASSIGN_OR_RETURN(const sqlite::Value mode, connection->QueryValue("PRAGMA journal_mode = WAL"));
  if (mode.view().bytes != "wal") return absl::InternalError("it cannot be turned to WAL");
  // A database is pages; without a write there would be none.
  RETURN_IF_ERROR(connection->Execute("PRAGMA user_version = 0"));
  return connection->Checkpoint(/*truncate=*/true).status();
}

// Never over a file that somebody has put there meanwhile.
bool GiveName(const std::string& from, const std::string& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
  return link(from.c_str(), to.c_str()) == 0;
}

void SyncFolder(const std::string& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  fsync(descriptor);
  close(descriptor);
}

}  // namespace

absl::StatusOr<bool> MakeDatabaseFile(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_regular_file(path, error)) return false;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, error))) {
    return Failed(path, "something else has the name");
  }
  const std::filesystem::path whole = std::filesystem::absolute(path);
  const std::string folder = whole.parent_path();
  if (!std::filesystem::is_directory(folder, error)) return Failed(path, "there is no such folder");
  // Hidden, so that nobody serves it yet.
  const std::string temporary =
      absl::StrCat(folder, "/.", whole.filename().string(), ".new-", getpid());
  const absl::Cleanup tidy = [&] {
    for (const char* ending : {"", "-wal", "-shm", "-journal"}) {
      std::remove((temporary + ending).c_str());
    }
  };
  const absl::Status filled = Fill(temporary);
  if (!filled.ok()) return Failed(path, filled.message());
  if (!GiveName(temporary, whole.string())) {
    if (errno == EEXIST) return false;
    return Failed(path, std::strerror(errno));
  }
  SyncFolder(folder);
  return true;
}

}  // namespace sluice::engine
