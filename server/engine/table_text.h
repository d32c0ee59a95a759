// A CREATE TABLE statement as the schema keeps it, taken apart at its columns, their clauses and
// its constraints, so that one of them can be changed and all that nobody asked about stays as it
// was written: checks, conflict clauses, names of constraints.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/engine/sql_text.h"
#include "server/engine/table_definition.h"

namespace sluice::engine {

class TableText {
 public:
  enum class Clause {
    kPrimaryKey,
    kNotNull,
    kUnique,
    kCheck,
    kDefault,
    kCollate,
    // REFERENCES of a column, FOREIGN KEY of a table.
    kForeignKey,
    kGenerated,
    kOther,
  };
  struct Part {
    Clause clause = Clause::kOther;
    // As written, the name of the constraint included.
    std::string sql;
    // Of a table's constraint: the columns that it lists.
    std::vector<std::string> columns = {};
  };
  struct Column {
    std::string name;
    std::string type_sql;
    std::vector<Part> parts = {};
    // Whose values it takes when the table is written anew; empty for a new column.
    std::string source = {};

    bool Has(Clause clause) const;
  };

  // FAILED_PRECONDITION (UNSUPPORTED) for what it does not understand.
  static absl::StatusOr<TableText> Parse(absl::string_view sql);

  const std::vector<Column>& columns() const { return columns_; }
  const std::vector<Part>& constraints() const { return constraints_; }
  // Null when there is none. Letters' case does not matter.
  const Column* FindColumn(absl::string_view name) const;
  // Whether a constraint of the table lists the column.
  bool IsInConstraint(absl::string_view column) const;
  // Of the primary key, in its order.
  std::vector<std::string> PrimaryKey() const;

  // Columns that are named are there.
  absl::Status AddColumn(const ColumnDefinition& definition);
  // With the constraints that list it alone. FAILED_PRECONDITION (IN_USE) when the primary key or a
  // constraint with other columns lists it.
  absl::Status DropColumn(absl::string_view column);
  void SetType(absl::string_view column, absl::string_view type);
  void SetNotNull(absl::string_view column, bool not_null);
  // Empty takes the default away.
  void SetDefault(absl::string_view column, absl::string_view default_sql);
  void SetCollation(absl::string_view column, absl::string_view collation);
  // Those first, the others behind as they are.
  void Reorder(const std::vector<std::string>& first);
  void SetPrimaryKey(const std::vector<std::string>& columns, bool autoincrement);
  void AddForeignKey(const ForeignKeyDefinition& key);
  // False when there is none.
  bool DropForeignKey(const std::vector<std::string>& columns);

  // The statement, for a table of this name.
  std::string Sql(absl::string_view table) const;

 private:
  using Tokens = std::vector<SqlToken>;
  Column* Find(absl::string_view name);
  // Takes the parts of this clause from a column, and puts `sql` in their place unless it is empty.
  void Replace(absl::string_view column, Clause clause, std::string sql);
  absl::Status ParseDefinition(const Tokens& tokens, size_t begin, size_t end);
  absl::Status ParseConstraints(const Tokens& tokens, size_t begin, size_t end);

  std::vector<Column> columns_;
  std::vector<Part> constraints_;
  // What follows the parentheses, such as STRICT.
  std::string options_;
};

}  // namespace sluice::engine
