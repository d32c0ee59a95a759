// `load`.
#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "clients/cpp/cli/commands.h"
#include "clients/cpp/cli/display.h"
#include "clients/cpp/cli/failure.h"
#include "clients/cpp/cli/input_bytes.h"
#include "clients/cpp/cli/load_input.h"
#include "clients/cpp/cli/natural_json.h"
#include "clients/cpp/cli/progress.h"
#include "clients/cpp/cli/write_text.h"

namespace sluice::cli {
namespace {

// Rows that failed which are told one by one.
constexpr size_t kErrorsTold = 20;

std::string FormatOf(const LoadArguments& arguments) {
  if (!arguments.format.empty()) return arguments.format;
  for (const char* format : {"csv", "tsv", "ndjson", "json"}) {
    if (absl::EndsWithIgnoreCase(arguments.file, absl::StrCat(".", format))) return format;
  }
  return absl::EndsWithIgnoreCase(arguments.file, ".jsonl") ? "ndjson" : "csv";
}

absl::StatusOr<ColumnType> TypeOf(const std::string& name) {
  if (name == "integer") return ColumnType::kInteger;
  if (name == "real") return ColumnType::kReal;
  if (name == "text") return ColumnType::kText;
  if (name == "blob") return ColumnType::kBlob;
  if (name == "any") return ColumnType::kAny;
  return UsageError(absl::StrCat("--types: ", name, " is none of integer, real, text, blob, any"));
}

absl::StatusOr<InputOptions> OptionsOf(const LoadArguments& arguments) {
  InputOptions options;
  options.format = FormatOf(arguments);
  options.header = !arguments.no_header;
  options.null_text = arguments.null_text;
  options.columns = arguments.columns;
  options.delimiter = options.format == "tsv" ? '\t' : ',';
  if (arguments.delimiter == "\\t" || arguments.delimiter == "tab") {
    options.delimiter = '\t';
  } else if (arguments.delimiter.size() == 1) {
    options.delimiter = arguments.delimiter[0];
  } else if (!arguments.delimiter.empty()) {
    return UsageError("--delimiter is one character, or tab");
  }
  for (const std::string& given : arguments.types) {
    const size_t equals = given.rfind('=');
    if (equals == std::string::npos) return UsageError("--types: write column=type,…");
    const auto type = TypeOf(given.substr(equals + 1));
    if (!type.ok()) return type.status();
    options.types[given.substr(0, equals)] = *type;
  }
  return options;
}

v1::CreateTableRequest TableOf(const LoadArguments& arguments, const LoadInput& input) {
  v1::CreateTableRequest request;
  request.set_database(arguments.database);
  request.set_table(arguments.table);
  for (size_t i = 0; i < input.columns().size(); ++i) {
    v1::ColumnDefinition& column = *request.add_columns();
    column.set_name(input.columns()[i]);
    column.set_type(TypeName(input.NewTableType(i)));
  }
  for (const std::string& name : arguments.primary_key) request.add_primary_key(name);
  // Another load may have made it meanwhile.
  request.set_if_not_exists(true);
  return request;
}

// Makes the table when it is asked for and not there; otherwise what the table's columns hold says
// what texts are.
absl::Status Prepare(Session* session, const LoadArguments& arguments, LoadInput* input) {
  const auto table = session->client.GetTable(arguments.database, arguments.table);
  if (absl::IsNotFound(table.status()) && arguments.create) {
    if (arguments.dry_run) return UsageError("--dry-run makes no table; make it first");
    return session->client.CreateTable(TableOf(arguments, *input)).status();
  }
  if (absl::IsNotFound(table.status())) Note("--create makes the table from the input");
  if (!table.ok()) return table.status();
  for (const v1::TableColumn& column : table->columns()) {
    for (size_t i = 0; i < input->columns().size(); ++i) {
      if (absl::EqualsIgnoreCase(column.name(), input->columns()[i]) &&
          column.affinity() == v1::TableColumn::AFFINITY_TEXT) {
        input->SuggestType(i, ColumnType::kText);
      }
    }
  }
  return absl::OkStatus();
}

LoadRequest RequestOf(const LoadArguments& arguments, const LoadInput& input) {
  LoadRequest request;
  request.database = arguments.database;
  request.table = arguments.table;
  request.columns = input.columns();
  request.conflict = ConflictOf(arguments.on_conflict);
  request.target = arguments.target;
  request.atomic = arguments.atomic || arguments.dry_run;
  request.rows_per_commit = arguments.rows_per_commit;
  request.load_id = arguments.load_id;
  request.continue_on_error = arguments.skip_errors;
  request.validate_only = arguments.dry_run;
  return request;
}

void TellErrors(const std::vector<RowError>& errors, int64_t failed_count) {
  for (size_t i = 0; i < errors.size() && i < kErrorsTold; ++i) {
    const RowError& error = errors[i];
    Note(absl::StrCat("row ", error.row + 1, " was left out: ", error.reason, ": ",
                      error.status.message()));
  }
  const auto told = static_cast<int64_t>(std::min(errors.size(), kErrorsTold));
  if (failed_count > told) Note(absl::StrCat("and ", failed_count - told, " more"));
}

void TellResult(Session* session, const LoadResult& result) {
  if (session->as_json()) {
    std::string line = absl::StrCat(
        R"({"rows":)", result.acknowledged_rows, R"(,"insertedCount":)", result.inserted_count,
        R"(,"updatedCount":)", result.updated_count, R"(,"ignoredCount":)", result.ignored_count,
        R"(,"failedCount":)", result.failed_count);
    AppendCommitToken(result.commit_token, &line);
    session->output.Write(line + "}\n");
    return;
  }
  std::string line =
      absl::StrCat("loaded ", result.acknowledged_rows, " rows: inserted ", result.inserted_count);
  const auto add = [&](const char* verb, int64_t count) {
    if (count > 0) absl::StrAppend(&line, ", ", verb, " ", count);
  };
  add("updated", result.updated_count);
  add("ignored", result.ignored_count);
  add("left out", result.failed_count);
  session->output.Write(line + "\n");
}

absl::Status Run(Session* session, const LoadArguments& arguments, InputBytes* bytes,
                 LoadInput* input) {
  LoadRequest request = RequestOf(arguments, *input);
  ProgressBar bar(arguments.table);
  request.progress = [&](const LoadProgress& progress) {
    bar.UpdateRows(progress.acknowledged_rows, bytes->taken_bytes(), bytes->total_bytes());
  };
  request.resumed = [](const absl::Status& status) {
    Note(absl::StrCat("the connection broke (", status.message(), "); going on"));
  };
  LoadResult result;
  const absl::Status status = session->client.Load(
      request, [&](std::vector<Value>* row) { return input->Next(row); }, &result);
  bar.Clear();
  if (status.ok()) {
    TellErrors(result.errors, result.failed_count);
    TellResult(session, result);
    return status;
  }
  const auto details = DetailsOf(status);
  const auto row = details.metadata.find("row");
  if (row != details.metadata.end()) Note(absl::StrCat("at row ", row->second, ", counted from 0"));
  if (!result.load_id.empty()) {
    Note(absl::StrCat("what was acknowledged is kept; the same command with --load-id ",
                      result.load_id, " goes on behind it"));
  }
  return status;
}

}  // namespace

absl::Status Load(Session* session, const LoadArguments& arguments) {
  if (session->settings.curl)
    return UsageError("load goes by gRPC only; there is no call for curl");
  if (arguments.atomic && !arguments.load_id.empty()) {
    return UsageError("--atomic keeps all or nothing: there is nothing to resume by --load-id");
  }
  const auto options = OptionsOf(arguments);
  if (!options.ok()) return options.status();
  const auto bytes = InputBytes::Open(arguments.file);
  if (!bytes.ok()) return UsageError(bytes.status().message());
  const auto input = LoadInput::Open(bytes->get(), *options);
  if (!input.ok()) return UsageError(input.status().message());
  if (auto status = Prepare(session, arguments, input->get()); !status.ok()) return status;
  return Run(session, arguments, bytes->get(), input->get());
}

}  // namespace sluice::cli
