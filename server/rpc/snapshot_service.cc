#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/base/crc32c.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/digest.h"
#include "server/engine/snapshot.h"
#include "server/rpc/services.h"
#include "server/wire/content_disposition.h"
#include "server/wire/http_body.h"
#include "server/wire/proto_writer.h"
#include "sluice/v1/snapshot.grpc.pb.h"

namespace sluice::rpc {
namespace {

using Generated = v1::SnapshotService;
using Raw = Generated::WithRawMethod_DownloadDatabase<
    Generated::WithRawMethod_ReadDatabaseFile<Generated::Service>>;
using Progress = MessageSource::Progress;

// What both methods share: waiting for a place, and the snapshot itself.
class SnapshotSource : public MessageSource {
 public:
  SnapshotSource(StreamCall& call, std::shared_ptr<engine::Database> database,
                 engine::DownloadPlaces* places)
      : call_(call), database_(std::move(database)), ticket_(places->Enqueue(call.MakeWaker())) {}

  absl::StatusOr<Progress> Next(wire::Buffer* message) override {
    if (!ticket_->ready()) return Progress::kWait;
    if (snapshot_ == nullptr) {
      ASSIGN_OR_RETURN(snapshot_, engine::Snapshot::Open(database_, call_.interrupt()));
      return Begin(message);
    }
    return Continue(message);
  }

 protected:
  virtual absl::StatusOr<Progress> Begin(wire::Buffer* message) = 0;
  virtual absl::StatusOr<Progress> Continue(wire::Buffer* message) = 0;

  // Bytes of the next piece: whole pages, one at least; 0 at the end.
  size_t NextPieceBytes() const {
    const auto page = static_cast<size_t>(snapshot_->page_size_bytes());
    const size_t piece = std::max(page, limits::kSnapshotChunkBytes / page * page);
    return static_cast<size_t>(
        std::min<int64_t>(static_cast<int64_t>(piece), snapshot_->size_bytes() - offset_));
  }

  // Reads the next piece to the end of `out`.
  absl::StatusOr<absl::string_view> ReadPiece(wire::Buffer& out, size_t bytes) {
    char* const at = out.Reserve(bytes);
    ASSIGN_OR_RETURN(const size_t read, snapshot_->Read(at, bytes));
    CHECK(read == bytes);
    out.Advance(read);
    offset_ += static_cast<int64_t>(read);
    return absl::string_view(at, read);
  }

  StreamCall& call_;
  const std::shared_ptr<engine::Database> database_;
  const std::unique_ptr<engine::DownloadPlaces::Ticket> ticket_;
  std::unique_ptr<engine::Snapshot> snapshot_;
  int64_t offset_ = 0;
};

// Manifest, chunks with checksums, digest.
class CheckedSource final : public SnapshotSource {
 public:
  using SnapshotSource::SnapshotSource;

 private:
  absl::StatusOr<Progress> Begin(wire::Buffer* message) override {
    v1::DownloadDatabaseResponse response;
    v1::SnapshotManifest& manifest = *response.mutable_manifest();
    manifest.set_page_size_bytes(snapshot_->page_size_bytes());
    manifest.set_page_count(snapshot_->page_count());
    manifest.set_size_bytes(snapshot_->size_bytes());
    manifest.set_commit_token(snapshot_->commit_token());
    *message = Serialize(response);
    return Progress::kMessage;
  }

  // Each chunk is hashed while the next one is read and the one before is sent.
  absl::StatusOr<Progress> Continue(wire::Buffer* message) override {
    if (!prefetched_) {
      RETURN_IF_ERROR(Prefetch());
      prefetched_ = true;
    }
    if (next_.empty()) {
      v1::DownloadDatabaseResponse response;
      response.mutable_digest()->set_sha256(sha256_.Finish());
      *message = Serialize(response);
      return Progress::kLastMessage;
    }
    wire::Buffer ready = std::move(next_);
    RETURN_IF_ERROR(Prefetch());
    *message = std::move(ready);
    return Progress::kMessage;
  }

  // Makes `next_` the next chunk, or empty at the end. Adding its piece to the digest waits until
  // the piece before has been hashed, so that one may be sent then.
  absl::Status Prefetch() {
    next_ = wire::Buffer();
    const size_t bytes = NextPieceBytes();
    if (bytes == 0) {
      sha256_.Wait();
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const absl::string_view piece, MakeChunk(bytes, &next_));
    sha256_.Add(piece);
    return absl::OkStatus();
  }

  // The size of the piece is known before it is read, so the pages are read into their place in the
  // message.
  absl::StatusOr<absl::string_view> MakeChunk(size_t bytes, wire::Buffer* message) {
    wire::Buffer head;
    wire::PutInt64(head, v1::SnapshotChunk::kOffsetFieldNumber, offset_);
    wire::PutTag(head, v1::SnapshotChunk::kDataFieldNumber, wire::WireType::kBytes);
    wire::PutVarint(head, bytes);
    constexpr size_t kChecksumBytes = 1 + sizeof(uint32_t);
    wire::Buffer out(bytes + head.size() + kChecksumBytes + 4 * wire::kVarintBytesMax);
    wire::PutTag(out, v1::DownloadDatabaseResponse::kChunkFieldNumber, wire::WireType::kBytes);
    wire::PutVarint(out, head.size() + bytes + kChecksumBytes);
    out.Append(head.view());
    ASSIGN_OR_RETURN(const absl::string_view piece, ReadPiece(out, bytes));
    wire::PutFixed32(out, v1::SnapshotChunk::kCrc32CFieldNumber, Crc32c(piece));
    *message = std::move(out);
    return piece;
  }

  // In this order: the digest's thread reads from the chunk, so it ends first.
  wire::Buffer next_;
  bool prefetched_ = false;
  engine::BackgroundSha256 sha256_;
};

// The bare bytes for HTTP.
class FileSource final : public SnapshotSource {
 public:
  using SnapshotSource::SnapshotSource;

 private:
  absl::StatusOr<Progress> Begin(wire::Buffer* message) override {
    call_.AddInitialMetadata("x-http-content-length", absl::StrCat(snapshot_->size_bytes()));
    call_.AddInitialMetadata("x-http-content-disposition",
                             wire::AttachmentDisposition(database_->name() + ".db"));
    return Continue(message);
  }

  absl::StatusOr<Progress> Continue(wire::Buffer* message) override {
    const size_t bytes = NextPieceBytes();
    if (bytes == 0) return Progress::kEnd;
    constexpr absl::string_view kContentType = "application/vnd.sqlite3";
    wire::Buffer out = wire::BeginHttpBody(kContentType, bytes);
    RETURN_IF_ERROR(ReadPiece(out, bytes).status());
    *message = std::move(out);
    return Progress::kMessage;
  }
};

class SnapshotServiceRpc : public RpcService {
 public:
  explicit SnapshotServiceRpc(const ServiceContext& context) : context_(context) {}

  grpc::Service* service() override { return &raw_; }

  void AddMethods(ServerParts& parts) override {
    const char* const name = Generated::service_full_name();
    parts.AddStream(&raw_, name, "DownloadDatabase", &Raw::RequestDownloadDatabase,
                    Stream<v1::DownloadDatabaseRequest>([this](auto& call, const auto& request) {
                      return Open<CheckedSource>(call, request.database());
                    }));
    parts.AddStream(&raw_, name, "ReadDatabaseFile", &Raw::RequestReadDatabaseFile,
                    Stream<v1::ReadDatabaseFileRequest>([this](auto& call, const auto& request) {
                      return Open<FileSource>(call, request.database());
                    }));
  }

 private:
  template <typename Source>
  absl::StatusOr<std::unique_ptr<MessageSource>> Open(StreamCall& call, const std::string& name) {
    ASSIGN_OR_RETURN(auto database, context_.registry->Find(name));
    return std::make_unique<Source>(call, std::move(database), context_.download_places);
  }

  const ServiceContext& context_;
  Raw raw_;
};

}  // namespace

std::unique_ptr<RpcService> MakeSnapshotService(const ServiceContext& context) {
  return std::make_unique<SnapshotServiceRpc>(context);
}

}  // namespace sluice::rpc
