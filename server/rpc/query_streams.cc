#include "server/rpc/query_streams.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/wire/http_body.h"
#include "server/wire/message_encoder.h"
#include "server/wire/proto_writer.h"
#include "server/wire/query_messages.h"
#include "sluice/v1/query.pb.h"

namespace sluice::rpc {
namespace {

using Progress = MessageSource::Progress;
using Response = v1::StreamQueryResponse;

// Room for the row that passes the target, so that the usual chunk grows no buffer.
constexpr size_t kChunkSlack = size_t{8} << 10;

// A statement's rows in chunks, within the ceilings.
class BoundedCursor {
 public:
  explicit BoundedCursor(RunningQuery running) : running_(std::move(running)) {}

  enum class Outcome { kMore, kEnd, kTruncated };
  // Fills a chunk, a small one first.
  absl::StatusOr<Outcome> Fill(engine::RowSink& sink) {
    const int64_t rows_left = running_.ceilings.stream_rows - running_.cursor->row_count();
    const int64_t bytes_left = running_.ceilings.stream_bytes - sent_;
    // What is sent beside the rows counts too.
    if (bytes_left <= 0) return Outcome::kTruncated;
    const size_t target = sent_ == 0 ? limits::kFirstChunkBytes : limits::kChunkBytes;
    ASSIGN_OR_RETURN(const bool more,
                     running_.cursor->Fill(sink, rows_left,
                                           static_cast<size_t>(std::min<int64_t>(
                                               bytes_left, static_cast<int64_t>(target))),
                                           Deadline::After(limits::kChunkTimeMax)));
    if (!more) return Outcome::kEnd;
    const bool out_of_rows = running_.cursor->row_count() >= running_.ceilings.stream_rows;
    const bool out_of_bytes = static_cast<int64_t>(sink.bytes()) >= bytes_left;
    return out_of_rows || out_of_bytes ? Outcome::kTruncated : Outcome::kMore;
  }
  void Rest() { running_.cursor->Rest(); }
  void Sent(size_t bytes) { sent_ += static_cast<int64_t>(bytes); }

  int64_t sent() const { return sent_; }
  engine::QueryStats stats() const { return running_.cursor->stats(); }
  const RunningQuery& running() const { return running_; }

 private:
  const RunningQuery running_;
  int64_t sent_ = 0;
};

using Outcome = BoundedCursor::Outcome;

class RowChunks : public MessageSource {
 public:
  RowChunks(RunningQuery running, const wire::PageTokens* tokens)
      : tokens_(*tokens), cursor_(std::move(running)), encoder_(MakeEncoder()) {}

  absl::StatusOr<Progress> Next(wire::Buffer* message) override {
    ASSIGN_OR_RETURN(const Outcome outcome, cursor_.Fill(*encoder_));
    encoder_->EndRows();
    const bool more = outcome == Outcome::kMore;
    if (outcome != Outcome::kEnd) PutResumeToken();
    if (!more) {
      PutStats(encoder_->buffer(), Response::kStatsFieldNumber, cursor_.stats(), cursor_.sent());
      wire::PutBool(encoder_->buffer(), Response::kTruncatedFieldNumber,
                    outcome == Outcome::kTruncated);
    }
    cursor_.Sent(encoder_->buffer().size());
    *message = encoder_->Take(more ? limits::kChunkBytes + kChunkSlack : 0);
    return more ? Progress::kMessage : Progress::kLastMessage;
  }
  void Rest() override {
    cursor_.Rest();
    // It is empty, but for the memory of its largest message.
    encoder_ = MakeEncoder();
  }

 private:
  std::unique_ptr<wire::MessageEncoder> MakeEncoder() const {
    return wire::MakeEncoder(cursor_.running().query.layout,
                             {.columns = Response::kColumnsFieldNumber,
                              .rows = Response::kRowsFieldNumber,
                              .packed = Response::kPackedFieldNumber});
  }
  void PutResumeToken() {
    const auto position = cursor_.running().cursor->position();
    if (!position.has_value()) return;
    const std::string& scope = cursor_.running().query.resume_scope;
    wire::PutBytes(encoder_->buffer(), Response::kResumeTokenFieldNumber,
                   wire::MakeResumeToken(tokens_, scope, *position));
  }

  const wire::PageTokens& tokens_;
  BoundedCursor cursor_;
  std::unique_ptr<wire::MessageEncoder> encoder_;
};

class TextChunks : public MessageSource {
 public:
  TextChunks(RunningQuery running, const wire::TextFormat& format)
      : cursor_(std::move(running)),
        says_truncated_(format.kind == wire::TextFormat::Kind::kJson),
        encoder_(wire::MakeTextEncoder(format)) {}

  absl::StatusOr<Progress> Next(wire::Buffer* message) override {
    if (cut_) return Cut();
    ASSIGN_OR_RETURN(const Outcome outcome, cursor_.Fill(*encoder_));
    // Other formats have no place to say that they are cut, and a cut answer must not look whole.
    cut_ = outcome == Outcome::kTruncated && !says_truncated_;
    const bool more = outcome == Outcome::kMore || cut_;
    if (!more) {
      encoder_->Finish(outcome == Outcome::kTruncated ? "\"truncated\":true"
                                                      : "\"truncated\":false");
    }
    cursor_.Sent(encoder_->buffer().size());
    *message = wire::MakeHttpBody(encoder_->content_type(), encoder_->buffer().view());
    encoder_->Clear();
    return more ? Progress::kMessage : Progress::kLastMessage;
  }
  void Rest() override { cursor_.Rest(); }

 private:
  absl::Status Cut() const {
    return Error(absl::StatusCode::kResourceExhausted, reason::kLimit,
                 "the result is larger than the configuration allows");
  }

  BoundedCursor cursor_;
  const bool says_truncated_;
  const std::unique_ptr<wire::TextEncoder> encoder_;
  bool cut_ = false;
};

}  // namespace

void PutStats(wire::Buffer& out, int field, const engine::QueryStats& stats, int64_t sent) {
  v1::QueryStats message;
  wire::FillStats(stats, sent + static_cast<int64_t>(out.size()), &message);
  wire::PutBytes(out, field, message.SerializeAsString());
}

std::unique_ptr<MessageSource> MakeRowChunks(RunningQuery running, const wire::PageTokens* tokens) {
  return std::make_unique<RowChunks>(std::move(running), tokens);
}

std::unique_ptr<MessageSource> MakeTextChunks(RunningQuery running,
                                              const wire::TextFormat& format) {
  return std::make_unique<TextChunks>(std::move(running), format);
}

}  // namespace sluice::rpc
