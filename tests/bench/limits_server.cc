// What gRPC can do at all on this machine: a server that answers a unary call with its request and
// streams bytes that it has already. Async, one queue, one thread, raw slices: the shape that is
// fastest here. Logs its port on one line.
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <string>

#include "absl/synchronization/mutex.h"
#include "sluice/v1/row.grpc.pb.h"
#include "sluice/v1/snapshot.grpc.pb.h"

namespace {

using Rows = sluice::v1::RowService::WithRawMethod_GetRow<sluice::v1::RowService::Service>;
using Snapshots = sluice::v1::SnapshotService::WithRawMethod_DownloadDatabase<
    sluice::v1::SnapshotService::Service>;

class Tag {
 public:
  virtual ~Tag() = default;
  virtual void Complete(bool ok) = 0;
};

class Echo : public Tag {
 public:
  Echo(Rows* rows, grpc::ServerCompletionQueue* queue) : rows_(rows), queue_(queue) {
    rows_->RequestGetRow(&context_, &request_, &responder_, queue_, queue_, this);
  }
  void Complete(bool ok) override {
    if (!ok || answered_) {
      delete this;
      return;
    }
    new Echo(rows_, queue_);
    answered_ = true;
    responder_.Finish(request_, grpc::Status::OK, this);
  }

 private:
  Rows* const rows_;
  grpc::ServerCompletionQueue* const queue_;
  grpc::ServerContext context_;
  grpc::ByteBuffer request_;
  grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> responder_{&context_};
  bool answered_ = false;
};

// Sends chunks of 256 KiB until the client has enough.
class Bytes : public Tag {
 public:
  Bytes(Snapshots* snapshots, grpc::ServerCompletionQueue* queue)
      : snapshots_(snapshots), queue_(queue) {
    snapshots_->RequestDownloadDatabase(&context_, &request_, &writer_, queue_, queue_, this);
  }
  void Complete(bool ok) override {
    if (!started_ && ok) {
      started_ = true;
      new Bytes(snapshots_, queue_);
    } else if (!ok && started_ && !finishing_) {
      finishing_ = true;
      return writer_.Finish(grpc::Status::OK, this);
    }
    if (!ok || finishing_) {
      delete this;
      return;
    }
    static const grpc::Slice chunk(std::string(size_t{256} << 10, 'x'));
    writer_.Write(grpc::ByteBuffer(&chunk, 1), this);
  }

 private:
  Snapshots* const snapshots_;
  grpc::ServerCompletionQueue* const queue_;
  grpc::ServerContext context_;
  grpc::ByteBuffer request_;
  grpc::ServerAsyncWriter<grpc::ByteBuffer> writer_{&context_};
  bool started_ = false;
  bool finishing_ = false;
};

}  // namespace

int main() {
  // As in sluiced: the limit must not be slower than it need be.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  Rows rows;
  Snapshots snapshots;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&rows);
  builder.RegisterService(&snapshots);
  const auto queue = builder.AddCompletionQueue();
  const auto server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  new Echo(&rows, queue.get());
  new Bytes(&snapshots, queue.get());
  std::fprintf(stderr, "info \"serving\" grpc=127.0.0.1:%d\n", port);
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) static_cast<Tag*>(tag)->Complete(ok);
}
