// `snapshot restore`.
#include <string>

#include "absl/strings/str_cat.h"
#include "clients/cpp/cli/commands.h"
#include "clients/cpp/cli/display.h"
#include "clients/cpp/cli/failure.h"
#include "clients/cpp/cli/message_writer.h"
#include "clients/cpp/cli/natural_json.h"
#include "clients/cpp/cli/progress.h"

namespace sluice::cli {
namespace {

absl::StatusOr<v1::RestoreResult> RestoreFile(Session* session,
                                              const SnapshotRestoreArguments& arguments) {
  ProgressBar bar(arguments.file);
  RestoreOptions options = arguments.options;
  options.progress = [&bar](int64_t done, int64_t total) { bar.Update(done, total); };
  return session->client.Restore(arguments.database, arguments.file, options);
}

absl::Status PrintCurl(Session* session, const SnapshotRestoreArguments& arguments) {
  if (!arguments.file.empty())
    return UsageError("--curl prints one call, and a file takes several");
  const auto text = [](bool flag) { return flag ? "true" : "false"; };
  return session->PrintCurl(
      {.path = {"v1", "databases", arguments.database, "snapshots", arguments.snapshot},
       .verb = "restore",
       .body = absl::StrCat(
           "{\"options\":{\"validateOnly\":", text(arguments.options.validate_only),
           ",\"discardReplaced\":", text(arguments.options.discard_replaced),
           ",\"allowForeignKeyViolations\":", text(arguments.options.allow_foreign_key_violations),
           "}}"),
       .writes = true});
}

void WriteResult(Session* session, const SnapshotRestoreArguments& arguments,
                 const v1::RestoreResult& result) {
  if (session->as_json()) {
    session->output.Write(ToJson(result) + "\n");
  } else if (arguments.options.validate_only) {
    session->output.Write("it can be restored; nothing was changed\n");
  } else if (result.replaced_snapshot().empty()) {
    session->output.Write(absl::StrCat(EscapeForTerminal(arguments.database), ": restored\n"));
  } else {
    session->output.Write(absl::StrCat(EscapeForTerminal(arguments.database),
                                       ": restored; what was there is snapshot ",
                                       EscapeForTerminal(result.replaced_snapshot()), "\n"));
  }
}

}  // namespace

absl::Status SnapshotRestore(Session* session, const SnapshotRestoreArguments& arguments) {
  if (arguments.snapshot.empty() == arguments.file.empty()) {
    return UsageError("say either which kept snapshot, or --file");
  }
  if (arguments.options.create && arguments.file.empty()) {
    return UsageError("--create is for a --file");
  }
  if (session->settings.curl) return PrintCurl(session, arguments);
  const auto result = arguments.file.empty()
                          ? session->client.RestoreSnapshot(arguments.database, arguments.snapshot,
                                                            arguments.options)
                          : RestoreFile(session, arguments);
  if (!result.ok()) return result.status();
  WriteResult(session, arguments, *result);
  return absl::OkStatus();
}

}  // namespace sluice::cli
