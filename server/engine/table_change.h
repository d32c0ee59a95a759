// Changes of tables, in the engine's words. Each is a write of its own, which shares its
// transaction with no other.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/deadline.h"
#include "server/engine/database.h"
#include "server/engine/kept_write.h"
#include "server/engine/mutation.h"
#include "server/engine/table_definition.h"

namespace sluice::engine {

// Rows of another table that changed with a dropped one's.
struct CascadeEffect {
  std::string table = {};
  int64_t deleted_count = 0;
  int64_t updated_count = 0;
};

// What a change of a table came to; each kind fills what it has.
struct TableOutcome {
  // False when there was nothing to make or to drop.
  bool changed = true;
  // The table's name afterwards, and the statement that makes it.
  std::string table = {};
  std::string sql = {};
  std::vector<std::string> statements = {};
  int64_t inserted_count = 0;
  // Rows of a table that was dropped.
  int64_t row_count = 0;
  std::vector<CascadeEffect> effects = {};
  std::string commit_token = {};
  std::optional<std::string> replayed_response = {};
};

// What a receipt keeps of the outcome, which has no commit token yet. On the writer's thread.
using TableRespond = std::function<std::string(const TableOutcome&)>;

struct CreateTableSpec {
  TableDefinition table = {};
  bool if_not_exists = false;
  // An insert into the table. Columns that it gives and `table` does not have are made, and columns
  // without a type get that of their values.
  std::optional<Mutation> rows = {};
  KeptWriteOptions options = {};
  TableRespond respond = {};
};

struct AddColumn {
  ColumnDefinition column = {};
};
struct RenameColumn {
  std::string column = {};
  std::string new_name = {};
};
struct RenameTable {
  std::string new_name = {};
};
struct DropColumn {
  std::string column = {};
};
struct AlterColumn {
  std::string column = {};
  std::optional<std::string> type = std::nullopt;
  std::optional<bool> not_null = std::nullopt;
  std::optional<std::string> collation = std::nullopt;
  // At most one of the three.
  std::optional<sqlite::Value> default_value = std::nullopt;
  std::string default_expression = {};
  bool drop_default = false;
};
struct ReorderColumns {
  std::vector<std::string> columns = {};
};
struct SetPrimaryKey {
  std::vector<std::string> columns = {};
  bool autoincrement = false;
};
struct AddForeignKey {
  ForeignKeyDefinition key = {};
};
struct DropForeignKey {
  std::vector<std::string> columns = {};
};
struct EnableFullText {
  std::vector<std::string> columns = {};
  std::string tokenizer = {};
};
struct DisableFullText {};
using TableChange =
    std::variant<AddColumn, RenameColumn, RenameTable, DropColumn, AlterColumn, ReorderColumns,
                 SetPrimaryKey, AddForeignKey, DropForeignKey, EnableFullText, DisableFullText>;

struct AlterTableSpec {
  std::string table = {};
  std::vector<TableChange> changes = {};
  KeptWriteOptions options = {};
  TableRespond respond = {};
};

struct DropTableSpec {
  std::string table = {};
  bool cascade = false;
  bool allow_missing = false;
  KeptWriteOptions options = {};
  TableRespond respond = {};
};

// Queues the change; see SubmitWrite. What each fails with stands in catalog.proto.
using TableDone = std::function<void(absl::StatusOr<TableOutcome>)>;
absl::Status SubmitCreateTable(const std::shared_ptr<Database>& database, CreateTableSpec spec,
                               const Interrupt& interrupt, TableDone done);
absl::Status SubmitAlterTable(const std::shared_ptr<Database>& database, AlterTableSpec spec,
                              const Interrupt& interrupt, TableDone done);
absl::Status SubmitDropTable(const std::shared_ptr<Database>& database, DropTableSpec spec,
                             const Interrupt& interrupt, TableDone done);

}  // namespace sluice::engine
