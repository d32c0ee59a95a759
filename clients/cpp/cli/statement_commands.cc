// Stored queries and statements: ls --queries, describe --sql.
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "clients/cpp/cli/commands.h"
#include "clients/cpp/cli/failure.h"
#include "clients/cpp/cli/message_writer.h"
#include "clients/cpp/cli/natural_json.h"

namespace sluice::cli {
namespace {

std::string ParametersText(const v1::StoredQuery& query) {
  return absl::StrJoin(query.parameters(), ", ", [](std::string* out, const auto& parameter) {
    absl::StrAppend(out, parameter.name(), " ",
                    absl::AsciiStrToLower(absl::StripPrefix(
                        v1::StoredQueryParameter::Type_Name(parameter.type()), "TYPE_")));
  });
}

void WriteTouched(Session* session, const v1::TouchedTable& table) {
  std::string text = table.name();
  const auto add = [&](absl::string_view word, const auto& columns) {
    absl::StrAppend(&text, " ", word);
    if (!columns.empty()) absl::StrAppend(&text, "(", absl::StrJoin(columns, ", "), ")");
  };
  if (!table.database().empty()) text = absl::StrCat(table.database(), ".", text);
  const bool changes = table.inserts() || table.updates() || table.deletes();
  if (!changes || !table.columns_read().empty()) add("reads", table.columns_read());
  if (table.inserts()) add("inserts", std::vector<std::string>());
  if (table.updates()) add("updates", table.columns_updated());
  if (table.deletes()) add("deletes", std::vector<std::string>());
  WriteFact(session, "table", text);
}

void WritePlan(Session* session, const v1::PlanNode& node, int depth) {
  WriteFact(session, depth == 0 ? "plan" : "",
            absl::StrCat(std::string(static_cast<size_t>(2 * depth), ' '), node.detail()));
  for (const v1::PlanNode& child : node.children()) WritePlan(session, child, depth + 1);
}

void WriteDescription(Session* session, const v1::DescribeResponse& description) {
  WriteFact(session, "read only", description.read_only() ? "yes" : "no");
  for (int i = 0; i < description.parameters_size(); ++i) {
    const std::string& name = description.parameters(i).name();
    WriteFact(session, "parameter", name.empty() ? absl::StrCat(i + 1) : name);
  }
  for (const v1::ResultColumn& column : description.columns()) {
    const std::string origin =
        column.table().empty()
            ? ""
            : absl::StrCat(" from ", column.database(), column.database().empty() ? "" : ".",
                           column.table(), ".", column.column());
    WriteFact(session, "column", absl::StrCat(column.name(), origin));
  }
  for (const v1::TouchedTable& table : description.tables()) WriteTouched(session, table);
  for (const v1::PlanNode& node : description.plan()) WritePlan(session, node, 0);
}

}  // namespace

absl::Status LsQueries(Session* session, const std::string& database) {
  if (database.empty()) return UsageError("--queries needs a database");
  if (session->settings.curl) {
    return session->PrintCurl({.path = {"v1", "databases", database, "queries"}});
  }
  const auto queries = session->client.ListQueries(database);
  if (!queries.ok()) return queries.status();
  if (session->as_json()) {
    WriteJsonList(session, "queries", *queries);
    return absl::OkStatus();
  }
  const auto writer = session->MakeWriter();
  const std::vector<Column> columns = {
      {"query", ""}, {"title", ""}, {"writes", ""}, {"parameters", ""}};
  if (auto status = writer->Begin(columns); !status.ok()) return status;
  for (const v1::StoredQuery& query : *queries) {
    writer->Add(
        {query.name(), query.about().title(), query.writes() ? "yes" : "", ParametersText(query)});
  }
  writer->End(false);
  return absl::OkStatus();
}

absl::Status DescribeStatement(Session* session, const DescribeArguments& arguments) {
  if (session->settings.curl) {
    std::string body = R"({"sql":)";
    AppendJsonText(arguments.sql, &body);
    for (size_t i = 0; i < arguments.databases.size(); ++i) {
      body.append(i == 0 ? R"(,"databases":[)" : ",");
      AppendJsonText(arguments.databases[i], &body);
    }
    if (!arguments.databases.empty()) body.push_back(']');
    return session->PrintCurl(
        {.path = {"v1", "databases", arguments.database}, .verb = "describe", .body = body + "}"});
  }
  const auto description =
      session->client.DescribeStatement(arguments.database, arguments.sql, arguments.databases);
  if (!description.ok()) {
    return WithExcerpt(description.status(), SqlExcerpt(description.status(), arguments.sql));
  }
  if (session->as_json()) {
    session->output.Write(ToJson(*description) + "\n");
  } else {
    WriteDescription(session, *description);
  }
  return absl::OkStatus();
}

}  // namespace sluice::cli
