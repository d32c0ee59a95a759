#include "server/engine/restore_check.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/commit_sequence.h"
#include "server/engine/digest.h"
#include "server/engine/file.h"
#include "server/engine/schema_check.h"
#include "server/engine/upload_file.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 20;
constexpr int kTellEveryPieces = 16;
constexpr size_t kHeaderBytes = 100;
// The versions of the format that is written and read: 1 for a rollback journal, 2 for WAL.
constexpr int64_t kVersionsOffset = 18;
constexpr absl::string_view kRollbackJournal("\x01\x01", 2);

absl::Status Corrupt(absl::string_view what) {
  return Error(absl::StatusCode::kDataLoss, reason::kCorrupt, what);
}

absl::Status CheckHeader(absl::string_view bytes, int64_t size_bytes) {
  ASSIGN_OR_RETURN(const FileHeader header, ParseHeader(bytes));
  if (size_bytes % header.page_size_bytes != 0) {
    return Corrupt("the file's size is no multiple of its page size");
  }
  if (header.page_count != 0 && header.page_count != size_bytes / header.page_size_bytes) {
    return Corrupt("the file has another number of pages than its header says");
  }
  for (const size_t offset : {kVersionsOffset, kVersionsOffset + 1}) {
    if (bytes[offset] == 1 || bytes[offset] == 2) continue;
    return Error(absl::StatusCode::kFailedPrecondition, reason::kUnsupported,
                 "the file is of a format that this server does not know");
  }
  return absl::OkStatus();
}

// Opened with triggers, which are to be compiled; nothing of the file is run.
absl::StatusOr<std::unique_ptr<sqlite::Connection>> OpenFile(const std::string& path) {
  return sqlite::Connection::Open({.path = path, .mode = sqlite::OpenOptions::Mode::kReadWrite});
}

absl::Status CheckIntegrity(sqlite::Connection& connection) {
  ASSIGN_OR_RETURN(const sqlite::Value found, connection.QueryValue("PRAGMA integrity_check(1)"));
  const absl::string_view text = found.view().bytes;
  return text == "ok" ? absl::OkStatus() : Corrupt(absl::StrCat("integrity_check: ", text));
}

absl::Status CheckForeignKeys(sqlite::Connection& connection) {
  ASSIGN_OR_RETURN(sqlite::Statement rows, connection.Prepare("PRAGMA foreign_key_check"));
  ASSIGN_OR_RETURN(const bool violated, rows.Step());
  if (!violated) return absl::OkStatus();
  const std::string table(rows.column(0).bytes);
  return WithMetadata(
      Error(absl::StatusCode::kFailedPrecondition, reason::kForeignKey,
            absl::StrCat("rows of ", table, " refer to rows of ", rows.column(2).bytes,
                         " that are not there (allow_foreign_key_violations restores it so)")),
      "table", table);
}

// Damage is found under many names while a schema is read.
absl::Status AsCorruption(absl::Status status) {
  if (status.ok() || ReasonOf(status) != reason::kSqlError) return status;
  return Corrupt(absl::StrCat("the file's schema cannot be read: ", status.message()));
}

}  // namespace

absl::Status CheckBytes(const std::string& path, int64_t size_bytes, const std::string& sha256,
                        const Interrupt& interrupt, const std::function<void(int64_t)>& tell) {
  ASSIGN_OR_RETURN(const UploadFile file, UploadFile::Open(path));
  ASSIGN_OR_RETURN(const int64_t there, file.SizeBytes());
  if (there != size_bytes) return Corrupt("the file has another size than was promised");
  // Two pieces: one is hashed while the next is read.
  std::string pieces[2] = {std::string(kPieceBytes, '\0'), std::string(kPieceBytes, '\0')};
  std::string header;
  BackgroundSha256 digest;
  int turn = 0;
  for (int64_t offset = 0; offset < size_bytes; ++turn) {
    RETURN_IF_ERROR(interrupt.Check());
    std::string& piece = pieces[turn % 2];
    const auto size = static_cast<size_t>(std::min<int64_t>(kPieceBytes, size_bytes - offset));
    RETURN_IF_ERROR(file.Read(offset, piece.data(), size));
    if (offset == 0) header = piece.substr(0, std::min(size, kHeaderBytes));
    digest.Add({piece.data(), size});
    offset += static_cast<int64_t>(size);
    if (turn % kTellEveryPieces == 0) tell(offset);
  }
  if (digest.Finish() != sha256) return Corrupt("the file's SHA-256 is not the one promised");
  tell(size_bytes);
  return CheckHeader(header, size_bytes);
}

absl::Status CheckDatabase(const std::string& path, const DatabaseCheck& check) {
  {
    ASSIGN_OR_RETURN(UploadFile file, UploadFile::Open(path));
    RETURN_IF_ERROR(file.Overwrite(kVersionsOffset, kRollbackJournal));
  }
  ASSIGN_OR_RETURN(const auto connection, OpenFile(path));
  connection->guard().Arm({.interrupt = check.interrupt});
  RETURN_IF_ERROR(AsCorruption(CheckSchema(*connection)));
  RETURN_IF_ERROR(AsCorruption(CheckIntegrity(*connection)));
  return check.allow_foreign_key_violations ? absl::OkStatus()
                                            : AsCorruption(CheckForeignKeys(*connection));
}

absl::StatusOr<std::string> PrepareForService(const std::string& path) {
  ASSIGN_OR_RETURN(const auto connection, OpenFile(path));
  RETURN_IF_ERROR(connection->Execute("BEGIN IMMEDIATE"));
  ASSIGN_OR_RETURN(std::string token, BeginEpoch(*connection));
  RETURN_IF_ERROR(connection->Execute("COMMIT"));
  return token;
}

}  // namespace sluice::engine
