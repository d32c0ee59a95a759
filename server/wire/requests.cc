#include "server/wire/requests.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"

namespace sluice::wire {
namespace {

using engine::QuerySpec;

absl::Status CheckSql(absl::string_view sql) {
  if (sql.empty()) return BadField("sql", "is empty");
  if (sql.size() > limits::kSqlBytesMax) {
    return WithMetadata(
        WithField(Error(absl::StatusCode::kResourceExhausted, reason::kLimit,
                        absl::StrCat("sql: is longer than ", limits::kSqlBytesMax, " bytes")),
                  "sql", "is too long"),
        "limit", absl::StrCat(limits::kSqlBytesMax));
  }
  // SQLite would end the statement there and ignore the rest.
  if (sql.find('\0') != absl::string_view::npos) return BadField("sql", "holds a NUL character");
  return absl::OkStatus();
}

absl::Status CheckParameterCount(size_t count) {
  if (count <= static_cast<size_t>(limits::kParametersMax)) return absl::OkStatus();
  return BadField("params", absl::StrCat("at most ", limits::kParametersMax, " are allowed"));
}

// The fields that all requests with a statement and typed parameters share.
template <typename Request>
absl::StatusOr<ParsedQuery> ParseTyped(const Request& request) {
  RETURN_IF_ERROR(CheckSql(request.sql()));
  ParsedQuery query;
  query.spec.sql = request.sql();
  if (request.params_size() > 0 && !request.named_params().empty()) {
    return BadField("named_params", "parameters come by position or by name, not both");
  }
  RETURN_IF_ERROR(CheckParameterCount(static_cast<size_t>(request.params_size()) +
                                      request.named_params().size()));
  for (int i = 0; i < request.params_size(); ++i) {
    ASSIGN_OR_RETURN(const auto value,
                     ParseValue(request.params(i), absl::StrCat("params[", i, "]")));
    query.spec.parameters.push_back({.name = {}, .value = value});
  }
  for (const auto& [name, typed] : request.named_params()) {
    const std::string field = absl::StrCat("named_params[", name, "]");
    if (name.empty()) return BadField("named_params", "a name is empty");
    ASSIGN_OR_RETURN(const auto value, ParseValue(typed, field));
    query.spec.parameters.push_back({.name = name, .value = value});
  }
  if constexpr (requires { request.layout(); }) {
    if (!v1::RowLayout_IsValid(request.layout())) {
      return BadField("layout", "is not one of ROW_LAYOUT_ROWS, ROW_LAYOUT_COLUMNS");
    }
    query.layout = request.layout();
  }
  return query;
}

absl::Status ParseNaturalParameters(const google::protobuf::Value& params, ParsedQuery* query) {
  if (params.kind_case() == google::protobuf::Value::kListValue) {
    const auto& list = params.list_value().values();
    RETURN_IF_ERROR(CheckParameterCount(static_cast<size_t>(list.size())));
    for (int i = 0; i < list.size(); ++i) {
      ASSIGN_OR_RETURN(const auto value,
                       query->values->Parse(list[i], absl::StrCat("params[", i, "]")));
      query->spec.parameters.push_back({.name = {}, .value = value});
    }
    return absl::OkStatus();
  }
  if (params.kind_case() != google::protobuf::Value::kStructValue) {
    return BadField("params", "must be a JSON array or a JSON object");
  }
  RETURN_IF_ERROR(CheckParameterCount(params.struct_value().fields().size()));
  for (const auto& [name, natural] : params.struct_value().fields()) {
    if (name.empty()) return BadField("params", "a name is empty");
    ASSIGN_OR_RETURN(const auto value,
                     query->values->Parse(natural, absl::StrCat("params.", name)));
    query->spec.parameters.push_back({.name = name, .value = value});
  }
  return absl::OkStatus();
}

template <typename Request>
absl::StatusOr<engine::PageSpec> ParsePageOf(const Request& request, const PageTokens& tokens,
                                             absl::string_view scope) {
  engine::PageSpec spec;
  spec.table = request.table();
  spec.bytes_max = limits::kPageBytesMax;
  ASSIGN_OR_RETURN(spec.rows_max, ParsePageSize(request.page_size(), limits::kPageRowsDefault,
                                                limits::kPageRowsMax));
  if (!request.page_token().empty()) {
    ASSIGN_OR_RETURN(spec.after, tokens.OpenPosition(scope, request.page_token()));
  }
  return spec;
}

}  // namespace

absl::StatusOr<ParsedQuery> ParseQuery(const v1::QueryRequest& request) {
  ASSIGN_OR_RETURN(ParsedQuery query, ParseTyped(request));
  if (request.max_rows() < 0) return BadField("max_rows", "is negative");
  query.rows_max = request.max_rows() == 0
                       ? limits::kPageRowsMax
                       : std::min<int64_t>(request.max_rows(), limits::kPageRowsMax);
  return query;
}

absl::StatusOr<ParsedQuery> ParseQuery(const v1::StreamQueryRequest& request) {
  return ParseTyped(request);
}

absl::StatusOr<ParsedQuery> ParseQuery(const v1::ExportQueryRequest& request) {
  RETURN_IF_ERROR(CheckSql(request.sql()));
  ParsedQuery query;
  query.spec.sql = request.sql();
  query.values = std::make_unique<NaturalValues>();
  if (request.has_params()) RETURN_IF_ERROR(ParseNaturalParameters(request.params(), &query));
  return query;
}

absl::StatusOr<ParsedQuery> ParseStatement(const v1::ExecuteRequest& request) {
  return ParseTyped(request);
}

absl::StatusOr<ParsedQuery> ParseStatement(const v1::Statement& statement) {
  return ParseTyped(statement);
}

absl::StatusOr<int64_t> ParsePageSize(int32_t page_size, int64_t default_size, int64_t size_max) {
  if (page_size < 0) return BadField("page_size", "is negative");
  return page_size == 0 ? default_size : std::min<int64_t>(page_size, size_max);
}

absl::StatusOr<engine::PageSpec> ParsePage(const v1::ListRowsRequest& request,
                                           const PageTokens& tokens, absl::string_view scope) {
  return ParsePageOf(request, tokens, scope);
}

absl::StatusOr<engine::PageSpec> ParsePage(const v1::BrowseRowsRequest& request,
                                           const PageTokens& tokens, absl::string_view scope) {
  return ParsePageOf(request, tokens, scope);
}

}  // namespace sluice::wire
