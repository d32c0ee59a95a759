// SHA-256 in a thread of its own, so that a download is not held up by it: inline it would halve
// the throughput.
//
// Use from one thread. The destructor stops the worker without finishing what waits.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace sluice::client {

class Sha256Thread {
 public:
  Sha256Thread();
  ~Sha256Thread();
  Sha256Thread(const Sha256Thread&) = delete;
  Sha256Thread& operator=(const Sha256Thread&) = delete;

  // Takes bytes over; waits while much is queued.
  void Add(std::string bytes);
  // The digest of all that was added: 32 bytes. Call once, last. INTERNAL when OpenSSL fails.
  absl::StatusOr<std::string> Finish();

 private:
  struct Digest;

  void Run();
  // Ends the worker once the queue is empty.
  void Join();

  std::unique_ptr<Digest> digest_;  // the worker's until it is joined
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::deque<std::string> queue_;
  size_t queued_bytes_ = 0;
  bool last_added_ = false;
  bool stopped_ = false;

  std::thread worker_;
};

struct FileDigest {
  int64_t size_bytes = 0;
  // 32 bytes.
  std::string sha256;
};

// Of a file from where it stands to its end, in the caller's thread. DATA_LOSS when it cannot be
// read, INTERNAL when OpenSSL fails.
absl::StatusOr<FileDigest> DigestOf(std::FILE* file);

}  // namespace sluice::client
