#include "server/sqlite/guard.h"

#include <sqlite3.h>

#include <optional>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "server/base/check.h"
#include "server/base/limits.h"
#include "server/sqlite/write_guard.h"

namespace sluice::sqlite {
namespace {

// Virtual machine steps between two looks at the deadline: about 12 µs of work.
constexpr int kStepsBetweenChecks = 1000;

// What virtual tables ask for themselves while they run: full-text search the first, the tables
// pragma_… those that the policy lets through.
bool IsPragmaOfVirtualTables(absl::string_view name) {
  static const auto* const kNames = new absl::flat_hash_set<absl::string_view>{
      "data_version", "table_info",  "table_xinfo",      "index_list",
      "index_info",   "index_xinfo", "foreign_key_list", "table_list"};
  return kNames->contains(name);
}

std::optional<AccessLog::Change> ChangeOf(int action) {
  switch (action) {
    case SQLITE_INSERT:
      return AccessLog::Change::kInsert;
    case SQLITE_UPDATE:
      return AccessLog::Change::kUpdate;
    case SQLITE_DELETE:
      return AccessLog::Change::kDelete;
    default:
      return std::nullopt;
  }
}

const char* OrEmpty(const char* text) { return text != nullptr ? text : ""; }

}  // namespace

bool IsAllowedFunction(absl::string_view name) {
  // An allow-list: what a new version of SQLite brings is closed until somebody has looked at it.
  // Left out on purpose: load_extension, fts3_tokenizer (takes pointers), sqlite_* (tell about the
  // build), last_insert_rowid and changes (tell about others' writes), subtype, unistr_quote,
  // optimize, rebuild; json_patch, one call of which takes over ten seconds for two objects of a
  // megabyte.
  static const auto* const kAllowed = new absl::flat_hash_set<absl::string_view>{
      // scalar
      "abs", "char", "coalesce", "concat", "concat_ws", "format", "glob", "hex", "if", "ifnull",
      "iif", "instr", "length", "like", "likelihood", "likely", "lower", "ltrim", "max", "min",
      "nullif", "octet_length", "printf", "quote", "random", "randomblob", "replace", "round",
      "rtrim", "sign", "soundex", "substr", "substring", "trim", "typeof", "unhex", "unicode",
      "unistr", "unlikely", "upper", "zeroblob", "match", "regexp",
      // aggregates and windows
      "avg", "count", "group_concat", "string_agg", "sum", "total", "median", "percentile",
      "percentile_cont", "percentile_disc", "row_number", "rank", "dense_rank", "percent_rank",
      "cume_dist", "ntile", "lag", "lead", "first_value", "last_value", "nth_value",
      // dates
      "date", "time", "datetime", "julianday", "unixepoch", "strftime", "timediff", "current_date",
      "current_time", "current_timestamp",
      // mathematics
      "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "ceiling", "cos", "cosh",
      "degrees", "exp", "floor", "ln", "log", "log10", "log2", "mod", "pi", "pow", "power",
      "radians", "sin", "sinh", "sqrt", "tan", "tanh", "trunc",
      // JSON
      "json", "jsonb", "json_array", "jsonb_array", "json_array_length", "json_error_position",
      "json_extract", "jsonb_extract", "->", "->>", "json_insert", "jsonb_insert", "json_object",
      "jsonb_object", "json_pretty", "json_remove", "jsonb_remove", "json_replace", "jsonb_replace",
      "json_set", "jsonb_set", "json_type", "json_valid", "json_quote", "json_group_array",
      "jsonb_group_array", "json_group_object", "jsonb_group_object", "json_each", "json_tree",
      // full-text search
      "bm25", "highlight", "snippet", "offsets", "matchinfo", "fts5_get_locale"};
  return kAllowed->contains(absl::AsciiStrToLower(name));
}

Guard::Guard(sqlite3* db) : db_(db) {
  CHECK(sqlite3_set_authorizer(db, &Guard::Authorize, this) == SQLITE_OK);
  sqlite3_progress_handler(db, kStepsBetweenChecks, &Guard::Progress, this);
  applied_ = LimitProfile::kCaller;
  ApplyLimits(LimitProfile::kOwn);
}

void Guard::Arm(const GuardSpec& spec) {
  spec_ = spec;
  denied_read_ = false;
  ApplyLimits(spec.profile);
  memory_.Begin(&spec_.interrupt);
}

void Guard::Disarm() {
  Arm(GuardSpec());
  memory_.End();
}

void Guard::ApplyLimits(LimitProfile profile) {
  if (profile == applied_) return;
  applied_ = profile;
  const bool caller = profile != LimitProfile::kOwn;
  struct Limit {
    int id;
    int own;
    int of_callers;
  };
  const Limit kLimits[] = {
      {SQLITE_LIMIT_LENGTH, static_cast<int>(limits::kRowBytesMax),
       profile == LimitProfile::kCaller ? limits::kCallerValueBytesMax
                                        : static_cast<int>(limits::kRowBytesMax)},
      {SQLITE_LIMIT_SQL_LENGTH, 1'000'000, static_cast<int>(limits::kSqlBytesMax)},
      {SQLITE_LIMIT_COLUMN, 32'767, limits::kSqlColumnsMax},
      {SQLITE_LIMIT_EXPR_DEPTH, 1'000, limits::kSqlExpressionDepthMax},
      {SQLITE_LIMIT_COMPOUND_SELECT, 500, limits::kSqlCompoundSelectMax},
      {SQLITE_LIMIT_VDBE_OP, 250'000'000, limits::kSqlVmOpsMax},
      {SQLITE_LIMIT_FUNCTION_ARG, 127, limits::kSqlFunctionArgumentsMax},
      {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50'000, limits::kSqlLikePatternBytesMax},
      {SQLITE_LIMIT_VARIABLE_NUMBER, limits::kParametersMax, limits::kParametersMax},
      {SQLITE_LIMIT_TRIGGER_DEPTH, 1'000, limits::kSqlTriggerDepthMax},
      {SQLITE_LIMIT_ATTACHED, 0, 0},
      {SQLITE_LIMIT_WORKER_THREADS, 0, 0},
  };
  for (const Limit& limit : kLimits) {
    sqlite3_limit(db_, limit.id, caller ? limit.of_callers : limit.own);
  }
}

int Guard::Authorize(void* self, int action, const char* first, const char* second,
                     const char* schema, const char* trigger) {
  Guard* guard = static_cast<Guard*>(self);
  if (trigger != nullptr && IsReadByView(action, OrEmpty(first))) {
    guard->denied_read_ = true;
    return SQLITE_DENY;
  }
  if (trigger != nullptr && IsChangeByTrigger(action, OrEmpty(first))) return SQLITE_DENY;
  return guard->spec_.policy == nullptr ? SQLITE_OK : guard->Decide(action, first, second, schema);
}

int Guard::Decide(int action, const char* first, const char* second, const char* schema) {
  switch (action) {
    case SQLITE_SELECT:
      selects_ = true;
      return SQLITE_OK;
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_READ:
      return DecideRead(OrEmpty(first), OrEmpty(second), OrEmpty(schema));
    case SQLITE_FUNCTION:
      return IsAllowedFunction(OrEmpty(second)) ||
                     (spec_.may_write && IsFunctionOfChanges(OrEmpty(second)))
                 ? SQLITE_OK
                 : SQLITE_DENY;
    case SQLITE_PRAGMA:
      return !preparing_ && (IsPragmaOfVirtualTables(OrEmpty(first)) ||
                             (spec_.may_write && IsPragmaOfChanges(OrEmpty(first))))
                 ? SQLITE_OK
                 : SQLITE_DENY;
    default:
      if (spec_.log != nullptr) {
        return DecideChange(action, OrEmpty(first), OrEmpty(second), OrEmpty(schema));
      }
      return spec_.may_write &&
                     MayChangeNow(action, OrEmpty(first), OrEmpty(second), OrEmpty(schema))
                 ? SQLITE_OK
                 : SQLITE_DENY;
  }
}

bool Guard::MayChangeNow(int action, absl::string_view first, absl::string_view second,
                         absl::string_view schema) {
  if (!preparing_) return IsChangeOfVirtualTables(action);
  const bool allowed = MayChange(*spec_.policy, action, first, second, schema);
  defines_ = defines_ || (allowed && IsDefinition(action));
  return allowed;
}

int Guard::DecideRead(absl::string_view table, absl::string_view column, absl::string_view schema) {
  const AccessPolicy& policy = spec_.policy->Of(schema, table);
  if (!preparing_) return policy.MayReadWithin(table) ? SQLITE_OK : SQLITE_DENY;
  if (!policy.MayRead(table, column)) {
    if (defines_ && IsReadForDefinitions(table)) return SQLITE_OK;
    denied_read_ = true;
    return SQLITE_DENY;
  }
  if (spec_.log != nullptr) spec_.log->OnRead(policy, table, column);
  return SQLITE_OK;
}

int Guard::DecideChange(int action, absl::string_view table, absl::string_view column,
                        absl::string_view schema) {
  const std::optional<AccessLog::Change> change = ChangeOf(action);
  if (!change.has_value() || !preparing_ || schema != "main") return SQLITE_DENY;
  if (change != AccessLog::Change::kUpdate) column = "";
  // Before a table is made or dropped SQLite asks to change the schema's own table.
  if (absl::StartsWithIgnoreCase(table, "sqlite_")) return SQLITE_DENY;
  if (!spec_.policy->MayRead(table, column)) {
    denied_read_ = true;
    return SQLITE_DENY;
  }
  selects_ = true;
  spec_.log->OnChange(*change, table, column);
  return SQLITE_OK;
}

int Guard::Progress(void* self) {
  Guard* const guard = static_cast<Guard*>(self);
  guard->progressed_ = true;
  return guard->spec_.interrupt.raised() ? 1 : 0;
}

}  // namespace sluice::sqlite
