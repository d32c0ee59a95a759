#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/cli/commands.h"
#include "clients/cpp/cli/failure.h"
#include "clients/cpp/cli/natural_json.h"
#include "clients/cpp/cli/write_text.h"

namespace sluice::cli {
namespace {

// A Value of the contract.
void AppendTypedJson(const Value& value, std::string* out) {
  if (const auto* integer = value.integer()) {
    absl::StrAppend(out, R"({"integer":")", *integer, "\"}");
  } else if (const auto* real = value.real()) {
    out->append(R"({"real":)");
    if (std::isfinite(*real)) {
      AppendReal(*real, out);
    } else {
      out->append(*real > 0 ? "\"Infinity\"" : "\"-Infinity\"");
    }
    out->push_back('}');
  } else if (const auto* text = value.text()) {
    out->append(R"({"text":)");
    AppendJsonText(*text, out);
    out->push_back('}');
  } else if (const auto* blob = value.blob()) {
    absl::StrAppend(out, R"({"blob":")", absl::Base64Escape(blob->bytes), "\"}");
  } else if (const auto* raw = value.raw_text()) {
    absl::StrAppend(out, R"({"rawText":")", absl::Base64Escape(raw->bytes), "\"}");
  } else {
    out->append(R"({"null":null})");
  }
}

void AppendNamed(absl::string_view field, const Statement& statement, std::string* out) {
  absl::StrAppend(out, "\"", field, "\":{");
  for (auto it = statement.named_params.begin(); it != statement.named_params.end(); ++it) {
    if (it != statement.named_params.begin()) out->push_back(',');
    AppendJsonText(it->first, out);
    out->push_back(':');
    AppendTypedJson(it->second, out);
  }
  out->push_back('}');
}

HttpCall CallForStored(const ExecArguments& arguments, const Statement& statement) {
  std::string body = "{";
  AppendNamed("params", statement, &body);
  AppendOptions(arguments.options, &body);
  return {.path = {"v1", "databases", arguments.statement.database, "queries", statement.sql},
          .verb = "run",
          .body = body + "}",
          .writes = true};
}

HttpCall CallFor(const ExecArguments& arguments, const Statement& statement) {
  std::string body = R"({"sql":)";
  AppendJsonText(statement.sql, &body);
  if (!statement.params.empty()) {
    body.append(R"(,"params":[)");
    for (const Value& value : statement.params) {
      if (&value != &statement.params[0]) body.push_back(',');
      AppendTypedJson(value, &body);
    }
    body.push_back(']');
  }
  if (!statement.named_params.empty()) {
    body.push_back(',');
    AppendNamed("namedParams", statement, &body);
  }
  AppendOptions(arguments.options, &body);
  return {.path = {"v1", "databases", arguments.statement.database},
          .verb = "execute",
          .body = body + "}",
          .writes = true};
}

absl::StatusOr<ExecuteResult> Run(Session* session, const ExecArguments& arguments,
                                  const Statement& statement) {
  const std::string& database = arguments.statement.database;
  if (!arguments.statement.stored) {
    return session->client.Execute(database, statement, arguments.options);
  }
  const Object params(statement.named_params.begin(), statement.named_params.end());
  return session->client.ExecuteQuery(database, statement.sql, params, arguments.options);
}

absl::Status WriteRows(Session* session, const ExecuteResult& result) {
  const auto writer = session->MakeWriter();
  if (auto status = writer->Begin(result.columns); !status.ok()) return status;
  for (const Row& row : result.rows) writer->Add(row.values);
  writer->End(result.truncated);
  return absl::OkStatus();
}

}  // namespace

absl::Status Exec(Session* session, const ExecArguments& arguments) {
  const auto statement = MakeStatement(arguments.statement);
  if (!statement.ok()) return statement.status();
  const bool stored = arguments.statement.stored;
  if (stored && !statement->params.empty()) {
    return UsageError("a stored query takes parameters by name");
  }
  if (session->settings.curl) {
    return session->PrintCurl(stored ? CallForStored(arguments, *statement)
                                     : CallFor(arguments, *statement));
  }
  const auto result = Run(session, arguments, *statement);
  if (!result.ok()) {
    return WithExcerpt(result.status(), SqlExcerpt(result.status(), statement->sql));
  }
  if (!result->columns.empty()) return WriteRows(session, *result);
  if (session->as_json()) {
    std::string line = absl::StrCat(R"({"affectedCount":)", result->affected_count,
                                    R"(,"lastInsertRowid":)", result->last_insert_rowid);
    AppendCommitToken(result->commit_token, &line);
    session->output.Write(line + "}\n");
  } else {
    session->output.Write(absl::StrCat(
        result->affected_count, result->affected_count == 1 ? " row" : " rows", " affected\n"));
  }
  return absl::OkStatus();
}

}  // namespace sluice::cli
