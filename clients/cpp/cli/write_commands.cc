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

bool ByFilter(const Matching& matching) { return !matching.filter.empty() || matching.all_rows; }

absl::StatusOr<Object> ValuesOf(const UpdateArguments& arguments) {
  std::vector<std::string> assignments = arguments.assignments;
  // Without a key the first of them stands in its place.
  if (ByFilter(arguments.matching) && !arguments.row.key.empty()) {
    assignments.insert(assignments.begin(), arguments.row.key);
  }
  if (assignments.empty() == arguments.object.empty()) {
    return UsageError("give the values as column=value … or as --json '{…}'");
  }
  if (arguments.object.empty()) return ParseAssignments(assignments);
  auto object = ParseObject(arguments.object);
  if (!object.ok()) return UsageError(absl::StrCat("--json: ", object.status().message()));
  return object;
}

void AppendMatching(const Matching& matching, std::string* body) {
  if (matching.all_rows) absl::StrAppend(body, R"("allRows":true)");
  if (!matching.filter.empty()) {
    absl::StrAppend(body, R"("filter":)");
    AppendJsonText(matching.filter, body);
  }
  if (matching.max_affected > 0) {
    absl::StrAppend(body, R"(,"maxAffected":)", matching.max_affected);
  }
  absl::StrAppend(body, R"(,"return":"RETURN_NONE")");
}

absl::Status PrintUpdateMatching(Session* session, const UpdateArguments& arguments,
                                 const Object& values) {
  std::string body = "{";
  AppendMatching(arguments.matching, &body);
  absl::StrAppend(&body, R"(,"objects":[)", ObjectJson(values), "]");
  AppendOptions(arguments.options, &body);
  return session->PrintCurl({.path = PathOfRows(arguments.row.database, arguments.row.table),
                             .verb = "update",
                             .body = body + "}",
                             .writes = true});
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
  std::string body = "{";
  if (ByFilter(arguments.matching)) {
    AppendMatching(arguments.matching, &body);
  } else {
    absl::StrAppend(&body, R"("keys":[)");
    for (const std::string& key : arguments.keys) {
      if (&key != &arguments.keys[0]) body.push_back(',');
      AppendJsonText(key, &body);
    }
    body.push_back(']');
  }
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

absl::Status UpdateMatching(Session* session, const UpdateArguments& arguments,
                            const Object& values) {
  if (!arguments.row.if_match.empty()) return UsageError("--if-match is the etag of one row");
  if (session->settings.curl) return PrintUpdateMatching(session, arguments, values);
  UpdateRequest request;
  request.database = arguments.row.database;
  request.table = arguments.row.table;
  request.objects = {values};
  request.returning = Return::kNothing;
  request.matching = arguments.matching;
  request.options = arguments.options;
  const auto result = session->client.UpdateRows(request);
  if (!result.ok()) return result.status();
  WriteSummary(session, *result, WriteVerb::kUpdate);
  return absl::OkStatus();
}

absl::Status CheckDelete(const DeleteArguments& arguments) {
  if (ByFilter(arguments.matching) != arguments.keys.empty()) {
    return UsageError("give the rows' keys, or --where, or --all");
  }
  if (!arguments.if_match.empty() && arguments.keys.size() != 1) {
    return UsageError("--if-match is the etag of one row");
  }
  if (arguments.matching.max_affected > 0 && !ByFilter(arguments.matching)) {
    return UsageError("--max goes with --where and --all");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Update(Session* session, const UpdateArguments& arguments) {
  const auto values = ValuesOf(arguments);
  if (!values.ok()) return values.status();
  if (ByFilter(arguments.matching)) return UpdateMatching(session, arguments, *values);
  if (arguments.row.key.empty()) return UsageError("give the row's key, or --where, or --all");
  if (arguments.matching.max_affected > 0) return UsageError("--max goes with --where and --all");
  if (session->settings.curl) return PrintUpdate(session, arguments, *values);
  const auto result = session->client.UpdateRow(arguments.row, *values, arguments.options);
  if (!result.ok()) return result.status();
  WriteSummary(session, *result, WriteVerb::kUpdate);
  return absl::OkStatus();
}

absl::Status Delete(Session* session, const DeleteArguments& arguments) {
  if (auto status = CheckDelete(arguments); !status.ok()) return status;
  if (session->settings.curl) return PrintDelete(session, arguments);
  if (!arguments.if_match.empty()) {
    auto result = session->client.DeleteRow({.database = arguments.database,
                                             .table = arguments.table,
                                             .key = arguments.keys[0],
                                             .if_match = arguments.if_match},
                                            arguments.options);
    if (!result.ok()) return result.status();
    // The caller has named it.
    result->keys.clear();
    WriteSummary(session, *result, WriteVerb::kDelete);
    return absl::OkStatus();
  }
  const auto result = session->client.DeleteRows({.database = arguments.database,
                                                  .table = arguments.table,
                                                  .keys = arguments.keys,
                                                  .matching = arguments.matching,
                                                  .allow_missing = arguments.allow_missing,
                                                  .options = arguments.options});
  if (!result.ok()) return result.status();
  WriteSummary(session, *result, WriteVerb::kDelete);
  return absl::OkStatus();
}

}  // namespace sluice::cli
