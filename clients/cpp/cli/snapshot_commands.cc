// The snapshot commands.
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "clients/cpp/cli/commands.h"
#include "clients/cpp/cli/display.h"
#include "clients/cpp/cli/failure.h"
#include "clients/cpp/cli/file_digest.h"
#include "clients/cpp/cli/message_writer.h"
#include "clients/cpp/cli/natural_json.h"
#include "clients/cpp/cli/progress.h"
#include "clients/cpp/sha256.h"

namespace sluice::cli {
namespace {

// What a server allows.
constexpr absl::Duration kTtlMax = absl::Hours(24 * 30);

std::string TimeText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(time.seconds()),
                          absl::UTCTimeZone());
}

// How it was made.
std::string TextOf(const v1::Snapshot& snapshot) {
  std::string text;
  if (snapshot.compression() == v1::COMPRESSION_ZSTD) {
    absl::StrAppend(&text, ", zstd of ", FormatBytes(snapshot.file_size_bytes()));
  }
  if (snapshot.tables_size() > 0) {
    absl::StrAppend(&text, ", only ", EscapeForTerminal(absl::StrJoin(snapshot.tables(), ", ")));
  } else if (snapshot.compact()) {
    absl::StrAppend(&text, ", compact");
  }
  return text;
}

void WriteSnapshot(Session* session, const v1::Snapshot& snapshot) {
  if (session->as_json()) {
    session->output.Write(ToJson(snapshot) + "\n");
    return;
  }
  session->output.Write(
      absl::StrCat(EscapeForTerminal(snapshot.snapshot()), ": ", FormatBytes(snapshot.size_bytes()),
                   TextOf(snapshot),
                   snapshot.has_expire_time() ? ", until " + TimeText(snapshot.expire_time())
                                              : ", until deleted",
                   ", SHA-256 ", absl::BytesToHexString(snapshot.sha256()), "\n"));
}

}  // namespace

absl::Status SnapshotGet(Session* session, const SnapshotGetArguments& arguments) {
  if (!arguments.snapshot.empty() && !arguments.refresh.empty()) {
    return UsageError("--refresh is for the present state, not for a kept snapshot");
  }
  std::string file = arguments.file.empty() ? arguments.refresh : arguments.file;
  if (file.empty()) {
    // The server chose the name; it must not choose the folder.
    if (absl::StrContains(arguments.database, '/')) {
      return UsageError("the database's name is no file name; give one with -o");
    }
    file = arguments.database + ".db";
  }
  if (file == "-") {
    return UsageError(
        "a database goes into a file, which is checked before it gets its name; "
        "./- is a file called -");
  }
  if (session->settings.curl) {
    HttpCall call{.path = {"v1", "databases", arguments.database}, .output_file = file};
    if (!arguments.snapshot.empty())
      call.path.insert(call.path.end(), {"snapshots", arguments.snapshot});
    call.path.emplace_back("content");
    call.reads_state = arguments.snapshot.empty();
    return session->PrintCurl(call);
  }
  ProgressBar bar(file);
  DownloadOptions options;
  options.overwrite = arguments.force || file == arguments.refresh;
  options.any_older_copy = arguments.force;
  options.resume = true;
  options.older_copy = arguments.refresh;
  options.snapshot = arguments.snapshot;
  options.compress = arguments.compress;
  options.queued = [&bar](int position) { bar.Wait(position); };
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

absl::Status SnapshotCreate(Session* session, const SnapshotCreateArguments& arguments) {
  SnapshotOptions options{
      .compact = arguments.compact, .tables = arguments.tables, .compress = arguments.compress};
  if (!arguments.ttl.empty() && !absl::ParseDuration(arguments.ttl, &options.ttl)) {
    return UsageError(absl::StrCat("--ttl: ", arguments.ttl,
                                   " is no time such as 90m or 24h; there is no unit for days"));
  }
  if (!arguments.ttl.empty() && (options.ttl < absl::Seconds(1) || options.ttl > kTtlMax)) {
    return UsageError(
        absl::StrCat("--ttl: ", arguments.ttl, " is not between 1s and 720h (30 days)"));
  }
  if (session->settings.curl) {
    std::string body = absl::StrCat("{\"compact\":", arguments.compact ? "true" : "false");
    if (options.ttl > absl::ZeroDuration()) {
      absl::StrAppend(&body, ",\"ttl\":\"", absl::ToInt64Seconds(options.ttl), "s\"");
    }
    for (size_t i = 0; i < options.tables.size(); ++i) {
      body += i == 0 ? ",\"tables\":[" : ",";
      AppendJsonText(options.tables[i], &body);
    }
    if (!options.tables.empty()) body += "]";
    if (options.compress) body += ",\"compression\":\"COMPRESSION_ZSTD\"";
    return session->PrintCurl({.path = {"v1", "databases", arguments.database, "snapshots"},
                               .body = body + "}",
                               .writes = true});
  }
  const auto snapshot = session->client.CreateSnapshot(arguments.database, options);
  if (!snapshot.ok()) return snapshot.status();
  WriteSnapshot(session, *snapshot);
  return absl::OkStatus();
}

absl::Status SnapshotLs(Session* session, const std::string& database) {
  if (session->settings.curl) {
    return session->PrintCurl({.path = {"v1", "databases", database, "snapshots"}});
  }
  const auto snapshots = session->client.ListSnapshots(database);
  if (!snapshots.ok()) return snapshots.status();
  for (const v1::Snapshot& snapshot : *snapshots) WriteSnapshot(session, snapshot);
  return absl::OkStatus();
}

absl::Status SnapshotRm(Session* session, const std::string& database,
                        const std::string& snapshot) {
  if (session->settings.curl) {
    return session->PrintCurl({.path = {"v1", "databases", database, "snapshots", snapshot},
                               .method = "DELETE",
                               .writes = true});
  }
  return session->client.DeleteSnapshot(database, snapshot);
}

absl::Status SnapshotVerify(Session* session, const SnapshotVerifyArguments& arguments) {
  const auto digest = Sha256OfFile(arguments.file);
  if (!digest.ok()) return digest.status();
  if (!arguments.sha256.empty()) {
    if (absl::AsciiStrToLower(arguments.sha256) != *digest) {
      return absl::DataLossError(absl::StrCat(arguments.file, ": its SHA-256 is ", *digest));
    }
    session->output.Write(absl::StrCat(arguments.file, ": OK\n"));
    return absl::OkStatus();
  }
  if (arguments.database.empty()) {
    return UsageError("say which database's kept snapshots it may be (--database), or --sha256");
  }
  const auto snapshots = session->client.ListSnapshots(arguments.database);
  if (!snapshots.ok()) return snapshots.status();
  for (const v1::Snapshot& snapshot : *snapshots) {
    if (absl::BytesToHexString(snapshot.sha256()) != *digest) continue;
    session->output.Write(absl::StrCat(arguments.file, ": is snapshot ",
                                       EscapeForTerminal(snapshot.snapshot()), "\n"));
    return absl::OkStatus();
  }
  return absl::DataLossError(
      absl::StrCat(arguments.file, ": is none of the kept snapshots; its SHA-256 is ", *digest));
}

}  // namespace sluice::cli
