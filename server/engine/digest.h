// SHA-256 of a stream, computed beside it.
#pragma once

#include <openssl/evp.h>

#include <string>
#include <thread>

#include "absl/strings/string_view.h"
#include "server/base/mutex.h"

namespace sluice::engine {

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
