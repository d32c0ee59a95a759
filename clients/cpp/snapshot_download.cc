#include "clients/cpp/snapshot_download.h"

#include <openssl/evp.h>

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "clients/cpp/retry.h"
#include "clients/cpp/rpc_status.h"
#include "clients/cpp/snapshot_receiver.h"

namespace sluice::client {
namespace {

constexpr size_t kHashBytes = 16;
// Two pages: one would double the hashes, four the bytes that come with a changed page.
constexpr int32_t kBlockPages = 2;
constexpr int32_t kBlockBytesMin = 8 << 10;
// Hashes of one message: those of 16 MiB of usual pages.
constexpr size_t kHashesEach = 2048;

Verdict VerdictOf(const absl::Status& status) {
  const ErrorDetails details = DetailsOf(status);
  if (details.domain == kClientDomain && details.reason == client_reason::kChecksum) {
    return Verdict::kSpoilt;
  }
  return CutIf(StreamWasCut(status));
}

bool IsLocal(const absl::Status& status) {
  const ErrorDetails details = DetailsOf(status);
  return details.domain == kClientDomain && details.reason == client_reason::kLocalFile;
}

// The page size that a database file's header tells; 0 when it is none.
absl::StatusOr<int32_t> PageSizeOf(const PartFile& file) {
  char header[18];
  const auto size = file.ReadAt(0, header, sizeof(header));
  if (!size.ok()) return std::move(size).status();
  constexpr absl::string_view kMagic("SQLite format 3\0", 16);
  if (*size < sizeof(header) || !absl::StartsWith({header, *size}, kMagic)) return 0;
  const int32_t page =
      static_cast<unsigned char>(header[16]) << 8 | static_cast<unsigned char>(header[17]);
  if (page == 1) return 65'536;
  return page >= 512 && (page & (page - 1)) == 0 ? page : 0;
}

// Tells the server what a file holds, in a thread of its own since the server answers meanwhile.
// What the server sends is for blocks that have been told, so nobody writes where this reads.
class HashSender {
 public:
  using Stream = grpc::ClientReaderWriter<v1::RefreshDatabaseRequest, v1::RefreshDatabaseResponse>;

  HashSender(const PartFile* file, int64_t size_bytes, int32_t block_bytes, Stream* stream)
      : file_(file), size_bytes_(size_bytes), block_bytes_(block_bytes), stream_(stream) {
    thread_ = std::thread([this] { Run(); });
  }
  ~HashSender() { Join(); }
  HashSender(const HashSender&) = delete;
  HashSender& operator=(const HashSender&) = delete;

  // After it the counter may be read.
  void Join() {
    if (thread_.joinable()) thread_.join();
  }
  int64_t bytes_sent() const { return bytes_sent_; }

 private:
  void Run() {
    std::vector<char> block(static_cast<size_t>(block_bytes_));
    std::string hashes;
    bool more = true;
    for (int64_t at = 0; more && at + block_bytes_ <= size_bytes_; at += block_bytes_) {
      const auto size = file_->ReadAt(at, block.data(), block.size());
      // What cannot be read is not told, and therefore sent.
      if (!size.ok() || *size != block.size()) break;
      unsigned char digest[EVP_MAX_MD_SIZE];
      if (EVP_Digest(block.data(), block.size(), digest, nullptr, EVP_sha256(), nullptr) != 1)
        break;
      hashes.append(reinterpret_cast<const char*>(digest), kHashBytes);
      if (hashes.size() == kHashesEach * kHashBytes) more = Send(&hashes);
    }
    if (more && !hashes.empty()) Send(&hashes);
    stream_->WritesDone();
  }

  bool Send(std::string* hashes) {
    bytes_sent_ += static_cast<int64_t>(hashes->size());
    v1::RefreshDatabaseRequest request;
    request.mutable_hashes()->set_sha256_prefixes(std::move(*hashes));
    hashes->clear();
    return stream_->Write(request);
  }

  const PartFile* const file_;
  const int64_t size_bytes_;
  const int32_t block_bytes_;
  Stream* const stream_;
  int64_t bytes_sent_ = 0;
  std::thread thread_;
};

class FileDownload {
 public:
  FileDownload(Core* core, const std::string& database, const DownloadOptions& options,
               PartFile* file)
      : core_(core), database_(database), options_(options), file_(file) {}

  absl::StatusOr<DownloadResult> Run() {
    if (!options_.resume) return Attempt();
    absl::StatusOr<DownloadResult> result;
    const absl::Status status = GoOn({.attempt =
                                          [&] {
                                            result = Attempt();
                                            return result.status();
                                          },
                                      .judge = VerdictOf,
                                      .reached = [&] { return transferred_; },
                                      .given_up = [&] { return core_->cancelled(); }});
    if (status.ok()) {
      result->bytes_transferred = transferred_ + hashes_sent_;
      return result;
    }
    // A disk that is full is not to stay full.
    const auto size = file_->SizeBytes();
    const bool has_come = file_->found() || transferred_ > 0;
    if (has_come && !IsLocal(status) && size.ok() && *size > 0) file_->Keep();
    return result;
  }

 private:
  absl::StatusOr<DownloadResult> Attempt() {
    const auto size = file_->SizeBytes();
    if (!size.ok()) return std::move(size).status();
    if (!options_.snapshot.empty()) return Kept(*size);
    return *size == 0 ? Whole() : Difference(*size);
  }

  // Its bytes never change, so that what has come is its beginning.
  absl::StatusOr<DownloadResult> Kept(int64_t offset) {
    v1::DownloadSnapshotRequest request;
    request.set_database(database_);
    request.set_snapshot(options_.snapshot);
    request.set_offset(offset);
    request.set_compression(v1::COMPRESSION_ZSTD);
    Call call(core_, core_->options.stream_deadline);
    SnapshotReceiver receiver(
        offset == 0 ? SnapshotReceiver::Kind::kWhole : SnapshotReceiver::Kind::kDifference, file_,
        &options_);
    const auto reader = core_->snapshot->DownloadSnapshot(&call.context, request);
    auto result = Receive<v1::DownloadSnapshotResponse>(&call, reader.get(), &receiver);
    // What has come is of something longer.
    if (absl::IsInvalidArgument(result.status()) && offset > 0) {
      if (auto status = file_->Resize(0); !status.ok()) return status;
      return Kept(0);
    }
    return result;
  }

  absl::StatusOr<DownloadResult> Whole() {
    v1::DownloadDatabaseRequest request;
    request.set_database(database_);
    if (options_.compress) request.set_compression(v1::COMPRESSION_ZSTD);
    request.set_min_commit_token(options_.min_commit_token);
    Call call(core_, core_->options.stream_deadline);
    SnapshotReceiver receiver(SnapshotReceiver::Kind::kWhole, file_, &options_);
    const auto reader = core_->snapshot->DownloadDatabase(&call.context, request);
    return Receive<v1::DownloadDatabaseResponse>(&call, reader.get(), &receiver);
  }

  absl::StatusOr<DownloadResult> Difference(int64_t size_bytes) {
    const auto page = PageSizeOf(*file_);
    if (!page.ok()) return std::move(page).status();
    const int32_t block = std::max(kBlockBytesMin, *page * kBlockPages);
    Call call(core_, core_->options.stream_deadline);
    const auto stream = core_->snapshot->RefreshDatabase(&call.context);
    v1::RefreshDatabaseRequest request;
    request.mutable_start()->set_database(database_);
    request.mutable_start()->set_block_size_bytes(block);
    request.mutable_start()->set_min_commit_token(options_.min_commit_token);
    // When it fails, Finish tells why.
    stream->Write(request);
    SnapshotReceiver receiver(SnapshotReceiver::Kind::kDifference, file_, &options_);
    HashSender sender(file_, *page == 0 ? 0 : size_bytes, block, stream.get());
    auto result = Receive<v1::RefreshDatabaseResponse>(&call, stream.get(), &receiver, &sender);
    hashes_sent_ += sender.bytes_sent();
    return result;
  }

  template <typename Response, typename Reader>
  absl::StatusOr<DownloadResult> Receive(Call* call, Reader* reader, SnapshotReceiver* receiver,
                                         HashSender* sender = nullptr) {
    Response part;
    absl::Status taken;
    while (taken.ok() && reader->Read(&part)) {
      transferred_ += static_cast<int64_t>(part.chunk().data().size());
      taken = receiver->Take(std::move(part));
    }
    if (!taken.ok()) call->context.TryCancel();
    if (sender != nullptr) sender->Join();
    auto finished = FromGrpc(reader->Finish());
    if (!taken.ok()) return taken;
    if (!finished.ok()) return finished;
    return receiver->Finish();
  }

  Core* const core_;
  const std::string database_;
  const DownloadOptions& options_;
  PartFile* const file_;
  int64_t transferred_ = 0;
  int64_t hashes_sent_ = 0;
};

}  // namespace

absl::StatusOr<DownloadResult> DownloadToFile(Core* core, const std::string& database,
                                              const std::string& path,
                                              const DownloadOptions& options) {
  if (!options.older_copy.empty() && !options.any_older_copy) {
    if (auto status = CheckIsDatabase(options.older_copy); !status.ok()) return status;
  }
  auto file = options.resume ? PartFile::Resume(path, options.overwrite)
                             : PartFile::Create(path, options.overwrite);
  if (!file.ok()) return std::move(file).status();
  const auto size = file->SizeBytes();
  if (!size.ok()) return std::move(size).status();
  if (*size == 0 && !options.older_copy.empty()) {
    if (auto status = file->CopyFrom(options.older_copy); !status.ok()) return status;
  }
  return FileDownload(core, database, options, &*file).Run();
}

}  // namespace sluice::client
