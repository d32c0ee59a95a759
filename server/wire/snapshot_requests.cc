#include "server/wire/snapshot_requests.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/crc32c.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"

namespace sluice::wire {
namespace {

constexpr size_t kSha256Bytes = 32;
// The smallest page.
constexpr int64_t kFileBytesMin = 512;

absl::StatusOr<absl::Duration> ParseTtl(bool given, const google::protobuf::Duration& ttl,
                                        absl::Duration usual, absl::Duration max) {
  if (!given) return usual;
  const absl::Duration asked = absl::Seconds(ttl.seconds()) + absl::Nanoseconds(ttl.nanos());
  if (asked > absl::ZeroDuration() && asked <= max) return asked;
  return BadField("ttl",
                  absl::StrCat("must be more than none and at most ", absl::FormatDuration(max)));
}

absl::Status CheckCompression(v1::Compression compression) {
  if (v1::Compression_IsValid(compression)) return absl::OkStatus();
  return BadField("compression", "is none that this server knows");
}

// What is to be the name of a file. It is UTF-8, or it would not have been parsed.
absl::Status CheckNewName(absl::string_view name) {
  if (name.empty() || name.size() > limits::kDatabaseNameBytesMax) {
    return BadField("database", absl::StrCat("must have at least one byte and at most ",
                                             limits::kDatabaseNameBytesMax));
  }
  for (const char byte : name) {
    if (byte == '/' || absl::ascii_iscntrl(static_cast<unsigned char>(byte))) {
      return BadField("database", "must hold no slash and no control character");
    }
  }
  if (name.front() == '.') return BadField("database", "must not begin with a dot");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<engine::CreateSnapshotSpec> ParseCreateSnapshot(
    const v1::CreateSnapshotRequest& request) {
  RETURN_IF_ERROR(CheckCompression(request.compression()));
  engine::CreateSnapshotSpec spec{.compact = request.compact(),
                                  .tables = {request.tables().begin(), request.tables().end()},
                                  .compressed = request.compression() == v1::COMPRESSION_ZSTD,
                                  .ttl = limits::kSnapshotTtlDefault};
  size_t bytes = 0;
  for (const std::string& table : spec.tables) bytes += table.size();
  if (bytes > limits::kSnapshotTableNamesBytesMax) {
    return BadField(
        "tables", absl::StrCat("takes more than ", limits::kSnapshotTableNamesBytesMax, " bytes"));
  }
  ASSIGN_OR_RETURN(spec.ttl, ParseTtl(request.has_ttl(), request.ttl(), limits::kSnapshotTtlDefault,
                                      limits::kSnapshotTtlMax));
  return spec;
}

absl::StatusOr<bool> ParseCompression(v1::Compression compression) {
  RETURN_IF_ERROR(CheckCompression(compression));
  return compression == v1::COMPRESSION_ZSTD;
}

absl::StatusOr<engine::CreateUploadSpec> ParseCreateUpload(const v1::CreateUploadRequest& request) {
  if (request.create_database()) RETURN_IF_ERROR(CheckNewName(request.database()));
  if (request.size_bytes() < kFileBytesMin || request.size_bytes() % kFileBytesMin != 0) {
    return BadField("size_bytes", "must be a multiple of 512, as the sizes of databases are");
  }
  if (request.sha256().size() != kSha256Bytes) return BadField("sha256", "must have 32 bytes");
  engine::CreateUploadSpec spec{.size_bytes = request.size_bytes(),
                                .sha256 = request.sha256(),
                                .ttl = limits::kUploadTtlDefault,
                                .create = request.create_database()};
  ASSIGN_OR_RETURN(spec.ttl, ParseTtl(request.has_ttl(), request.ttl(), limits::kUploadTtlDefault,
                                      limits::kUploadTtlMax));
  return spec;
}

absl::Status CheckWriteUpload(const v1::WriteUploadRequest& request) {
  const std::string& piece = request.content().data();
  if (request.offset() < 0) return BadField("offset", "must not be negative");
  if (piece.empty() || piece.size() > limits::kUploadPieceBytesMax) {
    return BadField("content", absl::StrCat("must have at least one byte and at most ",
                                            limits::kUploadPieceBytesMax));
  }
  if (!request.has_crc32c() || Crc32c(piece) == request.crc32c()) return absl::OkStatus();
  return Error(absl::StatusCode::kDataLoss, reason::kCorrupt,
               "the piece did not arrive as it was sent: its CRC-32C does not agree");
}

engine::RestoreSpec ParseRestore(const v1::RestoreOptions& options) {
  return {.validate_only = options.validate_only(),
          .discard_replaced = options.discard_replaced(),
          .allow_foreign_key_violations = options.allow_foreign_key_violations()};
}

absl::Status CheckRefreshStart(const v1::RefreshDatabaseRequest& request) {
  if (!request.has_start()) return BadField("start", "must be the first message");
  const int32_t bytes = request.start().block_size_bytes();
  if (bytes < limits::kRefreshBlockBytesMin || bytes > limits::kRefreshBlockBytesMax ||
      (bytes & (bytes - 1)) != 0) {
    return BadField("start.block_size_bytes",
                    absl::StrCat("must be a power of two from ", limits::kRefreshBlockBytesMin,
                                 " to ", limits::kRefreshBlockBytesMax));
  }
  return absl::OkStatus();
}

}  // namespace sluice::wire
