#include "server/sqlite/library.h"

#include <sqlite3.h>

#include "absl/strings/str_cat.h"
#include "server/base/limits.h"
#include "server/sqlite/bounded_like.h"
#include "server/sqlite/memory.h"

namespace sluice::sqlite {
namespace {
constexpr int kOldestSafeVersion = 3'051'003;

int CheckPatternWork(long long comparisons) {
  if (comparisons > limits::kPatternWorkMax) return SQLITE_TOOBIG;
  return MemoryBudget::MayWork(comparisons) ? SQLITE_OK : SQLITE_INTERRUPT;
}

}  // namespace

absl::Status CheckVersion(int version_number) {
  if (version_number >= kOldestSafeVersion) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("this program is linked with SQLite ", version_number / 1'000'000, ".",
                   version_number / 1'000 % 1'000, ".", version_number % 1'000,
                   ", which can corrupt a WAL database (sqlite.org/wal.html#walresetbug); 3.51.3 "
                   "or later is needed"));
}

absl::Status InitLibrary() {
  // The counters of SQLite's allocator are one lock for all connections: with them two threads are
  // slower than one.
  if (!InstallAllocator() || sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK ||
      sqlite3_config(SQLITE_CONFIG_MULTITHREAD) != SQLITE_OK || sqlite3_initialize() != SQLITE_OK) {
    return absl::InternalError("SQLite could not be initialised");
  }
  sluice_bound_like(CheckPatternWork);
  return CheckVersion(sqlite3_libversion_number());
}

std::string LibraryVersion() { return sqlite3_libversion(); }

}  // namespace sluice::sqlite
