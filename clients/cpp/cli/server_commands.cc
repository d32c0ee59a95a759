// snapshot get and health.
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/cli/commands.h"
#include "clients/cpp/cli/failure.h"
#include "clients/cpp/cli/natural_json.h"
#include "clients/cpp/cli/progress.h"

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

absl::Status SnapshotGet(Session* session, const SnapshotGetArguments& arguments) {
  std::string file = arguments.file.empty() ? arguments.refresh : arguments.file;
  if (file.empty()) {
    // The server chose the name; it must not choose the folder.
    if (absl::StrContains(arguments.database, '/')) {
      return UsageError("the database's name is no file name; give one with -o");
    }
    file = arguments.database + ".db";
  }
  if (session->settings.curl) {
    return session->PrintCurl(
        {.path = {"v1", "databases", arguments.database, "content"}, .output_file = file});
  }
  ProgressBar bar(file);
  DownloadOptions options;
  options.overwrite = arguments.force || file == arguments.refresh;
  options.resume = true;
  options.older_copy = arguments.refresh;
  options.progress = [&bar](const DownloadProgress& progress) {
    bar.Update(progress.bytes_received, progress.bytes_total);
  };
  const auto result = session->client.Download(arguments.database, file, options);
  if (!result.ok()) return result.status();
  if (session->as_json()) {
    std::string line = R"({"file":)";
    AppendJsonText(file, &line);
    absl::StrAppend(&line, R"(,"sizeBytes":)", result->size_bytes, R"(,"bytesTransferred":)",
                    result->bytes_transferred, R"(,"sha256":")", result->sha256,
                    "\",\"commitToken\":");
    AppendJsonText(result->commit_token, &line);
    session->output.Write(line + "}\n");
  } else {
    session->output.Write(
        absl::StrCat(file, ": ", FormatBytes(result->size_bytes),
                     arguments.refresh.empty()
                         ? ""
                         : absl::StrCat(", transferred ", FormatBytes(result->bytes_transferred)),
                     ", SHA-256 ", result->sha256, "\n"));
  }
  return absl::OkStatus();
}

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
