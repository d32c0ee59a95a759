#include <utility>

#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/snapshot.h"
#include "server/rpc/services.h"
#include "server/rpc/snapshot_sources.h"
#include "server/wire/snapshot_requests.h"
#include "sluice/v1/snapshot.grpc.pb.h"

namespace sluice::rpc {
namespace {

using Generated = v1::SnapshotService;
using Raw = Generated::WithRawMethod_DownloadDatabase<Generated::WithRawMethod_ReadDatabaseFile<
    Generated::WithRawMethod_RefreshDatabase<Generated::Service>>>;

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
    parts.AddBothWays(
        &raw_, name, "RefreshDatabase", &Raw::RequestRefreshDatabase,
        Stream<v1::RefreshDatabaseRequest>([this](auto& call, const auto& request)
                                               -> absl::StatusOr<std::unique_ptr<MessageSource>> {
          RETURN_IF_ERROR(wire::CheckRefreshStart(request));
          return Open<RefreshSource>(call, request.start().database(),
                                     request.start().block_size_bytes());
        }));
  }

 private:
  template <typename Source, typename... More>
  absl::StatusOr<std::unique_ptr<MessageSource>> Open(StreamCall& call, const std::string& name,
                                                      More... more) {
    ASSIGN_OR_RETURN(auto database, context_.registry->Find(name));
    return std::make_unique<Source>(call, std::move(database), context_.download_places, more...);
  }

  const ServiceContext& context_;
  Raw raw_;
};

}  // namespace

std::unique_ptr<RpcService> MakeSnapshotService(const ServiceContext& context) {
  return std::make_unique<SnapshotServiceRpc>(context);
}

}  // namespace sluice::rpc
