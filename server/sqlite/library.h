// The SQLite library itself: which one is linked, and its process-wide settings.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace sluice::sqlite {

// Must be called once, before any other thread runs and before anything else of this room.
// FAILED_PRECONDITION when the linked SQLite is older than 3.51.3: those can corrupt a WAL database
// when one connection checkpoints while another writes (sqlite.org/wal.html#walresetbug).
absl::Status InitLibrary();

// The check of InitLibrary, for any version number such as 3051003.
absl::Status CheckVersion(int version_number);

// Such as "3.53.2".
std::string LibraryVersion();

}  // namespace sluice::sqlite
