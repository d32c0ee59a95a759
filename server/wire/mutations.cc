#include "server/wire/mutations.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/wire/filter_parser.h"
#include "server/wire/row_key.h"

namespace sluice::wire {
namespace {

using engine::ConflictPolicy;
using engine::Mutation;

absl::StatusOr<Mutation::Return> ParseReturn(v1::Return returned) {
  switch (returned) {
    case v1::RETURN_NONE:
      return Mutation::Return::kNone;
    case v1::RETURN_UNSPECIFIED:
    case v1::RETURN_KEYS:
      return Mutation::Return::kKeys;
    case v1::RETURN_ROWS:
      return Mutation::Return::kRows;
    default:
      return BadField("return", "is not one of RETURN_NONE, RETURN_KEYS, RETURN_ROWS");
  }
}

absl::Status CheckCount(int64_t count, absl::string_view field) {
  if (count == 0) return BadField(field, "there is no row");
  if (count <= limits::kInsertRowsMax) return absl::OkStatus();
  return BadField(field, absl::StrCat("at most ", limits::kInsertRowsMax, " are allowed"));
}

// `field` makes the name of what is wrong, which nothing usually is.
template <typename Values, typename Field>
absl::Status ParseValues(const Values& values, const Field& field, Mutation::Row* parsed) {
  parsed->values.reserve(static_cast<size_t>(values.size()));
  for (int i = 0; i < values.size(); ++i) {
    const absl::StatusOr<sqlite::ValueView> value = ParseValue(values[i], "");
    if (!value.ok()) return ParseValue(values[i], absl::StrCat(field(), "[", i, "]")).status();
    parsed->values.push_back(*value);
  }
  return absl::OkStatus();
}

// With `keyed` each row has a key, otherwise none.
template <typename Request>
absl::Status ParseTypedRows(const Request& request, bool keyed, Mutation* mutation) {
  mutation->column_sets.emplace_back(request.columns().begin(), request.columns().end());
  mutation->rows.reserve(static_cast<size_t>(request.rows_size()));
  for (int i = 0; i < request.rows_size(); ++i) {
    const v1::Row& row = request.rows(i);
    const auto field = [&] { return absl::StrCat("rows[", i, "]"); };
    if (row.values_size() != request.columns_size()) {
      return BadField(field(), absl::StrCat("has ", row.values_size(), " values for ",
                                            request.columns_size(), " columns"));
    }
    Mutation::Row& parsed = mutation->rows.emplace_back();
    if (keyed) {
      ASSIGN_OR_RETURN(parsed.key, ParseKey(row.key(), field() + ".key"));
      parsed.etag = row.etag();
    } else if (!row.key().empty() || !row.etag().empty()) {
      return BadField(field(), "a row to insert has neither key nor etag");
    }
    RETURN_IF_ERROR(ParseValues(row.values(), [&] { return field() + ".values"; }, &parsed));
  }
  return absl::OkStatus();
}

// Objects with the same members share a statement.
class ColumnSets {
 public:
  explicit ColumnSets(Mutation* mutation) : mutation_(mutation) {}

  size_t Find(std::vector<absl::string_view> columns) {
    const auto [entry, fresh] = known_.try_emplace(std::move(columns), known_.size());
    if (fresh) mutation_->column_sets.push_back(entry->first);
    return entry->second;
  }

 private:
  Mutation* const mutation_;
  std::map<std::vector<absl::string_view>, size_t> known_;
};

absl::Status ParseObject(const google::protobuf::Struct& object, const std::string& field,
                         NaturalValues* values, ColumnSets* sets, Mutation::Row* parsed) {
  std::map<absl::string_view, const google::protobuf::Value*> members;
  for (const auto& [name, value] : object.fields()) members[name] = &value;
  std::vector<absl::string_view> columns;
  for (const auto& [name, natural] : members) {
    columns.push_back(name);
    ASSIGN_OR_RETURN(const auto value, values->Parse(*natural, absl::StrCat(field, ".", name)));
    parsed->values.push_back(value);
  }
  parsed->columns = sets->Find(std::move(columns));
  return absl::OkStatus();
}

template <typename Request>
absl::Status ParseRows(const Request& request, bool keyed, NaturalValues* values,
                       Mutation* mutation) {
  RETURN_IF_ERROR(CheckCount(int64_t{request.rows_size()} + request.objects_size(), "rows"));
  if (request.rows_size() > 0 && request.objects_size() > 0) {
    return BadField("objects", "rows come typed or as objects, not both");
  }
  if (request.objects_size() > 0 && request.columns_size() > 0) {
    return BadField("columns", "objects name their columns themselves");
  }
  if (request.rows_size() > 0) return ParseTypedRows(request, keyed, mutation);
  ColumnSets sets(mutation);
  for (int i = 0; i < request.objects_size(); ++i) {
    RETURN_IF_ERROR(ParseObject(request.objects(i), absl::StrCat("objects[", i, "]"), values, &sets,
                                &mutation->rows.emplace_back()));
  }
  return absl::OkStatus();
}

template <typename Request>
bool ByFilter(const Request& request) {
  return !request.filter().empty() || request.all_rows();
}

// What an update and a delete have in common whose rows are chosen by a filter, or all.
template <typename Request>
absl::Status ParseMatching(const Request& request, ParsedWrite* write, Mutation* mutation) {
  engine::MatchingRows matching;
  if (request.all_rows() && !request.filter().empty()) {
    return BadField("all_rows", "means every row, and a filter only some");
  }
  for (const auto& [given, field] : {std::pair(request.keys_size() > 0, "keys"),
                                     std::pair(request.allow_missing(), "allow_missing"),
                                     std::pair(request.continue_on_error(), "continue_on_error")}) {
    if (given) return BadField(field, "does not go with a filter");
  }
  if (!request.filter().empty()) {
    ASSIGN_OR_RETURN(matching.filter, ParseFilter(request.filter()));
  }
  if (request.max_affected() < 0) return BadField("max_affected", "is negative");
  matching.rows_max = request.max_affected() == 0 ? limits::kInsertRowsMax : request.max_affected();
  if (matching.rows_max > limits::kInsertRowsMax && mutation->returned != Mutation::Return::kNone) {
    return BadField("max_affected", absl::StrCat("is more than ", limits::kInsertRowsMax,
                                                 ", which goes with RETURN_NONE only"));
  }
  write->reads = true;
  mutation->matching = std::move(matching);
  return absl::OkStatus();
}

absl::Status CheckNoMatching(int64_t max_affected) {
  return max_affected == 0 ? absl::OkStatus() : BadField("max_affected", "goes with a filter only");
}

// The values that all rows take.
absl::Status ParseOneRow(const v1::UpdateRowsRequest& request, ParsedWrite* write,
                         Mutation* mutation) {
  if (request.rows_size() + request.objects_size() != 1) {
    return BadField("rows", "with a filter there is one, whose values all rows take");
  }
  if (request.rows_size() == 1 &&
      (!request.rows(0).key().empty() || !request.rows(0).etag().empty())) {
    return BadField("rows[0]", "with a filter it has neither key nor etag");
  }
  return ParseRows(request, /*keyed=*/false, write->values.get(), mutation);
}

Mutation& Begin(Mutation::Kind kind, absl::string_view table, Mutation::Return returned,
                ParsedWrite* write, Mutations* mutations, WriteResults* results) {
  // Columns that the caller has not given are told too.
  write->reads = write->reads || returned == Mutation::Return::kRows;
  results->push_back(std::make_unique<WriteResult>(returned));
  Mutation& mutation = mutations->emplace_back();
  mutation.kind = kind;
  mutation.table = table;
  mutation.returned = returned;
  mutation.sink = results->back().get();
  return mutation;
}

}  // namespace

absl::StatusOr<bool> ParseMissing(v1::MissingColumns missing) {
  switch (missing) {
    case v1::MISSING_COLUMNS_UNSPECIFIED:
    case v1::MISSING_COLUMNS_DEFAULT:
      return false;
    case v1::MISSING_COLUMNS_NULL:
      return true;
    default:
      return BadField("missing_columns",
                      "is not one of MISSING_COLUMNS_DEFAULT, MISSING_COLUMNS_NULL");
  }
}

absl::StatusOr<ConflictPolicy> ParseConflict(const v1::OnConflict& conflict) {
  using Action = ConflictPolicy::Action;
  ConflictPolicy policy;
  policy.target.assign(conflict.target().begin(), conflict.target().end());
  policy.update_columns.assign(conflict.update_columns().begin(), conflict.update_columns().end());
  switch (conflict.action()) {
    case v1::OnConflict::ACTION_UNSPECIFIED:
    case v1::OnConflict::ACTION_ABORT:
      break;
    case v1::OnConflict::ACTION_IGNORE:
      policy.action = Action::kIgnore;
      break;
    case v1::OnConflict::ACTION_REPLACE:
      policy.action = Action::kReplace;
      break;
    case v1::OnConflict::ACTION_UPDATE:
      policy.action = Action::kUpdate;
      break;
    default:
      return BadField("on_conflict.action",
                      "is not one of ACTION_ABORT, ACTION_IGNORE, ACTION_REPLACE, ACTION_UPDATE");
  }
  const bool targets = policy.action == Action::kIgnore || policy.action == Action::kUpdate;
  if (!policy.target.empty() && !targets) {
    return BadField("on_conflict.target", "goes with ACTION_IGNORE and ACTION_UPDATE only");
  }
  if (!policy.update_columns.empty() && policy.action != Action::kUpdate) {
    return BadField("on_conflict.update_columns", "goes with ACTION_UPDATE only");
  }
  return policy;
}

absl::StatusOr<engine::RowKey> ParseKey(absl::string_view key, absl::string_view field) {
  if (key.empty()) return BadField(field, "is empty");
  if (key.size() > limits::kKeyBytesMax) return BadField(field, "is too long");
  absl::StatusOr<engine::RowKey> decoded = DecodeRowKey(key);
  if (decoded.ok()) return decoded;
  return BadField(field, absl::StripPrefix(decoded.status().message(), "key: "));
}

absl::Status AddMutation(const v1::InsertRowsRequest& request, ParsedWrite* write,
                         Mutations* mutations, WriteResults* results) {
  ASSIGN_OR_RETURN(const auto returned, ParseReturn(request.return_()));
  Mutation& mutation =
      Begin(Mutation::Kind::kInsert, request.table(), returned, write, mutations, results);
  ASSIGN_OR_RETURN(mutation.missing_is_null, ParseMissing(request.missing_columns()));
  if (request.has_on_conflict()) {
    ASSIGN_OR_RETURN(mutation.conflict, ParseConflict(request.on_conflict()));
  }
  write->inserts = true;
  write->updates = write->updates || mutation.conflict.action == ConflictPolicy::Action::kReplace ||
                   mutation.conflict.action == ConflictPolicy::Action::kUpdate;
  return ParseRows(request, /*keyed=*/false, write->values.get(), &mutation);
}

absl::Status AddMutation(const v1::UpsertRowsRequest& request, ParsedWrite* write,
                         Mutations* mutations, WriteResults* results) {
  ASSIGN_OR_RETURN(const auto returned, ParseReturn(request.return_()));
  Mutation& mutation =
      Begin(Mutation::Kind::kInsert, request.table(), returned, write, mutations, results);
  ASSIGN_OR_RETURN(mutation.missing_is_null, ParseMissing(request.missing_columns()));
  mutation.conflict.action = ConflictPolicy::Action::kUpdate;
  mutation.conflict.target.assign(request.target().begin(), request.target().end());
  mutation.whole_target = true;
  write->inserts = true;
  write->updates = true;
  return ParseRows(request, /*keyed=*/false, write->values.get(), &mutation);
}

absl::Status AddMutation(const v1::UpdateRowsRequest& request, ParsedWrite* write,
                         Mutations* mutations, WriteResults* results) {
  ASSIGN_OR_RETURN(const auto returned, ParseReturn(request.return_()));
  Mutation& mutation =
      Begin(Mutation::Kind::kUpdate, request.table(), returned, write, mutations, results);
  mutation.allow_missing = request.allow_missing();
  write->updates = true;
  if (ByFilter(request)) {
    RETURN_IF_ERROR(ParseMatching(request, write, &mutation));
    return ParseOneRow(request, write, &mutation);
  }
  RETURN_IF_ERROR(CheckNoMatching(request.max_affected()));
  if (request.keys_size() > 0 && request.keys_size() != request.objects_size()) {
    return BadField("keys", absl::StrCat("there are ", request.keys_size(), " for ",
                                         request.objects_size(), " objects"));
  }
  RETURN_IF_ERROR(ParseRows(request, /*keyed=*/true, write->values.get(), &mutation));
  for (int i = 0; i < request.keys_size(); ++i) {
    ASSIGN_OR_RETURN(mutation.rows[static_cast<size_t>(i)].key,
                     ParseKey(request.keys(i), absl::StrCat("keys[", i, "]")));
  }
  return absl::OkStatus();
}

absl::Status AddMutation(const v1::DeleteRowsRequest& request, ParsedWrite* write,
                         Mutations* mutations, WriteResults* results) {
  ASSIGN_OR_RETURN(const auto returned, ParseReturn(request.return_()));
  Mutation& mutation =
      Begin(Mutation::Kind::kDelete, request.table(), returned, write, mutations, results);
  mutation.allow_missing = request.allow_missing();
  write->deletes = true;
  if (ByFilter(request)) {
    if (request.etags_size() > 0) return BadField("etags", "does not go with a filter");
    return ParseMatching(request, write, &mutation);
  }
  RETURN_IF_ERROR(CheckNoMatching(request.max_affected()));
  RETURN_IF_ERROR(CheckCount(request.keys_size(), "keys"));
  if (request.etags_size() > 0 && request.etags_size() != request.keys_size()) {
    return BadField("etags", absl::StrCat("there are ", request.etags_size(), " for ",
                                          request.keys_size(), " keys"));
  }
  for (int i = 0; i < request.keys_size(); ++i) {
    Mutation::Row& row = mutation.rows.emplace_back();
    ASSIGN_OR_RETURN(row.key, ParseKey(request.keys(i), absl::StrCat("keys[", i, "]")));
    if (request.etags_size() > 0) row.etag = request.etags(i);
  }
  return absl::OkStatus();
}

absl::Status AddMutation(const v1::UpdateRowRequest& request, ParsedWrite* write,
                         Mutations* mutations, WriteResults* results) {
  Mutation& mutation = Begin(Mutation::Kind::kUpdate, request.table(), Mutation::Return::kRows,
                             write, mutations, results);
  mutation.with_etag = true;
  write->updates = true;
  Mutation::Row& row = mutation.rows.emplace_back();
  ASSIGN_OR_RETURN(row.key, ParseKey(request.key(), "key"));
  row.etag = request.if_match();
  if (request.has_object()) {
    if (request.values_size() + request.columns_size() > 0) {
      return BadField("object", "values come typed or as an object, not both");
    }
    ColumnSets sets(&mutation);
    return ParseObject(request.object(), "object", write->values.get(), &sets, &row);
  }
  if (request.values_size() != request.columns_size()) {
    return BadField("values", absl::StrCat("there are ", request.values_size(), " for ",
                                           request.columns_size(), " columns"));
  }
  mutation.column_sets.emplace_back(request.columns().begin(), request.columns().end());
  return ParseValues(request.values(), [] { return "values"; }, &row);
}

absl::Status AddMutation(const v1::DeleteRowRequest& request, ParsedWrite* write,
                         Mutations* mutations, WriteResults* results) {
  Mutation& mutation = Begin(Mutation::Kind::kDelete, request.table(), Mutation::Return::kNone,
                             write, mutations, results);
  write->deletes = true;
  Mutation::Row& row = mutation.rows.emplace_back();
  ASSIGN_OR_RETURN(row.key, ParseKey(request.key(), "key"));
  row.etag = request.if_match();
  return absl::OkStatus();
}

}  // namespace sluice::wire
