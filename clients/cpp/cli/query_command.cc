#include <iostream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/cli/commands.h"
#include "clients/cpp/cli/failure.h"
#include "clients/cpp/cli/json.h"
#include "clients/cpp/cli/natural_json.h"
#include "clients/cpp/cli/value_syntax.h"

namespace sluice::cli {
namespace {

std::string ParametersJson(const Statement& statement) {
  std::string json;
  if (!statement.named_params.empty()) {
    for (const auto& [name, value] : statement.named_params) {
      json.push_back(json.empty() ? '{' : ',');
      AppendJsonText(name, &json);
      json.push_back(':');
      AppendTaggedJson(value, &json);
    }
    return json + "}";
  }
  for (const Value& value : statement.params) {
    json.push_back(json.empty() ? '[' : ',');
    AppendTaggedJson(value, &json);
  }
  return json.empty() ? "" : json + "]";
}

std::string TextsJson(const std::vector<std::string>& texts) {
  std::string json;
  for (const std::string& text : texts) {
    json.push_back(json.empty() ? '[' : ',');
    AppendJsonText(text, &json);
  }
  return json + "]";
}

std::string FormatName(Format format) {
  if (format == Format::kNdjson) return "ndjson";
  return format == Format::kCsv ? "csv" : "json";
}

HttpCall CallFor(const std::string& database, const Statement& statement, Format format) {
  std::string body = R"({"sql":)";
  AppendJsonText(statement.sql, &body);
  const std::string params = ParametersJson(statement);
  if (!params.empty()) absl::StrAppend(&body, R"(,"params":)", params);
  if (!statement.databases.empty()) {
    absl::StrAppend(&body, R"(,"databases":)", TextsJson(statement.databases));
  }
  absl::StrAppend(&body, R"(,"format":")", FormatName(format), "\"}");
  return {.path = {"v1", "databases", database, "query"}, .body = body, .reads_state = true};
}

absl::Status WriteAll(Session* session, RowStream* stream) {
  const auto writer = session->MakeWriter();
  if (auto status = writer->Begin(stream->columns()); !status.ok()) return status;
  while (true) {
    auto row = stream->Next();
    if (!row.ok()) {
      // The rows before it are a result, which says that it is not the whole.
      if (DetailsOf(row.status()).reason == client_reason::kTruncated) writer->End(true);
      return std::move(row).status();
    }
    if (!row->has_value()) break;
    writer->Add((*row)->values);
    if (!session->output.status().ok()) return session->output.status();
  }
  writer->End(false);
  return absl::OkStatus();
}

// A stored query: `statement` holds its name and its parameters.
absl::Status RunStored(Session* session, const std::string& database, const Statement& statement) {
  if (!statement.params.empty()) return UsageError("a stored query takes parameters by name");
  if (!statement.databases.empty()) return UsageError("a stored query has its own databases");
  if (session->settings.curl) {
    HttpCall call{.path = {"v1", "databases", database, "queries", statement.sql, "rows"}};
    const std::string params = ParametersJson(statement);
    if (!params.empty()) call.query.emplace_back("params", params);
    call.query.emplace_back("format", FormatName(session->settings.format));
    call.reads_state = true;
    return session->PrintCurl(call);
  }
  Object params(statement.named_params.begin(), statement.named_params.end());
  const auto result = session->client.RunQuery(database, statement.sql, params);
  if (!result.ok()) return result.status();
  const auto writer = session->MakeWriter();
  if (auto status = writer->Begin(result->columns); !status.ok()) return status;
  for (const Row& row : result->rows) writer->Add(row.values);
  writer->End(result->truncated);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Statement> MakeStatement(const QueryArguments& arguments) {
  Statement statement;
  statement.sql = arguments.sql;
  if (arguments.sql == "-") {
    statement.sql.assign(std::istreambuf_iterator<char>(std::cin), {});
  }
  statement.databases = arguments.databases;
  if (!arguments.params_json.empty()) {
    if (!arguments.params.empty()) return UsageError("give --param or --params-json, not both");
    auto status = SetParametersFromJson(arguments.params_json, &statement);
    if (!status.ok()) return UsageError(absl::StrCat("--params-json: ", status.message()));
  }
  for (const std::string& param : arguments.params) {
    auto status = AddParameter(param, &statement);
    if (!status.ok()) return UsageError(absl::StrCat("--param: ", status.message()));
  }
  return statement;
}

absl::Status Query(Session* session, const QueryArguments& arguments) {
  const auto statement = MakeStatement(arguments);
  if (!statement.ok()) return statement.status();
  if (arguments.stored) return RunStored(session, arguments.database, *statement);
  if (session->settings.curl) {
    return session->PrintCurl(CallFor(arguments.database, *statement, session->settings.format));
  }
  auto stream = session->client.StreamQuery(arguments.database, *statement);
  if (!stream.ok()) {
    return WithExcerpt(stream.status(), SqlExcerpt(stream.status(), statement->sql));
  }
  return WriteAll(session, &*stream);
}

}  // namespace sluice::cli
