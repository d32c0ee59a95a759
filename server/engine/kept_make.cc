#include "server/engine/kept_make.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/commit_sequence.h"
#include "server/engine/digest.h"
#include "server/engine/table_copy.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {
namespace {

static_assert(limits::kCompressedBlockBytes % 65'536 == 0, "pieces hold whole pages");
constexpr size_t kPieceBytes = limits::kCompressedBlockBytes;

// Gives the next piece of the database's bytes, whole but for the last; 0 at the end.
using NextPiece = std::function<absl::StatusOr<size_t>(char* out, size_t capacity)>;

absl::Status CheckWanted(const KeptJob& job) {
  if (!*job.cancelled) return absl::OkStatus();
  return Error(absl::StatusCode::kCancelled, reason::kCancelled, "the snapshot was deleted");
}

// Writes a file of what `next` gives, which is hashed meanwhile.
absl::Status WritePieces(const KeptJob& job, const NextPiece& next, KeptSnapshot* snapshot) {
  const bool compressed = snapshot->compressed;
  ASSIGN_OR_RETURN(NewFile file, NewFile::Create(job.path + ".part",
                                                 compressed ? PackedBytesMax(snapshot->size_bytes)
                                                            : snapshot->size_bytes));
  std::optional<BlockPacker> packer;
  if (compressed) packer.emplace(Packing::kUsual);
  std::string packed(compressed ? BlockPacker::Bound(kPieceBytes) : 0, '\0');
  BlockTable blocks;
  // Two pieces: one is hashed while the next is read and written.
  std::string pieces[2] = {std::string(kPieceBytes, '\0'), std::string(kPieceBytes, '\0')};
  BackgroundSha256 sha256;
  for (int turn = 0;; ++turn) {
    RETURN_IF_ERROR(CheckWanted(job));
    std::string& piece = pieces[turn % 2];
    ASSIGN_OR_RETURN(const size_t size, next(piece.data(), piece.size()));
    if (size == 0) break;
    absl::string_view written(piece.data(), size);
    sha256.Add(written);
    if (compressed) {
      written = {packed.data(), packer->Pack(written, packed.data())};
      blocks.Add(written.size(), size);
    }
    RETURN_IF_ERROR(file.Write(written));
  }
  if (compressed) {
    const std::string table = blocks.Serialize();
    RETURN_IF_ERROR(file.Write(table));
    snapshot->packed_bytes = blocks.begin(blocks.count()) + static_cast<int64_t>(table.size());
  }
  snapshot->sha256 = sha256.Finish();
  return file.Finish(job.path);
}

// What SQLite writes into `path` by itself: another transaction, whose token is told.
absl::StatusOr<std::string> WriteAnew(const KeptJob& job, const KeptSnapshot& snapshot,
                                      const std::string& path) {
  const Interrupt interrupt(Deadline::Infinite(), job.cancelled);
  if (!snapshot.tables.empty()) {
    return CopyTables(*job.database, {.tables = snapshot.tables,
                                      .path = path,
                                      .bytes_max = job.bytes_max,
                                      .interrupt = interrupt});
  }
  RETURN_IF_ERROR(job.database->VacuumInto(path, interrupt));
  ASSIGN_OR_RETURN(
      const auto copy,
      sqlite::Connection::Open({.path = path, .mode = sqlite::OpenOptions::Mode::kImmutable}));
  return ReadCommitToken(*copy);
}

absl::Status MakeAnew(const KeptJob& job, KeptSnapshot* snapshot) {
  const std::string path = job.path + ".whole.part";
  const absl::Cleanup cleanup = [&] {
    for (const char* ending : {"", "-journal"}) unlink((path + ending).c_str());
  };
  ASSIGN_OR_RETURN(snapshot->commit_token, WriteAnew(job, *snapshot, path));
  std::error_code error;
  snapshot->size_bytes = static_cast<int64_t>(std::filesystem::file_size(path, error));
  KeptSnapshot whole = *snapshot;
  whole.compressed = false;
  ASSIGN_OR_RETURN(const auto file, KeptFile::Open(path, whole));
  if (snapshot->compressed) {
    int64_t offset = 0;
    const auto next = [&](char* out, size_t capacity) -> absl::StatusOr<size_t> {
      const auto size =
          static_cast<size_t>(std::min(static_cast<int64_t>(capacity), whole.size_bytes - offset));
      RETURN_IF_ERROR(file->Read(offset, out, size));
      offset += static_cast<int64_t>(size);
      return size;
    };
    return WritePieces(job, next, snapshot);
  }
  ASSIGN_OR_RETURN(snapshot->sha256, Sha256Of(*file));
  if (std::rename(path.c_str(), job.path.c_str()) == 0) return absl::OkStatus();
  return FileError(errno, "the snapshot cannot be written");
}

}  // namespace

int64_t RoomFor(const KeptSnapshot& snapshot, int64_t bytes) {
  if (!snapshot.compressed) return bytes;
  return PackedBytesMax(bytes) + (IsWrittenAnew(snapshot) ? bytes : 0);
}

absl::Status MakeKept(const KeptJob& job, KeptSnapshot* snapshot) {
  if (IsWrittenAnew(*snapshot)) return MakeAnew(job, snapshot);
  const auto next = [&](char* out, size_t capacity) { return job.snapshot->Read(out, capacity); };
  return WritePieces(job, next, snapshot);
}

}  // namespace sluice::engine
