// How the writing commands read what they are given and tell what was done.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "clients/cpp/cli/session.h"
#include "clients/cpp/value.h"

namespace sluice::cli {

// A natural JSON object. INVALID_ARGUMENT.
absl::StatusOr<Object> ParseObject(absl::string_view text);
// `column=value` each, no column twice. INVALID_ARGUMENT, as a usage error.
absl::StatusOr<Object> ParseAssignments(const std::vector<std::string>& assignments);

// The object as natural JSON that is exact.
std::string ObjectJson(const Object& object);
// `,"validateOnly":true,"requestId":"…"`, as far as they are given.
void AppendOptions(const WriteOptions& options, std::string* body);

// What a command is for: its count is told even when it is 0.
enum class WriteVerb { kInsert, kUpdate, kDelete };

// One line: `inserted 2 rows: 1 2`, or as JSON `{"insertedCount":2,"keys":["1","2"]}`.
void WriteSummary(Session* session, const WriteResult& result, WriteVerb verb = WriteVerb::kInsert);

// `,"commitToken":"…"`, for --at-least; nothing without a token.
void AppendCommitToken(const std::string& token, std::string* line);

// abort, ignore, replace or update.
InsertRequest::Conflict ConflictOf(const std::string& name);

}  // namespace sluice::cli
