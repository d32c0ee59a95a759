// From requests to the engine's words: all validation of what callers send, once. What is returned
// holds views into the request, which must live as long as the work. Errors are INVALID_ARGUMENT
// (BAD_REQUEST) and name the field.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/engine/commit_sequence.h"
#include "server/engine/query.h"
#include "server/engine/stored_query.h"
#include "server/wire/page_token.h"
#include "server/wire/text_encoder.h"
#include "server/wire/values.h"
#include "sluice/v1/execute.pb.h"
#include "sluice/v1/query.pb.h"
#include "sluice/v1/row.pb.h"

namespace sluice::wire {

struct ParsedQuery {
  engine::QuerySpec spec;
  // What `spec` points to besides the request.
  std::unique_ptr<NaturalValues> values;
  std::unique_ptr<engine::StoredParameters> source;
  int64_t rows_max = 0;
  v1::RowLayout layout = v1::ROW_LAYOUT_ROWS;
  // What resume tokens are bound to; empty where there are none.
  std::string resume_scope;
};
absl::StatusOr<ParsedQuery> ParseQuery(const v1::QueryRequest& request);
// `caller` is the name that resume tokens are bound to.
absl::StatusOr<ParsedQuery> ParseQuery(const v1::StreamQueryRequest& request,
                                       const PageTokens& tokens, absl::string_view caller);
absl::StatusOr<ParsedQuery> ParseQuery(const v1::ExportQueryRequest& request);
// `stored` must live as long as the work.
absl::StatusOr<ParsedQuery> ParseQuery(const v1::RunQueryRequest& request,
                                       const engine::StoredQuery& stored, engine::CallFacts facts);
absl::StatusOr<ParsedQuery> ParseQuery(const v1::ExportStoredQueryRequest& request,
                                       const engine::StoredQuery& stored, engine::CallFacts facts);

// What a message's `resume_token` is.
std::string MakeResumeToken(const PageTokens& tokens, absl::string_view scope,
                            const engine::ResumePoint& point);

// A statement's text: there, not too long, without what SQLite would take for its end.
absl::Status CheckSql(absl::string_view sql);

// The names of other databases that a statement reads beside its request's own. RESOURCE_EXHAUSTED
// (LIMIT) for too many, else BAD_REQUEST for `databases`.
absl::Status CheckDatabases(absl::string_view own, const std::vector<std::string>& others);

// One statement that writes.
absl::StatusOr<ParsedQuery> ParseStatement(const v1::ExecuteRequest& request);
absl::StatusOr<ParsedQuery> ParseStatement(const v1::Statement& statement);

// The `min_commit_token` of a read.
absl::StatusOr<engine::CommitToken> ParseMinCommitToken(absl::string_view token);

// A page_size of a request: 0 means `default_size`, more than `size_max` means that.
absl::StatusOr<int64_t> ParsePageSize(int32_t page_size, int64_t default_size, int64_t size_max);

}  // namespace sluice::wire
