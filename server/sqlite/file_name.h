// Names of database files, and whether they still stand for the same file.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/sqlite/connection.h"

namespace sluice::sqlite {

// `file:PATH?QUERY` with everything in the path escaped that a URI would read otherwise.
std::string FileUri(absl::string_view path, absl::string_view query);

// Whether the file at `options.path` is the one that `options` mean; UNAVAILABLE (NOT_SERVED). To
// be asked before anything is read: SQLite looks for the log at its first read, and copies it into
// the file when it closes.
absl::Status CheckIdentity(const OpenOptions& options);

}  // namespace sluice::sqlite
