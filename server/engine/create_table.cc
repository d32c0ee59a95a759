// A table that is made, with its first rows.
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/table_alterer.h"
#include "server/engine/table_member.h"

namespace sluice::engine {
namespace {

using sqlite::StorageClass;

// The types of the values that a column is given.
class Types {
 public:
  void Add(StorageClass type) {
    if (type != StorageClass::kNull) seen_ |= 1U << static_cast<unsigned>(type);
  }
  // Empty when there is none that fits all.
  std::string Common() const {
    const auto only = [&](std::initializer_list<StorageClass> types) {
      unsigned allowed = 0;
      for (const StorageClass type : types) allowed |= 1U << static_cast<unsigned>(type);
      return seen_ != 0 && (seen_ & ~allowed) == 0;
    };
    if (only({StorageClass::kInteger})) return "INTEGER";
    if (only({StorageClass::kInteger, StorageClass::kReal})) return "REAL";
    if (only({StorageClass::kText})) return "TEXT";
    return only({StorageClass::kBlob}) ? "BLOB" : "";
  }

 private:
  unsigned seen_ = 0;
};

// Adds the columns that only the rows give, by name, and finds the types of those without one.
absl::Status LearnFromRows(const Mutation& rows, TableDefinition* table) {
  constexpr auto kColumnsMax = static_cast<size_t>(limits::kSqlColumnsMax);
  std::map<std::string, Types> types;
  std::map<std::string, std::string> names;
  for (const auto& columns : rows.column_sets) {
    for (const absl::string_view column : columns) {
      names.emplace(absl::AsciiStrToLower(column), std::string(column));
    }
    if (names.size() > kColumnsMax || table->columns.size() > kColumnsMax) {
      return BadField(
          "rows", absl::StrCat("give more columns than a table may have, which is ", kColumnsMax));
    }
  }
  for (const Mutation::Row& row : rows.rows) {
    const auto& columns = rows.column_sets[row.columns];
    for (size_t i = 0; i < row.values.size(); ++i) {
      types[absl::AsciiStrToLower(columns[i])].Add(row.values[i].type);
    }
  }
  for (const auto& [lower, name] : names) {
    if (table->FindColumn(lower) == nullptr) table->columns.push_back({.name = name});
  }
  for (ColumnDefinition& column : table->columns) {
    if (!column.type.empty()) continue;
    column.type = types[absl::AsciiStrToLower(column.name)].Common();
    if (column.type.empty() && table->strict) column.type = "ANY";
  }
  return absl::OkStatus();
}

class CreateTableMember : public TableMember {
 public:
  CreateTableMember(Database* database, CreateTableSpec spec, const Interrupt& interrupt,
                    TableDone done)
      : TableMember(database, spec.options, spec.respond, interrupt, std::move(done)),
        spec_(std::move(spec)) {}

 protected:
  absl::StatusOr<TableOutcome> Change(sqlite::Connection& connection) override {
    Definer definer(database(), connection);
    TableOutcome outcome{.table = spec_.table.name};
    ASSIGN_OR_RETURN(const auto schema, definer.CurrentSchema());
    const Table* const there = schema->Find(spec_.table.name);
    if (spec_.if_not_exists && there != nullptr && !there->is_view() && !there->hidden) {
      outcome.changed = false;
      ASSIGN_OR_RETURN(outcome.sql, definer.SqlOf(there->name));
      return outcome;
    }
    RETURN_IF_ERROR(CheckNameFree(definer, spec_.table.name));
    RETURN_IF_ERROR(Make(definer, *schema));
    if (spec_.rows.has_value()) {
      MutationOutcome added;
      RETURN_IF_ERROR(ApplyMutation(database(), connection, *spec_.rows, {}, &added));
      outcome.inserted_count = added.inserted_count;
    }
    ASSIGN_OR_RETURN(outcome.sql, definer.SqlOf(spec_.table.name));
    outcome.statements = std::move(definer.statements());
    return outcome;
  }

 private:
  absl::Status Make(Definer& definer, const Schema& schema) const {
    const TableDefinition& table = spec_.table;
    for (size_t i = 0; i < table.foreign_keys.size(); ++i) {
      RETURN_IF_ERROR(CheckParent(schema, table.foreign_keys[i], table.name,
                                  absl::StrCat("foreign_keys[", i, "]")));
    }
    RETURN_IF_ERROR(CheckExpressions(definer));
    ASSIGN_OR_RETURN(const std::string sql, CreateTableSql(table));
    RETURN_IF_ERROR(InCallersWords(definer.RunAsCaller(sql), table.name));
    // Finds keys that do not fit what they refer to.
    const auto fits = definer.Ask("SELECT count(*) FROM pragma_foreign_key_check(?1)", table.name);
    return InCallersWords(fits.status(), table.name);
  }

  absl::Status CheckExpressions(Definer& definer) const {
    const std::vector<ColumnDefinition>& columns = spec_.table.columns;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (!columns[i].has_expression()) continue;
      std::vector<std::string> others;
      for (const ColumnDefinition& other : columns) {
        if (&other != &columns[i]) others.push_back(other.name);
      }
      RETURN_IF_ERROR(
          definer.CheckExpressions(columns[i], others, absl::StrCat("columns[", i, "]")));
    }
    return absl::OkStatus();
  }

  const CreateTableSpec spec_;
};

}  // namespace

absl::Status SubmitCreateTable(const std::shared_ptr<Database>& database, CreateTableSpec spec,
                               const Interrupt& interrupt, TableDone done) {
  ASSIGN_OR_RETURN(Writer* const writer, database->FindWriter());
  if (spec.rows.has_value()) RETURN_IF_ERROR(LearnFromRows(*spec.rows, &spec.table));
  RETURN_IF_ERROR(CheckDefinition(&spec.table));
  return writer->Submit(std::make_unique<CreateTableMember>(database.get(), std::move(spec),
                                                            interrupt, std::move(done)));
}

}  // namespace sluice::engine
