// What all copies of one client and its streams share: the channel, the stubs, the credential and
// the calls in flight. Thread-safe.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

#include "absl/time/time.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "sluice/v1/catalog.grpc.pb.h"
#include "sluice/v1/query.grpc.pb.h"
#include "sluice/v1/row.grpc.pb.h"
#include "sluice/v1/snapshot.grpc.pb.h"

namespace sluice::client {

struct CoreOptions {
  std::string address;
  std::string token;
  absl::Duration deadline;
  absl::Duration stream_deadline;
  std::string user_agent;
};

class Core {
 public:
  explicit Core(CoreOptions core_options);

  const CoreOptions options;
  const std::shared_ptr<grpc::Channel> channel;
  const std::unique_ptr<v1::CatalogService::Stub> catalog;
  const std::unique_ptr<v1::QueryService::Stub> query;
  const std::unique_ptr<v1::RowService::Stub> row;
  const std::unique_ptr<v1::SnapshotService::Stub> snapshot;
  const std::unique_ptr<grpc::health::v1::Health::Stub> health;

  // Cancels every call in flight and every later one.
  void CancelAll();
  bool cancelled();

 private:
  friend class Call;

  std::mutex mutex_;
  // Guarded by mutex_.
  std::unordered_set<grpc::ClientContext*> calls_;
  bool cancelled_ = false;
};

// The context of one call: deadline, credential, and a place in the list of calls in flight while
// it lives. Belongs to one thread; the core must outlive it.
class Call {
 public:
  Call(Core* core, absl::Duration timeout);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  grpc::ClientContext context;

 private:
  Core* const core_;
};

}  // namespace sluice::client
