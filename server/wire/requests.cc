#include "server/wire/requests.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"

namespace sluice::wire {
namespace {

using engine::QuerySpec;

absl::Status CheckParameterCount(size_t count) {
  if (count <= static_cast<size_t>(limits::kParametersMax)) return absl::OkStatus();
  return BadField("params", absl::StrCat("at most ", limits::kParametersMax, " are allowed"));
}

absl::Status SetLayout(v1::RowLayout layout, ParsedQuery* query) {
  if (!v1::RowLayout_IsValid(layout)) {
    return BadField("layout", "is not one of ROW_LAYOUT_ROWS, ROW_LAYOUT_COLUMNS");
  }
  query->layout = layout;
  return absl::OkStatus();
}

absl::Status SetRowsMax(int32_t max_rows, ParsedQuery* query) {
  if (max_rows < 0) return BadField("max_rows", "is negative");
  query->rows_max =
      max_rows == 0 ? limits::kPageRowsMax : std::min<int64_t>(max_rows, limits::kPageRowsMax);
  return absl::OkStatus();
}

// A stored query without its parameters.
ParsedQuery BeginStored(const engine::StoredQuery& stored, engine::CallFacts facts) {
  ParsedQuery query;
  query.spec.sql = stored.sql;
  query.source = std::make_unique<engine::StoredParameters>(stored, std::move(facts));
  query.spec.source = query.source.get();
  query.spec.names_field = "params";
  return query;
}

// Everything that decides which rows come, and for whom.
std::string ResumeScope(const v1::StreamQueryRequest& request, absl::string_view caller) {
  // Maps are serialised in any order.
  std::map<absl::string_view, std::string> named;
  for (const auto& [name, value] : request.named_params()) named[name] = value.SerializeAsString();
  std::string parameters;
  for (const v1::Value& value : request.params()) {
    absl::StrAppend(&parameters, MakeScope({"", value.SerializeAsString()}));
  }
  for (const auto& [name, value] : named) absl::StrAppend(&parameters, MakeScope({name, value}));
  // Such a stream gives no token; nor does it take another's.
  for (const std::string& other : request.databases()) {
    absl::StrAppend(&parameters, MakeScope({"databases", other}));
  }
  return MakeScope({"StreamQuery", caller, request.database(), request.sql(), parameters});
}

absl::StatusOr<engine::ResumePoint> OpenResumeToken(const PageTokens& tokens,
                                                    absl::string_view scope,
                                                    absl::string_view token) {
  ASSIGN_OR_RETURN(const std::string payload, tokens.Open(scope, token));
  engine::ResumePoint point;
  const bool whole = payload.size() > 1 && absl::SimpleAtoi(payload.substr(1), &point.key);
  if (!whole) return absl::InvalidArgumentError("not a resume token");
  point.descending = payload[0] == 'd';
  return point;
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
    RETURN_IF_ERROR(SetLayout(request.layout(), &query));
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

}  // namespace

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

absl::Status CheckDatabases(absl::string_view own, const std::vector<std::string>& others) {
  if (others.size() > static_cast<size_t>(limits::kAttachedDatabasesMax)) {
    return WithMetadata(WithField(Error(absl::StatusCode::kResourceExhausted, reason::kLimit,
                                        "databases: there are too many"),
                                  "databases", "there are too many"),
                        "limit", absl::StrCat(limits::kAttachedDatabasesMax));
  }
  std::set<std::string> taken;
  for (const std::string& name : others) {
    const std::string lower = absl::AsciiStrToLower(name);
    if (name.empty()) return BadField("databases", "a name is empty");
    if (name == own) return BadField("databases", "the request's own database is called main");
    if (lower == "main" || lower == "temp") {
      return BadField("databases", "SQL has another meaning for the names main and temp");
    }
    if (!taken.insert(lower).second) {
      return BadField("databases", "two names are the same but for the case of letters");
    }
  }
  return absl::OkStatus();
}

std::string MakeResumeToken(const PageTokens& tokens, absl::string_view scope,
                            const engine::ResumePoint& point) {
  return tokens.Seal(scope, absl::StrCat(point.descending ? "d" : "a", point.key));
}

absl::StatusOr<ParsedQuery> ParseQuery(const v1::QueryRequest& request) {
  ASSIGN_OR_RETURN(ParsedQuery query, ParseTyped(request));
  RETURN_IF_ERROR(SetRowsMax(request.max_rows(), &query));
  return query;
}

absl::StatusOr<ParsedQuery> ParseQuery(const v1::StreamQueryRequest& request,
                                       const PageTokens& tokens, absl::string_view caller) {
  ASSIGN_OR_RETURN(ParsedQuery query, ParseTyped(request));
  query.spec.resumable = true;
  query.resume_scope = ResumeScope(request, caller);
  if (request.resume_token().empty()) return query;
  const auto point = OpenResumeToken(tokens, query.resume_scope, request.resume_token());
  if (!point.ok()) return BadField("resume_token", "is not of this caller's same statement");
  query.spec.resume_after = *point;
  return query;
}

absl::StatusOr<ParsedQuery> ParseQuery(const v1::ExportQueryRequest& request) {
  RETURN_IF_ERROR(CheckSql(request.sql()));
  ParsedQuery query;
  query.spec.sql = request.sql();
  query.spec.names_field = "params";
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

absl::StatusOr<ParsedQuery> ParseQuery(const v1::RunQueryRequest& request,
                                       const engine::StoredQuery& stored, engine::CallFacts facts) {
  ParsedQuery query = BeginStored(stored, std::move(facts));
  RETURN_IF_ERROR(CheckParameterCount(request.params().size()));
  for (const auto& [name, typed] : request.params()) {
    ASSIGN_OR_RETURN(auto value, ParseValue(typed, absl::StrCat("params[", name, "]")));
    ASSIGN_OR_RETURN(value, query.source->Check(name, value));
    query.spec.parameters.push_back({.name = name, .value = value});
  }
  RETURN_IF_ERROR(SetRowsMax(request.max_rows(), &query));
  RETURN_IF_ERROR(SetLayout(request.layout(), &query));
  return query;
}

absl::StatusOr<ParsedQuery> ParseQuery(const v1::ExportStoredQueryRequest& request,
                                       const engine::StoredQuery& stored, engine::CallFacts facts) {
  ParsedQuery query = BeginStored(stored, std::move(facts));
  query.values = std::make_unique<NaturalValues>();
  if (!request.has_params()) return query;
  if (request.params().kind_case() != google::protobuf::Value::kStructValue) {
    return BadField("params", "must be a JSON object");
  }
  RETURN_IF_ERROR(ParseNaturalParameters(request.params(), &query));
  for (engine::QuerySpec::Parameter& parameter : query.spec.parameters) {
    ASSIGN_OR_RETURN(parameter.value, query.source->Check(parameter.name, parameter.value));
  }
  return query;
}

absl::StatusOr<engine::CommitToken> ParseMinCommitToken(absl::string_view token) {
  auto parsed = engine::ParseCommitToken(token);
  if (!parsed.has_value()) return BadField("min_commit_token", "is not a commit token");
  return *std::move(parsed);
}

absl::StatusOr<int64_t> ParsePageSize(int32_t page_size, int64_t default_size, int64_t size_max) {
  if (page_size < 0) return BadField("page_size", "is negative");
  return page_size == 0 ? default_size : std::min<int64_t>(page_size, size_max);
}

}  // namespace sluice::wire
