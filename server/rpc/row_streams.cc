#include "server/rpc/row_streams.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/row_reader.h"
#include "server/engine/value_reader.h"
#include "server/wire/http_body.h"
#include "server/wire/json_text.h"
#include "server/wire/message_encoder.h"
#include "server/wire/proto_writer.h"
#include "server/wire/query_stats.h"
#include "sluice/v1/row.pb.h"

namespace sluice::rpc {
namespace {

using Progress = MessageSource::Progress;
using sqlite::StorageClass;

// Room for the row that passes the target, so that the usual chunk grows no buffer.
constexpr size_t kChunkSlack = size_t{8} << 10;

class RowChunks : public MessageSource {
 public:
  RowChunks(wire::ParsedRead read, std::shared_ptr<engine::Database> database,
            const wire::PageTokens& tokens, StreamBounds bounds)
      : read_(std::move(read)),
        database_(std::move(database)),
        tokens_(tokens),
        bounds_(std::move(bounds)),
        encoder_(MakeEncoder()) {}

  absl::Status Open(const Interrupt& interrupt) {
    ASSIGN_OR_RETURN(sqlite::ReadLease lease, database_->Acquire(interrupt));
    ASSIGN_OR_RETURN(reader_, engine::RowReader::Open(*database_, std::move(lease), read_.rows,
                                                      read_.row_limit, interrupt));
    return absl::OkStatus();
  }

  absl::StatusOr<Progress> Next(wire::Buffer* message) override {
    const engine::Ceilings& ceilings = bounds_.ceilings;
    const auto bytes_left = static_cast<size_t>(ceilings.stream_bytes - sent_);
    ASSIGN_OR_RETURN(bool more,
                     reader_->Fill(*encoder_, ceilings.stream_rows - reader_->row_count(),
                                   std::min(target_, bytes_left)));
    encoder_->EndRows();
    if (more) {
      // A view's row may be too large to be continued after; then its chunk has no token.
      const auto token = tokens_.SealPosition(read_.scope, reader_->position());
      if (token.ok()) {
        wire::PutBytes(encoder_->buffer(), v1::ReadRowsResponse::kResumeTokenFieldNumber, *token);
      }
    }
    sent_ += static_cast<int64_t>(encoder_->buffer().size());
    const bool truncated =
        more && (reader_->row_count() >= ceilings.stream_rows || sent_ >= ceilings.stream_bytes);
    wire::PutBool(encoder_->buffer(), v1::ReadRowsResponse::kTruncatedFieldNumber, truncated);
    more = more && !truncated;
    if (!more) {
      wire::PutQueryStats(encoder_->buffer(), v1::ReadRowsResponse::kStatsFieldNumber,
                          {.row_count = reader_->row_count(),
                           .vm_steps = reader_->vm_steps(),
                           .elapsed = absl::Now() - begun_});
    }
    *message = encoder_->Take(more ? limits::kChunkBytes + kChunkSlack : 0);
    target_ = limits::kChunkBytes;
    return more ? Progress::kMessage : Progress::kLastMessage;
  }
  void Rest() override {
    reader_->Rest();
    // It is empty, but for the memory of its largest message.
    encoder_ = MakeEncoder();
  }

 private:
  std::unique_ptr<wire::MessageEncoder> MakeEncoder() const {
    return wire::MakeEncoder(read_.layout, {.columns = v1::ReadRowsResponse::kColumnsFieldNumber,
                                            .rows = v1::ReadRowsResponse::kRowsFieldNumber,
                                            .packed = v1::ReadRowsResponse::kPackedFieldNumber});
  }
  // In this order: the reader dies before what it looks at.
  const wire::ParsedRead read_;
  const std::shared_ptr<engine::Database> database_;
  const wire::PageTokens& tokens_;
  const StreamBounds bounds_;
  const absl::Time begun_ = absl::Now();
  std::unique_ptr<engine::RowReader> reader_;
  std::unique_ptr<wire::MessageEncoder> encoder_;
  size_t target_ = limits::kFirstChunkBytes;
  int64_t sent_ = 0;
};

absl::string_view NameOf(StorageClass type) {
  switch (type) {
    case StorageClass::kNull:
      return "null";
    case StorageClass::kInteger:
      return "integer";
    case StorageClass::kReal:
      return "real";
    case StorageClass::kText:
      return "text";
    case StorageClass::kBlob:
      return "blob";
  }
  return "";
}

class ValueChunks : public MessageSource {
 public:
  ValueChunks(std::unique_ptr<engine::ValueReader> reader, StreamBounds bounds)
      : bounds_(std::move(bounds)),
        reader_(std::move(reader)),
        content_type_(reader_->type() == StorageClass::kBlob ? "application/octet-stream"
                                                             : "text/plain; charset=utf-8") {}

  absl::StatusOr<Progress> Next(wire::Buffer* message) override {
    const StorageClass type = reader_->type();
    if (type == StorageClass::kInteger || type == StorageClass::kReal) {
      wire::Buffer number;
      if (type == StorageClass::kReal) {
        wire::PutReal(number, reader_->number().real);
      } else {
        wire::PutNaturalJson(number, reader_->number(), /*int64_as_string=*/false);
      }
      *message = wire::MakeHttpBody(content_type_, number.view());
      return Progress::kLastMessage;
    }
    const auto bytes = static_cast<size_t>(
        std::min<int64_t>(reader_->left_bytes(), static_cast<int64_t>(limits::kChunkBytes)));
    wire::Buffer out = wire::BeginHttpBody(content_type_, bytes);
    RETURN_IF_ERROR(reader_->Read(out.Reserve(bytes), bytes));
    out.Advance(bytes);
    *message = std::move(out);
    return reader_->left_bytes() > 0 ? Progress::kMessage : Progress::kLastMessage;
  }

 private:
  const StreamBounds bounds_;
  const std::unique_ptr<engine::ValueReader> reader_;
  const absl::string_view content_type_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<MessageSource>> OpenRows(StreamCall& call, wire::ParsedRead read,
                                                        std::shared_ptr<engine::Database> database,
                                                        const wire::PageTokens& tokens,
                                                        StreamBounds bounds) {
  auto chunks =
      std::make_unique<RowChunks>(std::move(read), std::move(database), tokens, std::move(bounds));
  RETURN_IF_ERROR(chunks->Open(call.interrupt()));
  return chunks;
}

absl::StatusOr<std::unique_ptr<MessageSource>> OpenValue(StreamCall& call,
                                                         const engine::ValueSpec& spec,
                                                         std::shared_ptr<engine::Database> database,
                                                         StreamBounds bounds) {
  ASSIGN_OR_RETURN(auto reader,
                   engine::ValueReader::Open(std::move(database), spec, call.interrupt()));
  if (reader->size_bytes() > bounds.ceilings.stream_bytes) {
    return WithMetadata(Error(absl::StatusCode::kResourceExhausted, reason::kLimit,
                              "the value is larger than the configuration allows a stream to be"),
                        "limit", absl::StrCat(bounds.ceilings.stream_bytes));
  }
  call.AddInitialMetadata("sluice-value-type", NameOf(reader->type()));
  if (reader->type() == StorageClass::kText || reader->type() == StorageClass::kBlob) {
    call.AddInitialMetadata("x-http-content-length", absl::StrCat(reader->size_bytes()));
  }
  return std::make_unique<ValueChunks>(std::move(reader), std::move(bounds));
}

}  // namespace sluice::rpc
