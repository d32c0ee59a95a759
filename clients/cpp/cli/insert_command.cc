#include <algorithm>
#include <iostream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/cli/commands.h"
#include "clients/cpp/cli/failure.h"
#include "clients/cpp/cli/json.h"
#include "clients/cpp/cli/natural_json.h"
#include "clients/cpp/cli/value_syntax.h"
#include "clients/cpp/cli/write_text.h"

namespace sluice::cli {
namespace {

// What goes into one request from the standard input: each is one transaction, and a request may
// hold 4 MiB.
constexpr size_t kBatchRowsMax = 1'000;
constexpr size_t kBatchBytesMax = size_t{1} << 20;

struct Batch {
  std::vector<Object> objects;
  size_t bytes = 0;
};

// `,"field":["name",…]`; nothing without names.
void AppendNames(absl::string_view field, const std::vector<std::string>& names,
                 std::string* body) {
  if (field.empty() || names.empty()) return;
  absl::StrAppend(body, ",\"", field, "\":[");
  for (const std::string& name : names) {
    if (&name != &names[0]) body->push_back(',');
    AppendJsonText(name, body);
  }
  body->push_back(']');
}

absl::Status PrintCall(Session* session, const InsertArguments& arguments,
                       const std::vector<Object>& objects) {
  std::string body = R"({"objects":[)";
  for (size_t i = 0; i < objects.size(); ++i) {
    absl::StrAppend(&body, i == 0 ? "" : ",", ObjectJson(objects[i]));
  }
  body.push_back(']');
  AppendNames(arguments.upsert ? "target" : "", arguments.target, &body);
  if (arguments.on_conflict != "abort") {
    absl::StrAppend(&body, R"(,"onConflict":{"action":"ACTION_)",
                    absl::AsciiStrToUpper(arguments.on_conflict), "\"");
    AppendNames("target", arguments.target, &body);
    body.push_back('}');
  }
  AppendOptions(arguments.options, &body);
  return session->PrintCurl(
      {.path = {"v1", "databases", arguments.database, "tables", arguments.table, "rows"},
       .verb = arguments.upsert ? "upsert" : "insert",
       .body = body + "}",
       .writes = true});
}

void SetRows(const InsertArguments& arguments, std::vector<Object> objects, Return returning,
             RowsGiven* given) {
  given->database = arguments.database;
  given->table = arguments.table;
  given->objects = std::move(objects);
  given->returning = returning;
  given->options = arguments.options;
}

absl::StatusOr<WriteResult> Send(Session* session, const InsertArguments& arguments,
                                 std::vector<Object> objects, Return returning) {
  if (arguments.upsert) {
    UpsertRequest request;
    SetRows(arguments, std::move(objects), returning, &request);
    request.target = arguments.target;
    return session->client.UpsertRows(request);
  }
  InsertRequest request;
  SetRows(arguments, std::move(objects), returning, &request);
  request.conflict = ConflictOf(arguments.on_conflict);
  request.target = arguments.target;
  return session->client.InsertRows(request);
}

absl::Status InsertObjects(Session* session, const InsertArguments& arguments,
                           std::vector<Object> objects) {
  if (session->settings.curl) return PrintCall(session, arguments, objects);
  const auto result = Send(session, arguments, std::move(objects), Return::kKeys);
  if (!result.ok()) return result.status();
  WriteSummary(session, *result, WriteVerb::kInsert);
  return absl::OkStatus();
}

// Sends the lines of the standard input batch by batch.
class LineInserter {
 public:
  LineInserter(Session* session, const InsertArguments* arguments)
      : session_(session), arguments_(arguments) {}

  absl::Status Run() {
    std::string line;
    for (int64_t number = 1; std::getline(std::cin, line); ++number) {
      if (auto status = Take(line, number); !status.ok()) return status;
    }
    if (std::cin.bad()) return absl::UnknownError("cannot read the standard input");
    if (auto status = Flush(); !status.ok()) return status;
    if (!session_->settings.curl) WriteSummary(session_, written_, WriteVerb::kInsert);
    return absl::OkStatus();
  }

 private:
  absl::Status Take(absl::string_view line, int64_t number) {
    if (absl::StripAsciiWhitespace(line).empty()) return absl::OkStatus();
    auto object = ParseObject(line);
    if (!object.ok()) {
      return Located(UsageError(absl::StrCat("line ", number, ": ", object.status().message())));
    }
    const bool full = batch_.objects.size() == kBatchRowsMax ||
                      (batch_.bytes + line.size() > kBatchBytesMax && !batch_.objects.empty());
    if (full) {
      if (auto status = Flush(); !status.ok()) return status;
    }
    batch_.bytes += line.size();
    batch_.objects.push_back(*std::move(object));
    return absl::OkStatus();
  }

  absl::Status Flush() {
    if (batch_.objects.empty()) return absl::OkStatus();
    Batch batch = std::exchange(batch_, Batch());
    if (session_->settings.curl) return PrintCall(session_, *arguments_, batch.objects);
    const auto result = Send(session_, *arguments_, std::move(batch.objects), Return::kNothing);
    if (!result.ok()) return Located(result.status());
    written_.inserted_count += result->inserted_count;
    written_.updated_count += result->updated_count;
    written_.ignored_count += result->ignored_count;
    written_.commit_token = result->commit_token;
    return absl::OkStatus();
  }

  // An error must say what is in the database already.
  absl::Status Located(const absl::Status& status) const {
    const int64_t count = written_.inserted_count + written_.updated_count;
    if (count > 0) Note(absl::StrCat(count, " rows before it were written"));
    return status;
  }

  Session* const session_;
  const InsertArguments* const arguments_;
  Batch batch_;
  WriteResult written_;
};

}  // namespace

absl::Status Insert(Session* session, const InsertArguments& arguments) {
  const bool from_input = arguments.assignments.size() == 1 && arguments.assignments[0] == "-";
  if (from_input && !arguments.options.request_id.empty()) {
    return UsageError("--request-id is for one request, and lines of - may become several");
  }
  if (arguments.assignments.empty() == arguments.objects.empty()) {
    return UsageError("give the row as column=value …, as --json '{…}', or - for NDJSON on stdin");
  }
  if (from_input) return LineInserter(session, &arguments).Run();
  std::vector<Object> objects;
  for (const std::string& text : arguments.objects) {
    auto object = ParseObject(text);
    if (!object.ok()) return UsageError(absl::StrCat("--json: ", object.status().message()));
    objects.push_back(*std::move(object));
  }
  if (!arguments.assignments.empty()) {
    auto assigned = ParseAssignments(arguments.assignments);
    if (!assigned.ok()) return assigned.status();
    objects.push_back(*std::move(assigned));
  }
  return InsertObjects(session, arguments, std::move(objects));
}

}  // namespace sluice::cli
