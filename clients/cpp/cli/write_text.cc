#include "clients/cpp/cli/write_text.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cpp/cli/display.h"
#include "clients/cpp/cli/failure.h"
#include "clients/cpp/cli/json.h"
#include "clients/cpp/cli/natural_json.h"
#include "clients/cpp/cli/value_syntax.h"

namespace sluice::cli {
namespace {

struct NamedCount {
  const char* verb;
  const char* field;
  int64_t count;
};

// What the command is for is told when there is nothing else.
std::vector<NamedCount> CountsOf(const WriteResult& result, WriteVerb verb) {
  std::vector<NamedCount> counts;
  const bool none = result.inserted_count + result.updated_count + result.deleted_count == 0;
  const auto add = [&](const char* name, const char* field, int64_t count, WriteVerb its_verb) {
    if (count > 0 || (none && verb == its_verb)) counts.push_back({name, field, count});
  };
  add("inserted", "insertedCount", result.inserted_count, WriteVerb::kInsert);
  add("updated", "updatedCount", result.updated_count, WriteVerb::kUpdate);
  add("deleted", "deletedCount", result.deleted_count, WriteVerb::kDelete);
  if (result.ignored_count > 0) counts.push_back({"ignored", "ignoredCount", result.ignored_count});
  return counts;
}

}  // namespace

absl::StatusOr<Object> ParseObject(absl::string_view text) {
  const auto json = ParseJson(text);
  if (!json.ok()) return json.status();
  return ObjectFromJson(*json);
}

absl::StatusOr<Object> ParseAssignments(const std::vector<std::string>& assignments) {
  Object object;
  for (const std::string& text : assignments) {
    auto assignment = ParseAssignment(text);
    if (!assignment.ok()) return UsageError(assignment.status().message());
    const std::string name = assignment->first;
    if (!object.insert(*std::move(assignment)).second) {
      return UsageError(absl::StrCat("the column ", name, " is given twice"));
    }
  }
  return object;
}

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

void AppendOptions(const WriteOptions& options, std::string* body) {
  if (options.validate_only) absl::StrAppend(body, R"(,"validateOnly":true)");
  if (options.replicated) absl::StrAppend(body, R"(,"durability":"DURABILITY_REPLICATED")");
  if (options.request_id.empty()) return;
  absl::StrAppend(body, R"(,"requestId":)");
  AppendJsonText(options.request_id, body);
}

void WriteSummary(Session* session, const WriteResult& result, WriteVerb verb) {
  const std::vector<NamedCount> counts = CountsOf(result, verb);
  Output& out = session->output;
  if (session->as_json()) {
    std::string line = "{";
    for (const NamedCount& count : counts) {
      absl::StrAppend(&line, "\"", count.field, "\":", count.count, ",");
    }
    absl::StrAppend(&line, R"("keys":[)");
    for (size_t i = 0; i < result.keys.size(); ++i) {
      if (i > 0) line.push_back(',');
      AppendJsonText(result.keys[i], &line);
    }
    line.push_back(']');
    AppendCommitToken(result.commit_token, &line);
    out.Write(line + "}\n");
    return;
  }
  const auto words = [](std::string* text, const NamedCount& count) {
    absl::StrAppend(text, count.verb, " ", count.count, count.count == 1 ? " row" : " rows");
  };
  std::string line = absl::StrJoin(counts, ", ", words);
  if (!result.keys.empty()) {
    absl::StrAppend(&line, ": ", EscapeForTerminal(absl::StrJoin(result.keys, " ")));
  }
  out.Write(line + "\n");
}

void AppendCommitToken(const std::string& token, std::string* line) {
  if (token.empty()) return;
  absl::StrAppend(line, R"(,"commitToken":)");
  AppendJsonText(token, line);
}

InsertRequest::Conflict ConflictOf(const std::string& name) {
  if (name == "ignore") return InsertRequest::Conflict::kIgnore;
  if (name == "replace") return InsertRequest::Conflict::kReplace;
  if (name == "update") return InsertRequest::Conflict::kUpdate;
  return InsertRequest::Conflict::kAbort;
}

}  // namespace sluice::cli
