// `update` and `delete`.
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/cli/commands.h"
#include "clients/cpp/cli/failure.h"
#include "clients/cpp/cli/json.h"
#include "clients/cpp/cli/natural_json.h"
#include "clients/cpp/cli/write_text.h"

namespace sluice::cli {
namespace {

std::vector<std::string> PathOfRows(const std::string& database, const std::string& table) {
  return {"v1", "databases", database, "tables", table, "rows"};
}

absl::StatusOr<Object> ValuesOf(const UpdateArguments& arguments) {
  if (arguments.assignments.empty() == arguments.object.empty()) {
    return UsageError("give the values as column=value … or as --json '{…}'");
  }
  if (arguments.object.empty()) return ParseAssignments(arguments.assignments);
  auto object = ParseObject(arguments.object);
  if (!object.ok()) return UsageError(absl::StrCat("--json: ", object.status().message()));
  return object;
}

absl::Status PrintUpdate(Session* session, const UpdateArguments& arguments, const Object& values) {
  std::string body = absl::StrCat(R"({"object":)", ObjectJson(values));
  if (!arguments.row.if_match.empty()) {
    absl::StrAppend(&body, R"(,"ifMatch":)");
    AppendJsonText(arguments.row.if_match, &body);
  }
  AppendOptions(arguments.options, &body);
  auto path = PathOfRows(arguments.row.database, arguments.row.table);
  path.push_back(arguments.row.key);
  return session->PrintCurl(
      {.path = std::move(path), .body = body + "}", .method = "PATCH", .writes = true});
}

absl::Status PrintDelete(Session* session, const DeleteArguments& arguments) {
  std::string body = R"({"keys":[)";
  for (const std::string& key : arguments.keys) {
    if (&key != &arguments.keys[0]) body.push_back(',');
    AppendJsonText(key, &body);
  }
  body.push_back(']');
  if (!arguments.if_match.empty()) {
    absl::StrAppend(&body, R"(,"etags":[)");
    AppendJsonText(arguments.if_match, &body);
    body.push_back(']');
  }
  if (arguments.allow_missing) absl::StrAppend(&body, R"(,"allowMissing":true)");
  AppendOptions(arguments.options, &body);
  return session->PrintCurl({.path = PathOfRows(arguments.database, arguments.table),
                             .verb = "delete",
                             .body = body + "}",
                             .writes = true});
}

}  // namespace

absl::Status Update(Session* session, const UpdateArguments& arguments) {
  const auto values = ValuesOf(arguments);
  if (!values.ok()) return values.status();
  if (session->settings.curl) return PrintUpdate(session, arguments, *values);
  const auto row = session->client.UpdateRow(arguments.row, *values, arguments.options);
  if (!row.ok()) return row.status();
  WriteResult result;
  result.updated_count = 1;
  result.keys = {row->row.key};
  WriteSummary(session, result, Verb::kUpdate);
  return absl::OkStatus();
}

absl::Status Delete(Session* session, const DeleteArguments& arguments) {
  if (!arguments.if_match.empty() && arguments.keys.size() != 1) {
    return UsageError("--if-match is the etag of one row");
  }
  if (session->settings.curl) return PrintDelete(session, arguments);
  if (!arguments.if_match.empty()) {
    const absl::Status status = session->client.DeleteRow({.database = arguments.database,
                                                           .table = arguments.table,
                                                           .key = arguments.keys[0],
                                                           .if_match = arguments.if_match},
                                                          arguments.options);
    if (!status.ok()) return status;
    WriteResult result;
    result.deleted_count = 1;
    WriteSummary(session, result, Verb::kDelete);
    return absl::OkStatus();
  }
  const auto result = session->client.DeleteRows({.database = arguments.database,
                                                  .table = arguments.table,
                                                  .keys = arguments.keys,
                                                  .allow_missing = arguments.allow_missing,
                                                  .options = arguments.options});
  if (!result.ok()) return result.status();
  WriteSummary(session, *result, Verb::kDelete);
  return absl::OkStatus();
}

}  // namespace sluice::cli
