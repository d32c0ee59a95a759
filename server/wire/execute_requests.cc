#include "server/wire/execute_requests.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/wire/proto_writer.h"
#include "server/wire/requests.h"
#include "server/wire/rows_encoder.h"
#include "server/wire/write_requests.h"
#include "server/wire/write_result.h"

namespace sluice::wire {
namespace {

static_assert(kWriteColumnsField == v1::ExecuteResponse::kColumnsFieldNumber);
static_assert(kWriteRowsField == v1::StatementResult::kRowsFieldNumber);
static_assert(kWriteCommitTokenField == v1::BatchExecuteResponse::kCommitTokenFieldNumber);
static_assert(kWriteReplayedField == v1::ExecuteResponse::kReplayedFieldNumber);
static_assert(kWriteReplayedField == v1::RunQueryResponse::kReplayedFieldNumber);

// Where a message says what a statement did.
struct ResultFields {
  int truncated;
  int affected_count;
  int last_insert_rowid;
};
constexpr ResultFields kResultFields = {v1::ExecuteResponse::kTruncatedFieldNumber,
                                        v1::ExecuteResponse::kAffectedCountFieldNumber,
                                        v1::ExecuteResponse::kLastInsertRowidFieldNumber};
constexpr ResultFields kStoredQueryFields = {v1::RunQueryResponse::kTruncatedFieldNumber,
                                             v1::RunQueryResponse::kAffectedCountFieldNumber,
                                             v1::RunQueryResponse::kLastInsertRowidFieldNumber};

template <typename Request>
absl::Status AddStatement(const Request& request, ParsedExecute* execute) {
  ASSIGN_OR_RETURN(ParsedQuery query, ParseStatement(request));
  if (request.max_rows() < 0) return BadField("max_rows", "is negative");
  execute->sinks.push_back(std::make_unique<RowsEncoder>(kWriteColumnsField, kWriteRowsField));
  execute->spec.statements.push_back(
      {.query = std::move(query.spec),
       .rows_max = request.max_rows() == 0
                       ? limits::kPageRowsMax
                       : std::min<int64_t>(request.max_rows(), limits::kPageRowsMax),
       .sink = execute->sinks.back().get()});
  return absl::OkStatus();
}

template <typename Request>
absl::Status SetOptions(const Request& request, ParsedExecute* execute) {
  execute->spec.options.bytes = request.ByteSizeLong();
  execute->spec.options.validate_only = request.validate_only();
  ASSIGN_OR_RETURN(execute->spec.options.durability, ParseDurability(request.durability()));
  return absl::OkStatus();
}

void AppendResult(Buffer& out, MessageEncoder& rows, const engine::StatementOutcome& outcome,
                  const ResultFields& fields) {
  rows.EndRows();
  out.Append(rows.view());
  PutBool(out, fields.truncated, outcome.truncated);
  PutInt64(out, fields.affected_count, outcome.affected_count);
  PutInt64(out, fields.last_insert_rowid, outcome.last_insert_rowid);
}

}  // namespace

absl::StatusOr<ParsedExecute> ParseExecute(const v1::ExecuteRequest& request) {
  ParsedExecute execute;
  RETURN_IF_ERROR(SetOptions(request, &execute));
  RETURN_IF_ERROR(AddStatement(request, &execute));
  return execute;
}

absl::StatusOr<ParsedExecute> ParseExecute(const v1::BatchExecuteRequest& request) {
  ParsedExecute execute;
  execute.answer = ParsedExecute::Answer::kBatch;
  RETURN_IF_ERROR(SetOptions(request, &execute));
  if (request.statements_size() == 0) return BadField("statements", "there is no statement");
  if (request.statements_size() > limits::kCommitPartsMax) {
    return BadField("statements",
                    absl::StrCat("at most ", limits::kCommitPartsMax, " are allowed"));
  }
  for (int i = 0; i < request.statements_size(); ++i) {
    const absl::Status status = AddStatement(request.statements(i), &execute);
    if (!status.ok()) return WithMetadata(status, "statement", absl::StrCat(i));
  }
  return execute;
}

absl::StatusOr<ParsedExecute> ParseExecute(const v1::RunQueryRequest& request,
                                           const engine::StoredQuery& stored,
                                           engine::CallFacts facts) {
  ParsedExecute execute;
  execute.answer = ParsedExecute::Answer::kStoredQuery;
  RETURN_IF_ERROR(SetOptions(request, &execute));
  ASSIGN_OR_RETURN(ParsedQuery query, ParseQuery(request, stored, std::move(facts)));
  execute.source = std::move(query.source);
  execute.sinks.push_back(
      MakeEncoder(query.layout, {.columns = v1::RunQueryResponse::kColumnsFieldNumber,
                                 .rows = v1::RunQueryResponse::kRowsFieldNumber,
                                 .packed = v1::RunQueryResponse::kPackedFieldNumber}));
  execute.spec.statements.push_back({.query = std::move(query.spec),
                                     .rows_max = query.rows_max,
                                     .sink = execute.sinks.back().get()});
  return execute;
}

Buffer MakeAnswer(const ParsedExecute& execute, const engine::ExecuteOutcome& outcome) {
  Buffer answer;
  if (execute.answer != ParsedExecute::Answer::kBatch) {
    const bool stored = execute.answer == ParsedExecute::Answer::kStoredQuery;
    AppendResult(answer, *execute.sinks[0], outcome.results[0],
                 stored ? kStoredQueryFields : kResultFields);
    return answer;
  }
  for (size_t i = 0; i < outcome.results.size(); ++i) {
    Buffer result;
    AppendResult(result, *execute.sinks[i], outcome.results[i], kResultFields);
    PutBytes(answer, v1::BatchExecuteResponse::kResultsFieldNumber, result.view());
  }
  return answer;
}

Buffer MakeWholeAnswer(const ParsedExecute& execute, const engine::ExecuteOutcome& outcome) {
  return FinishAnswer(
      outcome.replayed_response.has_value() ? Buffer() : MakeAnswer(execute, outcome),
      outcome.replayed_response, outcome.commit_token,
      execute.answer == ParsedExecute::Answer::kStoredQuery
          ? v1::RunQueryResponse::kCommitTokenFieldNumber
          : kWriteCommitTokenField);
}

}  // namespace sluice::wire
