// One HTTP request that becomes one call: collects the body, makes the message, calls, and turns
// what comes back into the answer with back-pressure.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "gateway/backend.h"
#include "gateway/cors.h"
#include "gateway/http.h"
#include "gateway/service_routes.h"
#include "gateway/transcode.h"
#include "server/base/mutex.h"

namespace sluice::gateway {

// Counts what still uses a gateway after its HTTP server is gone: calls that were cancelled end a
// little later, on the backend's threads. Thread-safe.
class InFlight {
 public:
  // One user, for as long as it lives. Make it the first member, so that it goes last.
  class Guard {
   public:
    explicit Guard(InFlight* in_flight) : in_flight_(in_flight) { in_flight_->Change(1); }
    ~Guard() { in_flight_->Change(-1); }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    InFlight* const in_flight_;
  };

  void WaitUntilNone() {
    MutexLock lock(&mutex_);
    while (count_ > 0) none_.Wait(&mutex_);
  }

 private:
  void Change(int by) {
    MutexLock lock(&mutex_);
    count_ += by;
    if (count_ == 0) none_.SignalAll();
  }

  Mutex mutex_;
  CondVar none_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Bytes of the requests of all connections: bodies that are coming in and messages that are with
// the service. Without it each connection could hold a body of the largest size. Thread-safe.
class BodyBudget {
 public:
  explicit BodyBudget(size_t bytes_max) : bytes_max_(bytes_max) {}

  // False, and nothing taken, when there is no room.
  bool Take(size_t bytes) {
    if (taken_.fetch_add(bytes) + bytes <= bytes_max_) return true;
    taken_.fetch_sub(bytes);
    return false;
  }
  void Give(size_t bytes) { taken_.fetch_sub(bytes); }

 private:
  const size_t bytes_max_;
  std::atomic<size_t> taken_{0};
};

// What all exchanges of a gateway share.
struct ExchangeContext {
  InFlight* in_flight = nullptr;
  BodyBudget* bodies = nullptr;
  FieldTables* tables = nullptr;
  Backend* backend = nullptr;
  const CorsPolicy* cors = nullptr;
  TranscodeOptions transcode;
  absl::Duration unary_deadline = absl::InfiniteDuration();
  absl::Duration stream_deadline = absl::InfiniteDuration();
};

// The part of an answer's head that does not depend on the call. Immutable.
class AnswerHead {
 public:
  AnswerHead(const CorsPolicy* cors, std::string origin, std::string request_id)
      : cors_(cors), origin_(std::move(origin)), request_id_(std::move(request_id)) {}

  const std::string& request_id() const { return request_id_; }
  // Adds X-Request-Id, nosniff and CORS headers; the last thing before Start.
  void Complete(http::ResponseHead* head) const;
  // An error that the gateway answers by itself. `allow` is the Allow header of a 405.
  void RespondError(http::ResponseWriter* writer, int status, int code, absl::string_view message,
                    absl::string_view allow = "") const;

 private:
  const CorsPolicy* const cors_;
  const std::string origin_;
  const std::string request_id_;
};

// The events of the connection and of the call come from different threads; each kind one after
// the other.
class RpcExchange : public http::Exchange,
                    public CallEvents,
                    public std::enable_shared_from_this<RpcExchange> {
 public:
  RpcExchange(ExchangeContext context, const Route* route, std::vector<std::string> values,
              http::RequestHead head, AnswerHead answer,
              std::shared_ptr<http::ResponseWriter> writer);
  ~RpcExchange() override;

  // Looks at the headers, and calls at once when no body is needed. False when it has answered
  // already and the exchange is not wanted.
  bool Begin();

  void OnBody(absl::string_view piece) override;
  void OnBodyEnd() override;
  void OnWritable() override;
  void OnCancel() override;

  void OnMessage(const grpc::ByteBuffer& message) override;
  void OnDone(const grpc::Status& status) override;

 private:
  // How a stream of messages is put into one body.
  enum class Framing { kUnary, kEnvelope, kLines, kRaw };

  Framing ChooseFraming() const;
  void StartCall();
  absl::StatusOr<CallSpec> MakeSpec();
  absl::string_view ContentType(absl::string_view of_body) const;
  // The head of a successful answer, with what the service said in its initial metadata.
  http::ResponseHead MakeHead(absl::string_view content_type) const;
  // The bytes that one message becomes. False after a failure, which it tells.
  bool Convert(absl::string_view wire, std::string* bytes, std::string* content_type);
  void AnswerUnary(absl::string_view wire);
  void AnswerMessage(absl::string_view wire);
  // `http_status` is 0 for the one that the code stands for.
  void AnswerError(const grpc::Status& status, int http_status = 0);
  // Refuses the request before there is a call.
  void RefuseRequest(const absl::Status& status, int http_status = 0);
  void EndBrokenStream(const grpc::Status& status);
  std::shared_ptr<Call> call();

  const InFlight::Guard guard_;
  const ExchangeContext context_;
  const Route* const route_;
  const std::vector<std::string> values_;
  const http::RequestHead head_;
  const AnswerHead answer_;
  const std::shared_ptr<http::ResponseWriter> writer_;
  const Framing framing_;

  std::string body_;
  // What of the budget is this request's.
  size_t counted_bytes_ = 0;
  bool calling_ = false;

  // Of the call's events alone. Asking for the next message (Read, or a Write that returned false)
  // is the last thing that handling one does.
  bool started_ = false;
  bool finished_ = false;

  Mutex mutex_;
  std::shared_ptr<Call> call_ ABSL_GUARDED_BY(mutex_);
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace sluice::gateway
