// The composition root: builds everything from the bottom up, owns it, and takes it down in
// reverse.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "gateway/gateway.h"
#include "gateway/http_server.h"
#include "server/admin.h"
#include "server/auth/authenticator.h"
#include "server/base/descriptors.h"
#include "server/base/limits.h"
#include "server/base/metrics.h"
#include "server/config.h"
#include "server/engine/bandwidth.h"
#include "server/engine/registry.h"
#include "server/engine/restore.h"
#include "server/engine/snapshot.h"
#include "server/engine/snapshot_store.h"
#include "server/engine/watcher.h"
#include "server/rpc/admin_server.h"
#include "server/rpc/self_probe.h"
#include "server/rpc/server.h"
#include "server/wire/page_token.h"

namespace sluice {

class App {
 public:
  // Serves when it returns. An error says what to do about it.
  static absl::StatusOr<std::unique_ptr<App>> Start(Config config);
  // Drains: says so to health checks, lets calls in flight finish for kDrainTimeMax, closes the
  // databases.
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

 private:
  explicit App(Config config);
  absl::Status FindToken();
  absl::Status CheckPaths() const;
  absl::Status Listen();
  absl::Status ListenForHttp(const DescriptorShares& shares);
  absl::Status OpenDatabases();
  // Ready, and the gRPC port answers.
  void AskReadiness(std::function<void(bool)> answer);

  const Config config_;
  std::string token_;
  Metrics metrics_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  std::unique_ptr<wire::PageTokens> tokens_;
  engine::DownloadPlaces download_places_;
  engine::DownloadPlaces kept_places_;
  engine::BandwidthLimit bandwidth_;
  rpc::StreamPlaces stream_places_;
  rpc::LoadPlaces load_places_{limits::kLoadsMax};
  const rpc::LargeMessages large_messages_{limits::kLargeMessagesBytesMax};
  engine::CommitWaits commit_waits_{limits::kCommitWaitersMax};
  std::unique_ptr<engine::Registry> registry_;
  std::unique_ptr<engine::Watcher> watcher_;
  std::unique_ptr<engine::SnapshotStore> snapshots_;
  std::unique_ptr<engine::UploadStore> uploads_;
  std::unique_ptr<engine::Restorer> restorer_;
  std::unique_ptr<rpc::Server> rpc_;
  std::unique_ptr<rpc::SelfProbe> probe_;
  std::atomic<bool> ready_{false};
  std::unique_ptr<gateway::Gateway> gateway_;
  std::unique_ptr<AdminHandler> admin_;
  std::unique_ptr<rpc::AdminServer> admin_rpc_;
  std::unique_ptr<http::HttpServer> http_server_;
  std::unique_ptr<http::HttpServer> admin_server_;
};

}  // namespace sluice
