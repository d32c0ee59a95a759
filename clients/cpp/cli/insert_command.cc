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

std::string ObjectJson(const Object& object) {
  std::string json = "{";
  for (const auto& [name, value] : object) {
    if (json.size() > 1) json.push_back(',');
    AppendJsonText(name, &json);
    json.push_back(':');
    AppendTaggedJson(value, &json);
  }
  return json + "}";
}

absl::Status PrintCall(Session* session, const InsertArguments& arguments,
                       const std::vector<Object>& objects) {
  std::string body = R"({"objects":[)";
  for (size_t i = 0; i < objects.size(); ++i) {
    absl::StrAppend(&body, i == 0 ? "" : ",", ObjectJson(objects[i]));
  }
  return session->PrintCurl(
      {.path = {"v1", "databases", arguments.database, "tables", arguments.table, "rows"},
       .verb = "insert",
       .body = body + "]}",
       .writes = true});
}

absl::StatusOr<InsertResult> Send(Session* session, const InsertArguments& arguments,
                                  std::vector<Object> objects, InsertRequest::Return returning) {
  InsertRequest request;
  request.database = arguments.database;
  request.table = arguments.table;
  request.objects = std::move(objects);
  request.returning = returning;
  return session->client.InsertRows(request);
}

void WriteResult(Session* session, int64_t count, const std::vector<std::string>& keys) {
  Output& out = session->output;
  if (session->as_json()) {
    std::string line = absl::StrCat(R"({"insertedCount":)", count, R"(,"keys":[)");
    for (size_t i = 0; i < keys.size(); ++i) {
      if (i > 0) line.push_back(',');
      AppendJsonText(keys[i], &line);
    }
    out.Write(line + "]}\n");
    return;
  }
  out.Write(absl::StrCat("inserted ", count, count == 1 ? " row" : " rows"));
  // Keys are made of letters, digits and a few signs.
  for (const std::string& key : keys) out.Write(absl::StrCat(&key == &keys[0] ? ": " : " ", key));
  out.Write("\n");
}

absl::Status InsertObjects(Session* session, const InsertArguments& arguments,
                           std::vector<Object> objects) {
  if (session->settings.curl) return PrintCall(session, arguments, objects);
  const auto result = Send(session, arguments, std::move(objects), InsertRequest::Return::kKeys);
  if (!result.ok()) return result.status();
  WriteResult(session, result->inserted_count, result->keys);
  return absl::OkStatus();
}

absl::StatusOr<Object> ParseObject(absl::string_view text) {
  const auto json = ParseJson(text);
  if (!json.ok()) return json.status();
  return ObjectFromJson(*json);
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
    if (!session_->settings.curl) WriteResult(session_, inserted_, {});
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
    const auto result =
        Send(session_, *arguments_, std::move(batch.objects), InsertRequest::Return::kNothing);
    if (!result.ok()) return Located(result.status());
    inserted_ += result->inserted_count;
    return absl::OkStatus();
  }

  // An error must say what is in the database already.
  absl::Status Located(const absl::Status& status) const {
    if (inserted_ > 0) Note(absl::StrCat(inserted_, " rows before it were inserted"));
    return status;
  }

  Session* const session_;
  const InsertArguments* const arguments_;
  Batch batch_;
  int64_t inserted_ = 0;
};

}  // namespace

absl::Status Insert(Session* session, const InsertArguments& arguments) {
  const bool from_input = arguments.assignments.size() == 1 && arguments.assignments[0] == "-";
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
  Object assigned;
  for (const std::string& text : arguments.assignments) {
    auto assignment = ParseAssignment(text);
    if (!assignment.ok()) return UsageError(assignment.status().message());
    const std::string name = assignment->first;
    if (!assigned.insert(*std::move(assignment)).second) {
      return UsageError(absl::StrCat("the column ", name, " is given twice"));
    }
  }
  if (!assigned.empty()) objects.push_back(std::move(assigned));
  return InsertObjects(session, arguments, std::move(objects));
}

}  // namespace sluice::cli
