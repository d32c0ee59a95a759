// SHA-256: of a stream, computed beside it; of a state of a database, remembered.
#pragma once

#include <openssl/evp.h>

#include <optional>
#include <string>
#include <thread>

#include "absl/strings/string_view.h"
#include "server/base/mutex.h"

namespace sluice::engine {

// The first 16 bytes of the SHA-256, to tell things apart.
std::string ShortDigest(absl::string_view bytes);

// The digest of one state of a database, so that what has been hashed is not hashed again: hashing
// is the dearest part of a download. Thread-safe.
class KnownDigest {
 public:
  // `state` is Snapshot::state_id().
  void Set(std::string state, std::string sha256);
  std::optional<std::string> Find(absl::string_view state) const;

 private:
  mutable Mutex mutex_;
  std::string state_ ABSL_GUARDED_BY(mutex_);
  std::string sha256_ ABSL_GUARDED_BY(mutex_);
};

// Hashes pieces on a thread of its own, one at a time: hashing costs as much as reading and sending
// together, and would halve a download that did it in line. Used by one thread at a time.
class BackgroundSha256 {
 public:
  BackgroundSha256();
  ~BackgroundSha256();
  BackgroundSha256(const BackgroundSha256&) = delete;
  BackgroundSha256& operator=(const BackgroundSha256&) = delete;

  // Begins to hash `piece`, which must stay as it is until Wait or Finish returns. Waits for the
  // piece before it.
  void Add(absl::string_view piece);
  // Until everything added has been hashed.
  void Wait();
  // The digest of all pieces, 32 bytes. Nothing may be added afterwards.
  std::string Finish();

 private:
  void Run();

  EVP_MD_CTX* const context_;
  Mutex mutex_;
  CondVar changed_;
  absl::string_view piece_ ABSL_GUARDED_BY(mutex_);
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace sluice::engine
