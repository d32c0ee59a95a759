#include "server/app.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gateway/backend.h"
#include "server/auth/token_file.h"
#include "server/base/limits.h"
#include "server/base/log.h"
#include "server/base/status.h"
#include "server/engine/new_file.h"
#include "server/sqlite/library.h"
#include "sluice/v1/catalog.pb.h"
#include "sluice/v1/query.pb.h"
#include "sluice/v1/row.pb.h"
#include "sluice/v1/snapshot.pb.h"

namespace sluice {
namespace {

// Files that are there at start are opened before the server says it is ready.
constexpr absl::Duration kSettleTimeMax = absl::Seconds(5);
// Monitoring has few callers.
constexpr size_t kAdminConnectionsMax = 64;

std::vector<std::string> GatewayServices() {
  std::vector<std::string> names;
  for (const char* name : {"sluice.v1.CatalogService", "sluice.v1.QueryService",
                           "sluice.v1.RowService", "sluice.v1.SnapshotService"}) {
    names.emplace_back(name);
  }
  return names;
}

// Beside the first database, or inside of the first folder; hidden, so that it is not served.
std::string SnapshotFolder(const Config& config) {
  if (!config.snapshot_folder.empty()) return config.snapshot_folder;
  std::error_code error;
  std::filesystem::path first = std::filesystem::absolute(config.served_paths().front(), error);
  if (!std::filesystem::is_directory(first, error)) first = first.parent_path();
  return first / ".sluice-snapshots";
}

std::string HostOf(const std::string& address) { return address.substr(0, address.rfind(':')); }

}  // namespace

App::App(Config config)
    : config_(std::move(config)),
      download_places_(limits::kDownloadsMax),
      kept_places_(limits::kKeptDownloadsMax),
      bandwidth_(config_.download_bandwidth),
      stream_places_(config_.settings.get()) {}

absl::StatusOr<std::unique_ptr<App>> App::Start(Config config) {
  RETURN_IF_ERROR(sqlite::InitLibrary());
  auto app = std::unique_ptr<App>(new App(std::move(config)));
  RETURN_IF_ERROR(app->CheckPaths());
  RETURN_IF_ERROR(app->FindToken());
  // Before any file is touched: a port in use must not leave a trace.
  RETURN_IF_ERROR(app->Listen());
  RETURN_IF_ERROR(app->OpenDatabases());
  return app;
}

absl::Status App::FindToken() {
  std::string path = config_.admin_token_file;
  token_ = config_.admin_token;
  if (token_.empty()) {
    if (path.empty()) path = auth::DefaultTokenPath();
    absl::StatusOr<std::string> token =
        path.empty() ? absl::UnavailableError("neither HOME nor XDG_STATE_HOME is set")
                     : auth::LoadOrMakeToken(path);
    // A file that was named must work; without one the server still reads, and nobody can write.
    if (!token.ok() &&
        (!config_.admin_token_file.empty() || !absl::IsUnavailable(token.status()))) {
      return token.status();
    }
    if (token.ok()) {
      Log(LogLevel::kInfo, "admin token", {{"file", path}});
    } else {
      Log(LogLevel::kWarning,
          "the admin token cannot be kept, so nobody can write; say SLUICE_ADMIN_TOKEN or "
          "--admin-token-file",
          {{"error", token.status().message()}});
    }
    token_ = token.ok() ? *std::move(token) : auth::MakeToken();
  }
  authenticator_ = std::make_unique<auth::Authenticator>(auth::AuthenticatorOptions{
      .admin_token = token_,
      .anonymous_reads = config_.loopback_only() || config_.allow_anonymous_reads,
      .anonymous_writes = config_.allow_anonymous_writes});
  tokens_ = std::make_unique<wire::PageTokens>(auth::DeriveKey(token_, "page tokens"));
  return absl::OkStatus();
}

absl::Status App::CheckPaths() const {
  if (config_.served_paths().empty()) {
    return absl::InvalidArgumentError("say which database file or folder to serve; see --help");
  }
  for (const std::string& path : config_.paths) {
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
      return absl::InvalidArgumentError(absl::StrCat("there is no file or folder ", path));
    }
  }
  return absl::OkStatus();
}

absl::Status App::OpenDatabases() {
  for (const std::string& path : config_.create) {
    ASSIGN_OR_RETURN(const bool made, engine::MakeDatabaseFile(path));
    if (made) Log(LogLevel::kInfo, "made a database", {{"file", path}});
  }
  // Before SQLite sees a file: a killed server may have left a swap half done.
  restorer_->Recover();
  ASSIGN_OR_RETURN(watcher_,
                   engine::Watcher::Start(config_.served_paths(), registry_.get(), kSettleTimeMax));
  rpc_->SetServing();
  ready_ = true;
  Log(LogLevel::kInfo, "serving",
      {{"grpc", absl::StrCat(HostOf(config_.listen), ":", rpc_->port())},
       {"http", http_server_->address()},
       {"admin", admin_server_->address()},
       {"databases", registry_->List().size()},
       {"sqlite", sqlite::LibraryVersion()}});
  return absl::OkStatus();
}

absl::Status App::Listen() {
  const DescriptorShares shares = ShareDescriptors(RaiseDescriptorLimit());
  registry_ = std::make_unique<engine::Registry>(
      engine::RegistryOptions{.paths = config_.served_paths(),
                              .read_only = config_.read_only,
                              .immutable = config_.immutable,
                              .read_connections_max = limits::kReadConnectionsMax,
                              .receipts_kept = config_.receipts_kept,
                              .wal_bytes_max = config_.wal_bytes_max,
                              .busy_wait = config_.busy_wait,
                              .settings = config_.settings.get()},
      &metrics_);
  snapshots_ = std::make_unique<engine::SnapshotStore>(engine::SnapshotStoreOptions{
      .folder = SnapshotFolder(config_), .quota_bytes = config_.snapshot_quota});
  uploads_ = std::make_unique<engine::UploadStore>(config_.upload_quota);
  restorer_ = std::make_unique<engine::Restorer>(registry_.get(), snapshots_.get(), uploads_.get());
  ASSIGN_OR_RETURN(
      rpc_, rpc::Server::Start({.listen = config_.listen,
                                .descriptors_max = shares.grpc,
                                .authenticator = authenticator_.get(),
                                .metrics = &metrics_,
                                .services = {.registry = registry_.get(),
                                             .tokens = tokens_.get(),
                                             .download_places = &download_places_,
                                             .kept_places = &kept_places_,
                                             .snapshots = snapshots_.get(),
                                             .uploads = uploads_.get(),
                                             .restorer = restorer_.get(),
                                             .bandwidth = &bandwidth_,
                                             .settings = config_.settings.get(),
                                             .stream_places = &stream_places_,
                                             .commit_waits = &commit_waits_,
                                             .load_places = &load_places_,
                                             .large_messages = &large_messages_,
                                             .etag_secret = auth::DeriveKey(token_, "etags")}}));
  probe_ = std::make_unique<rpc::SelfProbe>(rpc_->self_address());
  return ListenForHttp(shares);
}

void App::AskReadiness(std::function<void(bool)> answer) {
  ready_ ? probe_->Ask(std::move(answer)) : answer(false);
}

absl::Status App::ListenForHttp(const DescriptorShares& shares) {
  const auto readiness = [this](std::function<void(bool)> answer) {
    AskReadiness(std::move(answer));
  };
  gateway::GatewayOptions options;
  options.services = GatewayServices();
  options.channel = rpc_->InProcessChannel(gateway::BackendChannelArguments());
  options.in_process = true;
  options.cors_origins = config_.cors_origins;
  options.require_loopback_host = IsLoopbackAddress(config_.http);
  options.refuse_unknown_parameters = true;
  options.exact_numbers = true;
  options.readiness = readiness;
  ASSIGN_OR_RETURN(gateway_, gateway::Gateway::Make(options));
  admin_ = std::make_unique<AdminHandler>(
      &metrics_, AdminOptions{.readiness = readiness,
                              .require_loopback_host = IsLoopbackAddress(config_.admin_listen)});
  http::HttpServerOptions http;
  http.address = config_.http;
  http.connections_max = std::min(http.connections_max, shares.http_connections);
  http.descriptors_max = shares.http;
  ASSIGN_OR_RETURN(http_server_, http::HttpServer::Start(http, gateway_.get()));
  http.address = config_.admin_listen;
  http.descriptors_max = shares.admin;
  http.connections_max = kAdminConnectionsMax;
  // A public admin address tells of nothing but health and metrics.
  admin_rpc_ = std::make_unique<rpc::AdminServer>(&rpc_->health(), &metrics_,
                                                  IsLoopbackAddress(config_.admin_listen));
  http.take_http2 = [this](int descriptor, const std::string& read) {
    admin_rpc_->Take(descriptor, read);
  };
  ASSIGN_OR_RETURN(admin_server_, http::HttpServer::Start(http, admin_.get()));
  return absl::OkStatus();
}

App::~App() {
  // Nothing to tell of a start that failed.
  const bool served = ready_;
  if (served) Log(LogLevel::kInfo, "draining");
  ready_ = false;
  const Deadline deadline = Deadline::After(limits::kDrainTimeMax);
  if (rpc_ != nullptr) rpc_->health().SetAll(false);
  // Answers those who wait for a snapshot.
  if (snapshots_ != nullptr) snapshots_->Stop();
  // The gateway's calls go through the gRPC server, so HTTP goes first.
  if (http_server_ != nullptr) http_server_->Drain(deadline.remaining());
  http_server_.reset();
  gateway_.reset();
  if (rpc_ != nullptr) rpc_->Drain(deadline);
  admin_server_.reset();
  admin_rpc_.reset();
  probe_.reset();
  watcher_.reset();
  if (registry_ != nullptr) registry_->Close(deadline);
  rpc_.reset();
  if (served) Log(LogLevel::kInfo, "stopped");
}

}  // namespace sluice
