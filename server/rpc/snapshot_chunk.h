// What the sources of snapshots share: chunks, and pieces of files for HTTP. Messages are written
// in place, so that bytes are read where they will be sent from.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/base/crc32c.h"
#include "server/base/status.h"
#include "server/engine/bandwidth.h"
#include "server/engine/snapshot.h"
#include "server/rpc/stream_call.h"
#include "server/wire/buffer.h"
#include "server/wire/http_range.h"
#include "server/wire/proto_writer.h"
#include "sluice/v1/snapshot.pb.h"

namespace sluice::rpc {

// A message whose one field is a chunk of `bytes` bytes, which `fill(buffer)` adds.
template <typename Fill>
absl::Status PutChunk(int chunk_field, int64_t offset, size_t bytes, const Fill& fill,
                      wire::Buffer* message) {
  wire::Buffer head;
  wire::PutInt64(head, v1::SnapshotChunk::kOffsetFieldNumber, offset);
  wire::PutTag(head, v1::SnapshotChunk::kDataFieldNumber, wire::WireType::kBytes);
  wire::PutVarint(head, bytes);
  constexpr size_t kChecksumBytes = 1 + sizeof(uint32_t);
  wire::Buffer out(bytes + head.size() + kChecksumBytes + 4 * wire::kVarintBytesMax);
  wire::PutTag(out, chunk_field, wire::WireType::kBytes);
  wire::PutVarint(out, head.size() + bytes + kChecksumBytes);
  out.Append(head.view());
  const size_t begin = out.size();
  RETURN_IF_ERROR(fill(out));
  CHECK(out.size() == begin + bytes);
  wire::PutFixed32(out, v1::SnapshotChunk::kCrc32CFieldNumber,
                   Crc32c(out.view().substr(begin, bytes)));
  *message = std::move(out);
  return absl::OkStatus();
}

// What all sources of snapshots wait for: a place among the downloads, and the caller's share of
// the bandwidth.
struct Limits {
  engine::DownloadPlaces* places = nullptr;
  engine::BandwidthLimit* bandwidth = nullptr;
};
class Turn {
 public:
  Turn(StreamCall& call, engine::DownloadPlaces* places, engine::BandwidthLimit* bandwidth)
      : call_(call), bandwidth_(bandwidth), ticket_(places->Enqueue(call.MakeWaker())) {}

  bool has_place() const { return ticket_->ready(); }
  // The caller's position when it is another than the one that was told last; else 0.
  int NewPosition() {
    const int now = ticket_->position();
    return std::exchange(told_, now) == now ? 0 : now;
  }
  // Whether a piece may be sent now; otherwise the source is woken.
  bool MaySend(size_t bytes) {
    return bandwidth_->TrySpend(call_.principal().name, static_cast<int64_t>(bytes),
                                call_.MakeWaker());
  }

 private:
  StreamCall& call_;
  engine::BandwidthLimit* const bandwidth_;
  const std::unique_ptr<engine::DownloadPlaces::Ticket> ticket_;
  int told_ = 0;
};

// The caller's place in the queue as a message of `Response`.
template <typename Response>
wire::Buffer QueueMessage(int position) {
  Response response;
  response.mutable_queue()->set_position(position);
  return Serialize(response);
}

// What the caller asked of the HTTP gateway, when that can pass on an answer to it. The rest of
// another state would not fit what the caller has, so a range of what may change must name its
// state.
inline wire::FileRequest FileRequestOf(const StreamCall& call, bool may_change) {
  if (call.metadata("x-http-statuses").empty()) return {};
  return {.range = call.metadata("grpcgateway-range"),
          .if_range = call.metadata("grpcgateway-if-range"),
          .if_none_match = call.metadata("grpcgateway-if-none-match"),
          .range_needs_if_range = may_change};
}

inline void AddFileHeaders(StreamCall& call, const wire::FileAnswer& answer, absl::string_view etag,
                           absl::string_view file_name) {
  for (const auto& [name, value] : wire::HeadersOf(answer, etag, file_name)) {
    call.AddInitialMetadata(absl::StrCat("x-http-", name), value);
  }
}

inline constexpr absl::string_view kDatabaseType = "application/vnd.sqlite3";

// A google.api.HttpBody up to where its `bytes` bytes begin.
inline wire::Buffer BeginFilePiece(size_t bytes, absl::string_view content_type = kDatabaseType) {
  constexpr int kContentTypeField = 1;
  constexpr int kDataField = 2;
  wire::Buffer out(bytes + content_type.size() + 4 * wire::kVarintBytesMax);
  wire::PutBytes(out, kContentTypeField, content_type);
  wire::PutTag(out, kDataField, wire::WireType::kBytes);
  wire::PutVarint(out, bytes);
  return out;
}

}  // namespace sluice::rpc
