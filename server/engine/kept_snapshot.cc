#include "server/engine/kept_snapshot.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/digest.h"

namespace sluice::engine {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 20;
constexpr size_t kRecordBytesMax = 64 << 10;

absl::Status Damaged() {
  return Error(absl::StatusCode::kDataLoss, reason::kCorrupt,
               "the kept snapshot's file does not hold what was written");
}

}  // namespace

absl::Status FileError(int error, absl::string_view what) {
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    return Error(absl::StatusCode::kResourceExhausted, reason::kDiskFull,
                 "the server's disk is full");
  }
  return Error(absl::StatusCode::kInternal, reason::kInternal, what);
}

void SyncFolder(const std::string& folder) {
  const int file = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  static_cast<void>(fsync(file));
  close(file);
}

// --- reading ---

KeptFile::KeptFile(int file, KeptSnapshot snapshot) : file_(file), snapshot_(std::move(snapshot)) {}

KeptFile::~KeptFile() { close(file_); }

absl::StatusOr<std::shared_ptr<const KeptFile>> KeptFile::Open(const std::string& path,
                                                               KeptSnapshot snapshot) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return Damaged();
  auto kept = std::shared_ptr<KeptFile>(new KeptFile(file, std::move(snapshot)));
  if (kept->snapshot_.compressed) {
    const auto read = [&](int64_t offset, char* out, size_t count) {
      return kept->Read(offset, out, count);
    };
    ASSIGN_OR_RETURN(kept->blocks_, BlockTable::Parse(read, kept->snapshot_.packed_bytes,
                                                      kept->snapshot_.size_bytes));
  }
  return kept;
}

absl::Status KeptFile::Read(int64_t offset, char* out, size_t count) const {
  while (count > 0) {
    const ssize_t size = pread(file_, out, count, offset);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return Damaged();
    out += size;
    offset += size;
    count -= static_cast<size_t>(size);
  }
  return absl::OkStatus();
}

absl::Status KeptContent::Unpack(int64_t block) {
  if (number_ == block) return absl::OkStatus();
  number_ = -1;
  frame_.resize(file_->blocks().packed_bytes(block));
  RETURN_IF_ERROR(file_->Read(file_->blocks().begin(block), frame_.data(), frame_.size()));
  constexpr auto kBlockBytes = static_cast<int64_t>(limits::kCompressedBlockBytes);
  block_.resize(
      static_cast<size_t>(std::min(kBlockBytes, snapshot().size_bytes - block * kBlockBytes)));
  if (!unpacker_.has_value()) unpacker_.emplace();
  if (!unpacker_->Unpack(frame_, block_.data(), block_.size())) return Damaged();
  number_ = block;
  return absl::OkStatus();
}

absl::Status KeptContent::Read(int64_t offset, char* out, size_t count) {
  if (!snapshot().compressed) return file_->Read(offset, out, count);
  while (count > 0) {
    constexpr auto kBlockBytes = static_cast<int64_t>(limits::kCompressedBlockBytes);
    if (offset >= snapshot().size_bytes) return Damaged();
    RETURN_IF_ERROR(Unpack(offset / kBlockBytes));
    const absl::string_view piece =
        absl::string_view(block_).substr(static_cast<size_t>(offset % kBlockBytes), count);
    out = std::copy(piece.begin(), piece.end(), out);
    offset += static_cast<int64_t>(piece.size());
    count -= piece.size();
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Sha256Of(const KeptFile& file) {
  const int64_t size_bytes = file.snapshot().size_bytes;
  // Two pieces: one is hashed while the next is read.
  std::string pieces[2] = {std::string(kPieceBytes, '\0'), std::string(kPieceBytes, '\0')};
  BackgroundSha256 sha256;
  int turn = 0;
  for (int64_t offset = 0; offset < size_bytes; ++turn) {
    const auto size = static_cast<size_t>(std::min<int64_t>(kPieceBytes, size_bytes - offset));
    std::string& piece = pieces[turn % 2];
    RETURN_IF_ERROR(file.Read(offset, piece.data(), size));
    sha256.Add({piece.data(), size});
    offset += static_cast<int64_t>(size);
  }
  return sha256.Finish();
}

// --- writing ---

absl::StatusOr<NewFile> NewFile::Create(const std::string& path, int64_t size_bytes) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return FileError(errno, "a file cannot be made for the snapshot");
  NewFile made(path, file);
  // Before the first byte, so that a full disk is found at once.
  const int full = size_bytes > 0 ? posix_fallocate(file, 0, size_bytes) : 0;
  if (full != 0 && full != EOPNOTSUPP && full != EINVAL) {
    return FileError(full, "room cannot be had for the snapshot");
  }
  return made;
}

NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::exchange(other.file_, -1)),
      written_(other.written_) {}

NewFile::~NewFile() {
  if (file_ < 0) return;
  unlink(path_.c_str());
  close(file_);
}

absl::Status NewFile::Write(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = write(file_, bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return FileError(errno, "the snapshot cannot be written");
    bytes.remove_prefix(static_cast<size_t>(size));
    written_ += size;
  }
  return absl::OkStatus();
}

absl::Status NewFile::Finish(const std::string& name) {
  // Gives back what it did not need.
  if (ftruncate(file_, written_) != 0 || fsync(file_) != 0 ||
      rename(path_.c_str(), name.c_str()) != 0) {
    return FileError(errno, "the snapshot cannot be written");
  }
  close(std::exchange(file_, -1));
  return absl::OkStatus();
}

// --- records ---

std::string FormatRecord(const KeptSnapshot& snapshot) {
  // Texts and bytes in hexadecimal: a database's name may hold anything.
  return absl::StrCat(
      "sluice-snapshot 1\n", "database ", absl::BytesToHexString(snapshot.database), "\n",
      "compact ", snapshot.compact ? 1 : 0, "\n", "page_size ", snapshot.page_size_bytes, "\n",
      "size ", snapshot.size_bytes, "\n", "sha256 ", absl::BytesToHexString(snapshot.sha256), "\n",
      "commit_token ", absl::BytesToHexString(snapshot.commit_token), "\n", "created ",
      absl::ToUnixMillis(snapshot.created), "\n", "expires ", absl::ToUnixMillis(snapshot.expires),
      "\n", "state_id ", absl::BytesToHexString(snapshot.state_id), "\n", "packed ",
      snapshot.compressed ? absl::StrCat("zstd ", snapshot.packed_bytes) : "no", "\n", "tables ",
      absl::StrJoin(snapshot.tables, ",",
                    [](std::string* out, const std::string& table) {
                      absl::StrAppend(out, absl::BytesToHexString(table));
                    }),
      "\n");
}

absl::StatusOr<KeptSnapshot> ParseRecord(absl::string_view text) {
  std::map<absl::string_view, absl::string_view> fields;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> field =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    fields.insert(field);
  }
  KeptSnapshot snapshot;
  int compact = 0;
  int64_t created = 0;
  int64_t expires = 0;
  if (fields["sluice-snapshot"] != "1" || !absl::SimpleAtoi(fields["compact"], &compact) ||
      !absl::SimpleAtoi(fields["page_size"], &snapshot.page_size_bytes) ||
      !absl::SimpleAtoi(fields["size"], &snapshot.size_bytes) ||
      !absl::SimpleAtoi(fields["created"], &created) ||
      !absl::SimpleAtoi(fields["expires"], &expires)) {
    return Damaged();
  }
  // Records of before say nothing of these.
  absl::string_view packed = fields["packed"];
  snapshot.compressed = absl::ConsumePrefix(&packed, "zstd ");
  if (snapshot.compressed && !absl::SimpleAtoi(packed, &snapshot.packed_bytes)) return Damaged();
  for (const absl::string_view table : absl::StrSplit(fields["tables"], ',', absl::SkipEmpty())) {
    snapshot.tables.push_back(absl::HexStringToBytes(table));
  }
  snapshot.state = KeptSnapshot::State::kReady;
  snapshot.database = absl::HexStringToBytes(fields["database"]);
  snapshot.compact = compact != 0;
  snapshot.sha256 = absl::HexStringToBytes(fields["sha256"]);
  snapshot.commit_token = absl::HexStringToBytes(fields["commit_token"]);
  snapshot.created = absl::FromUnixMillis(created);
  snapshot.expires = absl::FromUnixMillis(expires);
  snapshot.state_id = absl::HexStringToBytes(fields["state_id"]);
  return snapshot;
}

absl::StatusOr<std::string> ReadSmallFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return Damaged();
  std::string text(kRecordBytesMax, '\0');
  const ssize_t size = read(file, text.data(), text.size());
  close(file);
  if (size < 0) return Damaged();
  text.resize(static_cast<size_t>(size));
  return text;
}

}  // namespace sluice::engine
