#include "gateway/rpc_exchange.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "gateway/status_json.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/log.h"
#include "server/base/status.h"

namespace sluice::gateway {
namespace {

constexpr absl::string_view kJson = "application/json";
constexpr absl::string_view kLines = "application/x-ndjson";
constexpr absl::string_view kBytes = "application/octet-stream";

constexpr int kInvalidArgument = 3;

// What stands around a raw body, which may have kRequestBytesMax by itself.
constexpr size_t kFrameBytes = size_t{4} << 10;

constexpr absl::Duration kRetryAfter = absl::Seconds(1);

}  // namespace

void AnswerHead::Complete(http::ResponseHead* head) const {
  head->headers.Set("X-Request-Id", request_id_);
  head->headers.Set("X-Content-Type-Options", "nosniff");
  cors_->Decorate(origin_, head);
}

void AnswerHead::RespondError(http::ResponseWriter* writer, int status, int code,
                              absl::string_view message, absl::string_view allow) const {
  http::ResponseHead head;
  head.status = status;
  head.headers.Add("Content-Type", kJson);
  if (!allow.empty()) head.headers.Add("Allow", allow);
  Complete(&head);
  http::Respond(writer, std::move(head), http::ErrorJson(code, message));
}

RpcExchange::RpcExchange(ExchangeContext context, const Route* route,
                         std::vector<std::string> values, http::RequestHead head, AnswerHead answer,
                         std::shared_ptr<http::ResponseWriter> writer)
    : guard_(context.in_flight),
      context_(std::move(context)),
      route_(route),
      values_(std::move(values)),
      head_(std::move(head)),
      answer_(std::move(answer)),
      writer_(std::move(writer)),
      framing_(ChooseFraming()) {}

RpcExchange::~RpcExchange() { context_.bodies->Give(counted_bytes_); }

RpcExchange::Framing RpcExchange::ChooseFraming() const {
  if (!route_->streams) return Framing::kUnary;
  if (route_->raw_response) return Framing::kRaw;
  const std::string accept = head_.headers.Joined("Accept");
  return absl::StrContains(accept, kLines) ? Framing::kLines : Framing::kEnvelope;
}

// --- the request ---

bool RpcExchange::Begin() {
  const absl::string_view coding = head_.headers.Get("Content-Encoding");
  if (route_->body != Route::Body::kNone && !coding.empty() &&
      !absl::EqualsIgnoreCase(coding, "identity")) {
    answer_.RespondError(writer_.get(), 415, kInvalidArgument,
                         "Compressed request bodies are not taken");
    return false;
  }
  if (!TakesContentType(*route_, head_.headers.Get("Content-Type"))) {
    answer_.RespondError(writer_.get(), 415, kInvalidArgument,
                         "The body must be JSON in UTF-8 (Content-Type: application/json)");
    return false;
  }
  if (route_->body == Route::Body::kNone) StartCall();
  return true;
}

void RpcExchange::OnBody(absl::string_view piece) {
  // Without a place for it a body is read and dropped.
  if (calling_) return;
  if (!context_.bodies->Take(piece.size())) {
    return RefuseRequest(WithRetryAfter(Error(absl::StatusCode::kUnavailable, reason::kOverloaded,
                                              "too many large requests at a time"),
                                        kRetryAfter));
  }
  counted_bytes_ += piece.size();
  body_.append(piece.data(), piece.size());
}

void RpcExchange::RefuseRequest(const absl::Status& status, int http_status) {
  calling_ = finished_ = true;
  body_ = std::string();
  context_.bodies->Give(std::exchange(counted_bytes_, 0));
  AnswerError(ToGrpcStatus(status), http_status);
}

void RpcExchange::OnBodyEnd() {
  if (!calling_) StartCall();
}

absl::StatusOr<CallSpec> RpcExchange::MakeSpec() {
  CallSpec spec;
  spec.rpc = route_->rpc;
  spec.streams = route_->streams;
  absl::Duration timeout = spec.streams ? context_.stream_deadline : context_.unary_deadline;
  if (const std::string* asked = head_.headers.Find("Grpc-Timeout"); asked != nullptr) {
    ASSIGN_OR_RETURN(timeout, ParseGrpcTimeout(*asked));
  }
  if (timeout != absl::InfiniteDuration()) spec.deadline = absl::Now() + timeout;
  ASSIGN_OR_RETURN(spec.metadata, MetadataFromRequest(head_, answer_.request_id()));
  const RequestParts parts{.values = values_,
                           .query = head_.query,
                           .content_type = head_.headers.Get("Content-Type"),
                           .body = body_};
  ASSIGN_OR_RETURN(spec.request,
                   RequestToWire(context_.tables, *route_, parts, context_.transcode));
  return spec;
}

void RpcExchange::StartCall() {
  calling_ = true;
  auto spec = MakeSpec();
  if (!spec.ok()) return RefuseRequest(spec.status());
  const size_t bytes_max = limits::kRequestBytesMax + (route_->raw_request ? kFrameBytes : 0);
  if (spec->request.size() > bytes_max) {
    return RefuseRequest(WithMetadata(Error(absl::StatusCode::kResourceExhausted, reason::kLimit,
                                            "the request is too large"),
                                      "limit", absl::StrCat(limits::kRequestBytesMax)),
                         413);
  }
  // From now on the message stands for the body, which is hardly ever smaller.
  body_ = std::string();
  if (counted_bytes_ > spec->request.size()) {
    context_.bodies->Give(std::exchange(counted_bytes_, spec->request.size()) -
                          spec->request.size());
  }
  const std::shared_ptr<Call> call =
      context_.backend->NewCall(*std::move(spec), shared_from_this());
  {
    MutexLock lock(&mutex_);
    if (cancelled_) return;
    call_ = call;
  }
  call->Start();
  call->Read();
}

std::shared_ptr<Call> RpcExchange::call() {
  MutexLock lock(&mutex_);
  return call_;
}

void RpcExchange::OnWritable() {
  if (const auto current = call(); current != nullptr) current->Read();
}

void RpcExchange::OnCancel() {
  std::shared_ptr<Call> current;
  {
    MutexLock lock(&mutex_);
    cancelled_ = true;
    current = call_;
  }
  if (current != nullptr) current->Cancel();
}

// --- the answer ---

http::ResponseHead RpcExchange::MakeHead(absl::string_view content_type) const {
  http::ResponseHead head;
  head.headers.Add("Content-Type", content_type);
  return head;
}

void RpcExchange::OnMessage(const grpc::ByteBuffer& message) {
  if (finished_) return;
  // Not members: the next message may come, on another thread, before this call has returned.
  std::vector<grpc::Slice> slices;
  std::string scratch;
  const absl::string_view wire = Flatten(message, &slices, &scratch);
  framing_ == Framing::kUnary ? AnswerUnary(wire) : AnswerMessage(wire);
}

bool RpcExchange::Convert(absl::string_view wire, std::string* bytes, std::string* content_type) {
  if (route_->raw_response) {
    RawBody body;
    if (!ParseHttpBody(wire, &body)) {
      AnswerError({grpc::StatusCode::INTERNAL, "malformed google.api.HttpBody"});
      return false;
    }
    *content_type = std::string(body.content_type.empty() ? kBytes : body.content_type);
    *bytes = std::string(body.bytes);
    return true;
  }
  *content_type = std::string(framing_ == Framing::kLines ? kLines : kJson);
  bytes->reserve(wire.size() * 2 + 64);
  if (framing_ == Framing::kEnvelope) *bytes += "{\"result\":";
  const absl::Status written = ResponseToJson(context_.tables, *route_, wire, bytes);
  if (!written.ok()) {
    Log(LogLevel::kError, "response not representable",
        {{"rpc", route_->rpc}, {"request_id", answer_.request_id()}, {"error", written.message()}});
    AnswerError(ToGrpcStatus(written));
    return false;
  }
  if (framing_ == Framing::kEnvelope) bytes->push_back('}');
  if (framing_ != Framing::kUnary) bytes->push_back('\n');
  return true;
}

void RpcExchange::AnswerUnary(absl::string_view wire) {
  finished_ = true;
  std::string bytes;
  std::string content_type;
  if (!Convert(wire, &bytes, &content_type)) return;
  http::ResponseHead head = MakeHead(content_type);
  call()->AddInitialMetadata(&head);
  answer_.Complete(&head);
  http::Respond(writer_.get(), std::move(head), std::move(bytes));
}

void RpcExchange::AnswerMessage(absl::string_view wire) {
  std::string bytes;
  std::string content_type;
  const std::shared_ptr<Call> current = call();
  if (!Convert(wire, &bytes, &content_type)) {
    finished_ = true;
    return current->Cancel();
  }
  if (!started_) {
    started_ = true;
    http::ResponseHead head = MakeHead(content_type);
    current->AddInitialMetadata(&head);
    // A length that the service tells is that of raw bytes; any other body has ours.
    if (framing_ != Framing::kRaw) head.content_length.reset();
    answer_.Complete(&head);
    writer_->Start(std::move(head));
  }
  if (head_.method == "HEAD") {
    finished_ = true;
    writer_->Finish();
    return current->Cancel();
  }
  if (writer_->Write(std::move(bytes))) current->Read();
}

void RpcExchange::OnDone(const grpc::Status& status) {
  if (!finished_) {
    finished_ = true;
    if (!status.ok()) {
      AnswerError(status);
    } else if (framing_ != Framing::kUnary) {
      if (!started_) {
        http::ResponseHead head = MakeHead(framing_ == Framing::kRaw     ? kBytes
                                           : framing_ == Framing::kLines ? kLines
                                                                         : kJson);
        call()->AddInitialMetadata(&head);
        // It speaks of what the caller has, which has its own type.
        if (head.status == 304) head.headers.Remove("Content-Type");
        answer_.Complete(&head);
        writer_->Start(std::move(head));
      }
      writer_->Finish();
    }
  }
  MutexLock lock(&mutex_);
  call_.reset();
}

void RpcExchange::EndBrokenStream(const grpc::Status& status) {
  // Lines and envelopes can say what happened; raw bytes cannot, and the missing end says it all.
  if (framing_ != Framing::kRaw && head_.method != "HEAD") {
    writer_->Write(absl::StrCat("{\"error\":", StatusJson(context_.tables, status), "}\n"));
  }
  writer_->Abort();
}

void RpcExchange::AnswerError(const grpc::Status& status, int http_status) {
  if (started_) return EndBrokenStream(status);
  http::ResponseHead head = MakeHead(kJson);
  if (const auto current = call(); current != nullptr) current->AddInitialMetadata(&head);
  head.content_length.reset();
  head.headers.Set("Content-Type", kJson);
  head.headers.Remove("Content-Disposition");
  head.headers.Remove("ETag");
  // The service may have said a status that says more (416); never one of success.
  if (http_status != 0) head.status = http_status;
  if (head.status < 400) head.status = HttpStatusOf(status.error_code());
  if (head.status == 401) head.headers.Add("WWW-Authenticate", "Bearer");
  if (const auto seconds = RetryAfterSeconds(status); seconds.has_value()) {
    head.headers.Set("Retry-After", absl::StrCat(*seconds));
  }
  answer_.Complete(&head);
  std::string json = StatusJson(context_.tables, status);
  // As in grpc-gateway: what a stream says has an envelope, what goes wrong before it does not.
  const bool in_stream = framing_ == Framing::kEnvelope || framing_ == Framing::kLines;
  if (in_stream && call() != nullptr) json = absl::StrCat("{\"error\":", json, "}\n");
  http::Respond(writer_.get(), std::move(head), std::move(json));
}

}  // namespace sluice::gateway
