#include "server/engine/definer.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/policy.h"
#include "server/engine/sql_text.h"
#include "server/engine/table_alterer.h"

namespace sluice::engine {
namespace {

// What callers may do, and the scratch table beside.
class ScratchPolicy : public sqlite::AccessPolicy {
 public:
  explicit ScratchPolicy(const sqlite::AccessPolicy& callers) : callers_(callers) {}
  bool MayWrite(absl::string_view name) const override {
    return absl::EqualsIgnoreCase(name, kScratchTable) || callers_.MayWrite(name);
  }
  bool MayRead(absl::string_view table, absl::string_view column) const override {
    return absl::EqualsIgnoreCase(table, kScratchTable) || callers_.MayRead(table, column);
  }
  bool MayReadWithin(absl::string_view table) const override {
    return callers_.MayReadWithin(table);
  }
  // Its statements are never kept.
  uint64_t fingerprint() const override { return callers_.fingerprint(); }

 private:
  const sqlite::AccessPolicy& callers_;
};

absl::Status WithFieldOf(const absl::Status& status, absl::string_view field) {
  if (ReasonOf(status) != reason::kSqlError) return status;
  return WithField(InCallersWords(status, "the table"), field, status.message());
}

}  // namespace

absl::Status InCallersWords(const absl::Status& status, absl::string_view table) {
  if (status.ok()) return status;
  const auto renamed = [&](absl::string_view text) {
    return absl::StrReplaceAll(text, {{kScratchTable, table}});
  };
  absl::Status worded(status.code(), renamed(status.message()));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& value) {
    worded.SetPayload(url, absl::Cord(renamed(std::string(value))));
  });
  return WithoutMetadata(std::move(worded), "offset");
}

absl::Status InUse(absl::string_view needed_by, absl::string_view message) {
  return WithMetadata(Error(absl::StatusCode::kFailedPrecondition, reason::kInUse, message),
                      "needed_by", needed_by);
}

absl::Status Definer::RunQuietly(const std::string& sql) {
  ASSIGN_OR_RETURN(sqlite::Statement statement, connection_.PrepareUncached(sql));
  return statement.Run();
}

absl::Status Definer::Run(const std::string& sql) {
  statements_.push_back(sql);
  return RunQuietly(sql);
}

absl::Status Definer::RunUnderPolicy(const std::string& sql) {
  ASSIGN_OR_RETURN(auto schema, CurrentSchema());
  const CallerPolicy policy(std::move(schema));
  const ScratchPolicy scratch(policy);
  const sqlite::GuardSpec own = connection_.guard().spec();
  const absl::Cleanup rearm = [&] { connection_.guard().Arm(own); };
  connection_.guard().Arm({.policy = &scratch, .interrupt = own.interrupt, .may_write = true});
  return RunQuietly(sql);
}

absl::Status Definer::Compile(const std::string& sql) {
  ASSIGN_OR_RETURN(auto schema, CurrentSchema());
  const CallerPolicy policy(std::move(schema));
  const sqlite::GuardSpec own = connection_.guard().spec();
  const absl::Cleanup rearm = [&] { connection_.guard().Arm(own); };
  connection_.guard().Arm(
      {.policy = &policy, .interrupt = own.interrupt, .profile = sqlite::LimitProfile::kCaller});
  return connection_.PrepareUncached(sql).status();
}

absl::Status Definer::RunAsCaller(const std::string& sql) {
  statements_.push_back(sql);
  return RunUnderPolicy(sql);
}

absl::Status Definer::CheckExpressions(const ColumnDefinition& column,
                                       const std::vector<std::string>& others,
                                       absl::string_view field) {
  const bool by_default = !column.default_expression.empty();
  const bool generated = !column.generated_expression.empty();
  if (!column.has_expression()) return absl::OkStatus();
  const std::string at = absl::StrCat(field, !column.check.empty() ? ".check"
                                             : generated           ? ".generated_expression"
                                                                   : ".default_expression");
  if (by_default) {
    // SQLite looks at the functions of a default only when a row is added. WHERE takes no
    // aggregates, as a default does not.
    const std::string sql =
        absl::StrCat("SELECT 1 WHERE (", column.default_expression, ") IS NULL");
    RETURN_IF_ERROR(WithFieldOf(Compile(sql), absl::StrCat(field, ".default_expression")));
  }
  RETURN_IF_ERROR(CheckNameFree(*this, kScratchTable));
  ASSIGN_OR_RETURN(std::string columns, ColumnDefinitionSql(column));
  if (!others.empty()) absl::StrAppend(&columns, ", ", QuotedNames(others));
  // A generated column cannot be the only one.
  const std::string sql =
      absl::StrCat("CREATE TABLE ", kScratchTable, " (", columns, ", \"_sluice_other\")");
  RETURN_IF_ERROR(WithFieldOf(RunUnderPolicy(sql), at));
  return RunQuietly(absl::StrCat("DROP TABLE ", kScratchTable));
}

absl::StatusOr<sqlite::Value> Definer::Ask(const std::string& sql, absl::string_view name) {
  ASSIGN_OR_RETURN(sqlite::Statement statement, connection_.PrepareUncached(sql));
  statement.Bind(1, sqlite::ValueView::Text(name));
  ASSIGN_OR_RETURN(const bool row, statement.Step());
  return row ? sqlite::Value(statement.column(0)) : sqlite::Value();
}

absl::StatusOr<std::string> Definer::SqlOf(absl::string_view table) {
  ASSIGN_OR_RETURN(const sqlite::Value sql,
                   Ask("SELECT sql FROM sqlite_schema WHERE type IN ('table', 'view') AND "
                       "name = ?1 COLLATE NOCASE",
                       table));
  return std::string(sql.view().bytes);
}

absl::StatusOr<std::shared_ptr<const Schema>> Definer::CurrentSchema() {
  ASSIGN_OR_RETURN(const int64_t version, connection_.QueryInteger("PRAGMA schema_version"));
  if (schema_ == nullptr || schema_->version() != version) {
    ASSIGN_OR_RETURN(schema_, database_.CurrentSchema(connection_));
  }
  return schema_;
}

}  // namespace sluice::engine
