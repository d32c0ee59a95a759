// The changes of one AlterTable, one after another. Of this room's own.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/definer.h"
#include "server/engine/table_change.h"
#include "server/engine/table_rebuild.h"
#include "server/engine/table_text.h"

namespace sluice::engine {

// What SQLite's ALTER TABLE can do is done at once. Other changes are collected in the table's
// text, and the table is written anew once for all of them: before a change that needs it as it is
// to be, and at the end. Foreign keys must be off. Lives inside one attempt of a write.
class TableAlterer {
 public:
  TableAlterer(Definer& definer, std::string table) : definer_(definer), table_(std::move(table)) {}

  // `field` begins the names of fields at fault, such as `changes[0]`.
  absl::Status Apply(const TableChange& change, const std::string& field);
  // Writes the table anew if it must be, and checks what that could have broken.
  absl::Status Finish();

  const std::string& table() const { return table_; }

 private:
  absl::Status Do(const AddColumn& change, const std::string& field);
  absl::Status Do(const RenameColumn& change, const std::string& field);
  absl::Status Do(const RenameTable& change, const std::string& field);
  absl::Status Do(const DropColumn& change, const std::string& field);
  absl::Status Do(const AlterColumn& change, const std::string& field);
  absl::Status Do(const ReorderColumns& change, const std::string& field);
  absl::Status Do(const SetPrimaryKey& change, const std::string& field);
  absl::Status Do(const AddForeignKey& change, const std::string& field);
  absl::Status Do(const DropForeignKey& change, const std::string& field);
  absl::Status Do(const EnableFullText& change, const std::string& field);
  absl::Status Do(const DisableFullText& change, const std::string& field);

  // The table as the schema has it, changes that still wait left out.
  absl::StatusOr<const Table*> Find();
  // The text with what waits, to look at and to change.
  absl::StatusOr<TableText*> Text();
  absl::StatusOr<bool> IsStrict();
  // The table is to be written anew.
  void Change() { changed_ = true; }
  absl::Status Flush();
  absl::Status RememberBroken();
  // Runs a statement of ALTER TABLE, which the text then has to be read from anew.
  absl::Status RunPlain(const std::string& sql, bool as_caller);
  absl::Status CheckColumnThere(const std::string& column, const std::string& field);
  absl::Status CheckColumnsThere(const std::vector<std::string>& columns, const std::string& field);
  std::vector<std::string> OtherColumns(const TableText& text, absl::string_view column) const;
  absl::Status SetDefault(const AlterColumn& change, const std::string& field, TableText* text);

  Definer& definer_;
  std::string table_;
  // Keeps what Find gave.
  std::shared_ptr<const Schema> schema_;
  std::optional<TableText> text_;
  bool changed_ = false;
  // How things stood before the table was first written anew, or a full-text index dropped.
  std::optional<ForeignKeyState> keys_before_;
  std::optional<std::set<std::string>> broken_before_;
};

// FAILED_PRECONDITION (IN_USE) when a view or a trigger does not work that did. `apart` is left
// out.
absl::Status CheckNotBroken(const std::set<std::string>& before, const std::set<std::string>& after,
                            absl::string_view apart);
// INVALID_ARGUMENT when the parent of a foreign key, or a column of it, is not there.
absl::Status CheckParent(const Schema& schema, const ForeignKeyDefinition& key,
                         absl::string_view itself, const std::string& field);
// ALREADY_EXISTS (NAME_TAKEN) when something of the database has the name.
absl::Status CheckNameFree(Definer& definer, absl::string_view name);

}  // namespace sluice::engine
