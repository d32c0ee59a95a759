// health.
#include "absl/strings/str_cat.h"
#include "clients/cpp/cli/commands.h"

namespace sluice::cli {
namespace {

std::string HealthWord(Health health) {
  switch (health) {
    case Health::kServing:
      return "SERVING";
    case Health::kNotServing:
      return "NOT_SERVING";
    case Health::kUnknown:
      break;
  }
  return "UNKNOWN";
}

}  // namespace

absl::Status CheckHealth(Session* session, const std::string& service) {
  if (session->settings.curl) return session->PrintCurl({.path = {"readyz"}});
  const auto health = session->client.CheckHealth(service);
  if (!health.ok()) return health.status();
  const std::string word = HealthWord(*health);
  session->output.Write(session->as_json() ? absl::StrCat(R"({"status":")", word, "\"}\n")
                                           : absl::StrCat(word, "\n"));
  if (*health == Health::kServing) return absl::OkStatus();
  auto status = absl::UnavailableError("the server does not serve now");
  return status;
}

}  // namespace sluice::cli
