// The answer to one HTTP/1.1 request between those who make it and the connection that sends it:
// a bounded queue on one side, framed bytes on the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gateway/http.h"
#include "server/base/mutex.h"

namespace sluice::http {

// Thread-safe: the ResponseWriter half belongs to the exchange, the rest to the connection.
class HttpResponse : public ResponseWriter {
 public:
  struct Request {
    bool head_only = false;
    bool http_1_0 = false;
    size_t buffer_bytes_max = 0;
  };
  // `wake` makes the connection call Take soon; it is called from any thread, and not again before
  // the next Take. After Detach it is never called.
  HttpResponse(Request request, std::function<void()> wake);

  void Start(ResponseHead head) override;
  bool Write(std::string bytes) override;
  void Finish() override;
  void Abort() override;

  // How far the answer is.
  enum class State { kOpen, kFinished, kAborted };

  // Moves the framed bytes that are ready into `*pieces`. `close` is what the head, if it goes out
  // now, says about the connection afterwards. Returns kFinished or kAborted when there is nothing
  // after these.
  State Take(bool close, std::vector<std::string>* pieces);
  // What Take gave has been sent. True when a writer waits for that.
  bool Sent();
  // The connection is gone, or answers by itself: the writer's calls do nothing from now on.
  void Detach();

  // Whether bytes of the answer have gone to the connection.
  bool started() const;
  // Whether Finish or Abort was called.
  bool ended() const;
  // Whether the answer ends with the connection, so that cutting it must be told by a reset.
  bool ends_with_connection() const;

 private:
  void Wake() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AppendHead(bool close, std::string* out) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AppendBody(std::vector<std::string>* pieces) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool BodyAllowed() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Chunked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Request request_;
  mutable Mutex mutex_;
  std::function<void()> wake_ ABSL_GUARDED_BY(mutex_);
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<ResponseHead> head_ ABSL_GUARDED_BY(mutex_);
  bool head_taken_ ABSL_GUARDED_BY(mutex_) = false;
  bool last_chunk_taken_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<std::string> body_ ABSL_GUARDED_BY(mutex_);
  // Bytes in body_, and those taken but not sent.
  size_t buffered_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t taken_ ABSL_GUARDED_BY(mutex_) = 0;
  bool blocked_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t written_ ABSL_GUARDED_BY(mutex_) = 0;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kOpen;
  bool detached_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace sluice::http
