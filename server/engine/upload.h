// What is told of an upload, and how it is written down beside its bytes.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace sluice::engine {

// What a restore has done; see RestoreResult in upload.proto.
struct RestoreResult {
  std::string commit_token = {};
  // A kept snapshot's id; empty when the replaced file is not kept.
  std::string replaced_snapshot = {};
};

// A database file on its way to the server. A value.
struct Upload {
  enum class State { kReceiving, kReceived, kRestoring, kRestored };
  std::string id = {};
  std::string database = {};
  // The name of the file whose place it is to take, in the folder that holds the upload's own.
  std::string file_name = {};
  State state = State::kReceiving;
  bool create = false;
  int64_t size_bytes = 0;
  int64_t received_bytes = 0;
  int64_t verified_bytes = 0;
  // 32 bytes.
  std::string sha256 = {};
  absl::Time created = {};
  absl::Time expires = {};
  absl::Duration ttl = {};
  // Its bytes were what was promised; since then the server may have changed them.
  bool bytes_checked = false;
  // What the swap will have done, from just before it on.
  RestoreResult result = {};
};

// Lines of text; ParseUpload gives DATA_LOSS for what is no such record. State and received_bytes
// are not in it: what lies beside it tells them.
std::string FormatUpload(const Upload& upload);
absl::StatusOr<Upload> ParseUpload(absl::string_view text);

}  // namespace sluice::engine
