// Kept snapshots as files: what is told of one, and its bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/engine/zstd_blocks.h"

namespace sluice::engine {

// What is told of a kept snapshot. A value.
struct KeptSnapshot {
  enum class State { kMaking, kReady, kFailed };
  std::string id = {};
  std::string database = {};
  State state = State::kMaking;
  // Written anew by VACUUM, so that no free pages are in it.
  bool compact = false;
  // Those it holds, when it does not hold all; in their order.
  std::vector<std::string> tables = {};
  // Its file is as zstd_blocks.h says.
  bool compressed = false;
  int32_t page_size_bytes = 0;
  // Of the database, also where the file is compressed.
  int64_t size_bytes = 0;
  // Of the file, once it is ready, when that is compressed.
  int64_t packed_bytes = 0;
  // Of the database; 32 bytes, once it is ready.
  std::string sha256 = {};
  std::string commit_token = {};
  absl::Time created = {};
  absl::Time expires = {};
  // Which state of the database it holds, or one at least as new if it was written anew.
  std::string state_id = {};
  // Why it failed.
  absl::Status failure = {};

  int64_t file_bytes() const { return compressed ? packed_bytes : size_bytes; }
};

// The bytes of one, which never change; they can be read for as long as this lives, also after the
// snapshot was deleted. Thread-safe.
class KeptFile {
 public:
  // DATA_LOSS when it does not hold what the snapshot says.
  static absl::StatusOr<std::shared_ptr<const KeptFile>> Open(const std::string& path,
                                                              KeptSnapshot snapshot);
  ~KeptFile();
  KeptFile(const KeptFile&) = delete;
  KeptFile& operator=(const KeptFile&) = delete;

  const KeptSnapshot& snapshot() const { return snapshot_; }
  // Exactly `count` bytes of the file at `offset`; DATA_LOSS when it does not hold them.
  absl::Status Read(int64_t offset, char* out, size_t count) const;
  // Where the blocks of a compressed one lie.
  const BlockTable& blocks() const { return blocks_; }

 private:
  KeptFile(int file, KeptSnapshot snapshot);
  const int file_;
  const KeptSnapshot snapshot_;
  BlockTable blocks_;
};

// The database in such a file, whether that is compressed or not. One thread at a time.
class KeptContent {
 public:
  explicit KeptContent(std::shared_ptr<const KeptFile> file) : file_(std::move(file)) {}

  const KeptSnapshot& snapshot() const { return file_->snapshot(); }
  // As KeptFile::Read, of the database. Cheap where offsets follow each other.
  absl::Status Read(int64_t offset, char* out, size_t count);

 private:
  absl::Status Unpack(int64_t block);

  const std::shared_ptr<const KeptFile> file_;
  std::optional<BlockUnpacker> unpacker_;
  // Which block `block_` holds; -1 for none.
  int64_t number_ = -1;
  std::string block_;
  std::string frame_;
};

// Of one that is not compressed; 32 bytes.
absl::StatusOr<std::string> Sha256Of(const KeptFile& file);

// When a snapshot expires that is kept until somebody deletes it.
inline absl::Time Never() { return absl::FromUnixSeconds(253'402'300'799); }

// A file that is being written; removed unless Finish was reached.
class NewFile {
 public:
  // RESOURCE_EXHAUSTED (DISK_FULL) when there is no room for `size_bytes`, which it may need.
  static absl::StatusOr<NewFile> Create(const std::string& path, int64_t size_bytes);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();

  absl::Status Write(absl::string_view bytes);
  // Puts it on the disk under its name.
  absl::Status Finish(const std::string& name);

 private:
  NewFile(std::string path, int file) : path_(std::move(path)), file_(file) {}
  std::string path_;
  int file_;
  int64_t written_ = 0;
};

// DISK_FULL for what says that, INTERNAL for all else; without the path.
absl::Status FileError(int error, absl::string_view what);
// Makes what happened to names in a folder durable.
void SyncFolder(const std::string& folder);

// The lines that are kept beside the bytes; ParseRecord gives DATA_LOSS for what is no such record.
std::string FormatRecord(const KeptSnapshot& snapshot);
absl::StatusOr<KeptSnapshot> ParseRecord(absl::string_view text);
// A small file, whole.
absl::StatusOr<std::string> ReadSmallFile(const std::string& path);

}  // namespace sluice::engine
