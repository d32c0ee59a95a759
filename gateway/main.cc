// sluice-gateway: the JSON/HTTP gateway alone, beside a service or at the edge.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "grpc/grpc.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

#include "gateway/backend.h"
#include "gateway/descriptor_source.h"
#include "gateway/gateway.h"
#include "gateway/http_server.h"
#include "server/base/descriptors.h"
#include "server/base/limits.h"
#include "server/base/log.h"
#include "server/base/status.h"

namespace {

using sluice::gateway::DescriptorSet;
using sluice::gateway::Gateway;
using sluice::http::HttpServer;

struct Flags {
  std::string upstream = "127.0.0.1:7070";
  std::string http = "127.0.0.1:7072";
  std::string descriptor_set;
  std::vector<std::string> services;
  std::vector<std::string> cors_origins;
  bool allow_plaintext = false;
  bool allow_any_host = false;
  int threads = 1;
};

void Declare(CLI::App* app, Flags* flags) {
  app->set_version_flag("--version", "sluice-gateway " SLUICE_VERSION);
  app->add_option("--upstream", flags->upstream, "The gRPC service")
      ->envname("SLUICE_GATEWAY_UPSTREAM")
      ->capture_default_str();
  app->add_option("--http", flags->http, "Where to serve HTTP")
      ->envname("SLUICE_GATEWAY_HTTP")
      ->capture_default_str();
  app->add_option("--descriptor-set", flags->descriptor_set,
                  "A FileDescriptorSet with imports; Sluice's own services when left out")
      ->envname("SLUICE_GATEWAY_DESCRIPTOR_SET");
  app->add_option("--service", flags->services,
                  "Full name of a service to serve; all of the descriptor set when left out")
      ->envname("SLUICE_GATEWAY_SERVICE")
      ->delimiter(',');
  app->add_option("--cors-origin", flags->cors_origins,
                  "An origin whose pages may call: https://a.example, https://*.b.example or *")
      ->envname("SLUICE_GATEWAY_CORS_ORIGIN")
      ->delimiter(',');
  app->add_flag("--allow-plaintext", flags->allow_plaintext,
                "Serve on, and call, addresses that are not loopback although there is no TLS")
      ->envname("SLUICE_GATEWAY_ALLOW_PLAINTEXT");
  app->add_flag("--allow-any-host", flags->allow_any_host,
                "On loopback, answer whatever the Host header says (behind a proxy that checks)")
      ->envname("SLUICE_GATEWAY_ALLOW_ANY_HOST");
  app->add_option("--threads", flags->threads, "Threads that read and write HTTP")
      ->envname("SLUICE_GATEWAY_THREADS")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
}

absl::StatusOr<bool> ServesLoopback(const Flags& flags) {
  std::string host;
  std::string port;
  RETURN_IF_ERROR(sluice::http::SplitAddress(flags.http, &host, &port));
  const bool loopback = sluice::http::IsLoopbackHost(host);
  if (loopback || flags.allow_plaintext) return loopback;
  return absl::InvalidArgumentError(
      absl::StrCat("--http ", flags.http,
                   " is not a loopback address and there is no TLS: put a proxy that ends TLS in "
                   "front and pass --allow-plaintext"));
}

// Callers' credentials go on to the service as they come.
absl::Status CheckUpstream(const Flags& flags) {
  if (flags.allow_plaintext || sluice::gateway::IsLocalTarget(flags.upstream)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--upstream ", flags.upstream,
                   " is not a loopback address and there is no TLS: callers' credentials would go "
                   "there unencrypted. Where a mesh encrypts them, pass --allow-plaintext"));
}

absl::Status Serve(const Flags& flags, const sigset_t& signals) {
  ASSIGN_OR_RETURN(const bool loopback, ServesLoopback(flags));
  RETURN_IF_ERROR(CheckUpstream(flags));
  sluice::gateway::GatewayOptions options;
  std::unique_ptr<DescriptorSet> set;
  options.services = sluice::gateway::CompiledServices("sluice.v1");
  options.refuse_unknown_parameters = options.exact_numbers = flags.descriptor_set.empty();
  if (!flags.descriptor_set.empty()) {
    ASSIGN_OR_RETURN(set, DescriptorSet::Load(flags.descriptor_set));
    options.pool = &set->pool();
    options.services = set->services();
    options.explorer = false;
  }
  if (!flags.services.empty()) options.services = flags.services;
  options.channel = grpc::CreateCustomChannel(flags.upstream, grpc::InsecureChannelCredentials(),
                                              sluice::gateway::BackendChannelArguments());
  options.cors_origins = flags.cors_origins;
  options.require_loopback_host = loopback && !flags.allow_any_host;
  ASSIGN_OR_RETURN(const std::unique_ptr<Gateway> gateway, Gateway::Make(options));
  sluice::http::HttpServerOptions server_options;
  server_options.address = flags.http;
  server_options.threads = flags.threads;
  const auto shares = sluice::ShareDescriptors(sluice::RaiseDescriptorLimit());
  server_options.connections_max =
      std::min(server_options.connections_max, shares.http_connections);
  server_options.descriptors_max = shares.http;
  ASSIGN_OR_RETURN(const std::unique_ptr<HttpServer> server,
                   HttpServer::Start(server_options, gateway.get()));
  sluice::Log(sluice::LogLevel::kInfo, "serving HTTP",
              {{"address", server->address()}, {"upstream", flags.upstream}});
  int signal = 0;
  sigwait(&signals, &signal);
  sluice::Log(sluice::LogLevel::kInfo, "draining", {{"signal", signal}});
  server->Drain(sluice::limits::kDrainTimeMax);
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("JSON over HTTP in front of a gRPC service");
  Flags flags;
  Declare(&app, &flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  // Before any thread starts, so that all of them leave the signals to sigwait.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  // Never undone: gRPC's last shutdown may wait ten seconds for one of its threads, and the process
  // is about to end anyway.
  grpc_init();
  const absl::Status status = Serve(flags, signals);
  if (status.ok()) return 0;
  std::fprintf(stderr, "sluice-gateway: %s\n", std::string(status.message()).c_str());
  return status.code() == absl::StatusCode::kInvalidArgument ? 2 : 1;
}
