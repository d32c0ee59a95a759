#include "server/engine/table_rebuild.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/foreign_keys.h"
#include "server/engine/full_text.h"
#include "server/engine/full_text_change.h"
#include "server/engine/table_alterer.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

using sqlite::QuoteIdentifier;
using sqlite::Statement;
using sqlite::Value;
using sqlite::ValueView;

struct Attached {
  std::string name;
  std::string sql;
};

// Indexes and triggers of the table, in the order in which they were made.
absl::StatusOr<std::vector<Attached>> ReadAttached(Definer& definer, const Table& table) {
  std::vector<Attached> all;
  ASSIGN_OR_RETURN(Statement rows,
                   definer.connection().PrepareUncached(
                       "SELECT type || ' ' || name, sql FROM sqlite_schema WHERE type IN ('index', "
                       "'trigger') AND tbl_name = ?1 COLLATE NOCASE AND sql IS NOT NULL "
                       "ORDER BY type = 'trigger', rowid"));
  rows.Bind(1, ValueView::Text(table.name));
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return all;
    all.push_back({std::string(rows.column(0).bytes), std::string(rows.column(1).bytes)});
  }
}

// The last number that AUTOINCREMENT gave; NULL without.
absl::StatusOr<Value> ReadSequence(Definer& definer, absl::string_view table) {
  constexpr char kExists[] = "SELECT 1 FROM sqlite_schema WHERE name = ?1";
  ASSIGN_OR_RETURN(const Value exists, definer.Ask(kExists, "sqlite_sequence"));
  if (exists.view().is_null()) return Value();
  return definer.Ask("SELECT seq FROM sqlite_sequence WHERE name = ?1 COLLATE NOCASE", table);
}

absl::Status KeepSequence(Definer& definer, absl::string_view table, const Value& before) {
  if (before.view().is_null()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Value now, ReadSequence(definer, table));
  const auto run = [&](const char* sql) -> absl::Status {
    ASSIGN_OR_RETURN(Statement statement, definer.connection().PrepareUncached(sql));
    statement.Bind(1, ValueView::Text(table));
    statement.Bind(2, before.view());
    return statement.Run();
  };
  if (!now.view().is_null()) {
    return run("UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1 COLLATE NOCASE");
  }
  // A table without rows has no number yet; one that is no longer AUTOINCREMENT needs none.
  ASSIGN_OR_RETURN(const std::string sql, definer.SqlOf(table));
  const std::vector<SqlToken> tokens = Tokenize(sql);
  const bool numbers = std::any_of(tokens.begin(), tokens.end(), [](const SqlToken& token) {
    return token.is_word("AUTOINCREMENT");
  });
  return numbers ? run("INSERT INTO sqlite_sequence(name, seq) VALUES (?1, ?2)") : absl::OkStatus();
}

// The column of the primary key that is the table's rowid; -1 when none is.
absl::StatusOr<int> FindRowidColumn(Definer& definer, const Table& table) {
  if (table.without_rowid || table.primary_key.size() != 1) return -1;
  ASSIGN_OR_RETURN(
      const Value indexes,
      definer.Ask("SELECT count(*) FROM pragma_index_list(?1) WHERE origin = 'pk'", table.name));
  return indexes.view().integer == 0 ? table.primary_key[0] : -1;
}

// The columns whose values take another form: by their types, which decide how values are kept.
std::vector<const TableColumn*> ChangedColumns(const Table& from, const Table& to,
                                               const TableText& text) {
  std::vector<const TableColumn*> changed;
  for (size_t i = 0; i < to.columns.size(); ++i) {
    const TableColumn* const old = from.FindColumn(text.columns()[i].source);
    if (old != nullptr && old->affinity != to.columns[i].affinity) changed.push_back(old);
  }
  return changed;
}

absl::StatusOr<bool> ChangesRowids(Definer& definer, const Table& from, const Table& to,
                                   const TableText& text) {
  ASSIGN_OR_RETURN(const int after, FindRowidColumn(definer, to));
  // Then they are copied as they are.
  if (after < 0) return false;
  ASSIGN_OR_RETURN(const int before, FindRowidColumn(definer, from));
  const std::string& source = text.columns()[static_cast<size_t>(after)].source;
  return before < 0 ||
         !absl::EqualsIgnoreCase(source, from.columns[static_cast<size_t>(before)].name);
}

// FAILED_PRECONDITION (IN_USE) when a full-text index over the table holds what will change, and
// only its maker knows of which rows: triggers of others fill it.
absl::Status CheckFullTexts(Definer& definer, const Table& from, const Table& to,
                            const TableText& text) {
  ASSIGN_OR_RETURN(const auto schema, definer.CurrentSchema());
  const auto indexes = FindFullTextsOver(*schema, from);
  if (indexes.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool rowids, ChangesRowids(definer, from, to, text));
  const auto changed = ChangedColumns(from, to, text);
  for (const FullTextIndex& index : indexes) {
    const bool touched =
        std::any_of(from.columns.begin(), from.columns.end(), [&](const TableColumn& column) {
          if (index.table->FindColumn(column.name) == nullptr) return false;
          // Generated ones come of any others.
          return column.generated != Generated::kNo
                     ? !changed.empty()
                     : std::find(changed.begin(), changed.end(), &column) != changed.end();
        });
    if (!touched && !rowids) continue;
    ASSIGN_OR_RETURN(const bool ours, IsKeptByServer(definer, from, index));
    if (ours) continue;
    return InUse(index.table->name,
                 "a full-text index that the server has not made holds what would change");
  }
  return absl::OkStatus();
}

absl::Status CopyRows(Definer& definer, const Table& from, const Table& to, const TableText& text) {
  std::vector<std::string> targets;
  std::vector<std::string> sources;
  for (size_t i = 0; i < to.columns.size(); ++i) {
    const std::string& source = text.columns()[i].source;
    if (source.empty() || to.columns[i].generated != Generated::kNo) continue;
    targets.push_back(QuoteIdentifier(to.columns[i].name));
    sources.push_back(QuoteIdentifier(source));
  }
  ASSIGN_OR_RETURN(const int rowid, FindRowidColumn(definer, to));
  if (rowid < 0 && !from.rowid_name.empty() && !to.rowid_name.empty()) {
    targets.push_back(to.rowid_name);
    sources.push_back(from.rowid_name);
  }
  // A table of new columns alone, which all have their defaults, has as many rows as before.
  if (targets.empty()) return absl::InternalError("a table to be written anew has nothing to copy");
  // Constraints with another conflict clause would leave rows out.
  return definer.Run(absl::StrCat(
      "INSERT OR ABORT INTO ", kScratchTable, " (", absl::StrJoin(targets, ", "), ") SELECT ",
      absl::StrJoin(sources, ", "), " FROM ", QuoteIdentifier(from.name)));
}

// What SQLite has understood must be what was meant.
absl::StatusOr<const Table*> FindScratch(const Schema& schema, const TableText& text) {
  const Table* const scratch = schema.Find(kScratchTable);
  const bool same =
      scratch != nullptr && scratch->columns.size() == text.columns().size() &&
      std::equal(scratch->columns.begin(), scratch->columns.end(), text.columns().begin(),
                 [](const TableColumn& a, const auto& b) { return a.name == b.name; });
  if (same) return scratch;
  return Error(absl::StatusCode::kFailedPrecondition, reason::kUnsupported,
               "the table's definition is written in a way that cannot be changed");
}

// FAILED_PRECONDITION (IN_USE) when a definition means a column that is gone by a name in "…",
// which a database with legacy literals would from now on take for a text.
absl::Status CheckNotLiteral(Definer& definer, absl::string_view sql, const Table& table,
                             const TableText& text, absl::string_view needed_by) {
  if (!definer.database().legacy_string_literals()) return absl::OkStatus();
  const std::vector<SqlToken> tokens = Tokenize(sql);
  const bool names_one = std::any_of(tokens.begin(), tokens.end(), [&](const SqlToken& token) {
    return token.kind == SqlToken::Kind::kQuotedName && table.FindColumn(token.name()) != nullptr &&
           text.FindColumn(token.name()) == nullptr;
  });
  if (!names_one) return absl::OkStatus();
  const absl::Cleanup allow = [&] { definer.connection().set_legacy_string_literals(true); };
  definer.connection().set_legacy_string_literals(false);
  if (definer.connection().PrepareUncached(sql).ok()) return absl::OkStatus();
  return InUse(needed_by, absl::StrCat(needed_by, " needs what would go"));
}

// What the caller's own expressions say has been looked at before.
absl::Status MakeScratch(Definer& definer, const std::string& sql, const Table& table,
                         const TableText& text) {
  RETURN_IF_ERROR(CheckNameFree(definer, kScratchTable));
  const absl::Status made = definer.Run(sql);
  if (ReasonOf(made) != reason::kSqlError) return made;
  const bool drops = std::any_of(
      table.columns.begin(), table.columns.end(),
      [&](const TableColumn& column) { return text.FindColumn(column.name) == nullptr; });
  if (drops) {
    return InUse(table.name, "a CHECK or a generated column of the table needs what would go");
  }
  // Such as CHECK (t.a > 0), which names the table itself.
  return Error(absl::StatusCode::kFailedPrecondition, reason::kUnsupported,
               "the table's definition cannot be written anew under another name");
}

absl::Status MakeAgain(Definer& definer, const std::vector<Attached>& attached, const Table& table,
                       const TableText& text) {
  for (const Attached& each : attached) {
    RETURN_IF_ERROR(CheckNotLiteral(definer, each.sql, table, text, each.name));
    const absl::Status made = definer.Run(each.sql);
    if (ReasonOf(made) != reason::kSqlError) {
      RETURN_IF_ERROR(made);
      continue;
    }
    return InUse(each.name, absl::StrCat(each.name, " needs what would go: ", made.message()));
  }
  return absl::OkStatus();
}

// Rows may have got other rowids, and texts another form. What others keep holds what they want.
absl::Status RefillFullText(Definer& definer, absl::string_view name) {
  ASSIGN_OR_RETURN(const auto schema, definer.CurrentSchema());
  const Table* const table = schema->Find(name);
  for (const FullTextIndex& index : FindFullTextsOver(*schema, *table)) {
    ASSIGN_OR_RETURN(const bool ours, IsKeptByServer(definer, *table, index));
    if (!ours) continue;
    const std::string fts = QuoteIdentifier(index.table->name);
    RETURN_IF_ERROR(
        definer.Run(absl::StrCat("INSERT INTO ", fts, "(", fts, ") VALUES ('rebuild')")));
  }
  return absl::OkStatus();
}

absl::Status TakeItsPlace(Definer& definer, absl::string_view table) {
  const std::string name = QuoteIdentifier(table);
  RETURN_IF_ERROR(definer.Run(absl::StrCat("DROP TABLE ", name)));
  // Otherwise SQLite would find the views and triggers broken that name the table, which is not
  // there at this moment.
  const absl::Cleanup modern = [&] { definer.connection().set_legacy_alter_table(false); };
  definer.connection().set_legacy_alter_table(true);
  return definer.Run(absl::StrCat("ALTER TABLE ", kScratchTable, " RENAME TO ", name));
}

}  // namespace

absl::Status RebuildTable(Definer& definer, const Table& table, const TableText& text) {
  ASSIGN_OR_RETURN(const std::vector<Attached> attached, ReadAttached(definer, table));
  ASSIGN_OR_RETURN(const Value sequence, ReadSequence(definer, table.name));
  {
    const std::string sql = text.Sql(kScratchTable);
    RETURN_IF_ERROR(CheckNotLiteral(definer, sql, table, text, table.name));
    RETURN_IF_ERROR(MakeScratch(definer, sql, table, text));
    ASSIGN_OR_RETURN(const auto schema, definer.CurrentSchema());
    ASSIGN_OR_RETURN(const Table* const scratch, FindScratch(*schema, text));
    RETURN_IF_ERROR(CheckFullTexts(definer, table, *scratch, text));
    RETURN_IF_ERROR(CopyRows(definer, table, *scratch, text));
  }
  RETURN_IF_ERROR(TakeItsPlace(definer, table.name));
  RETURN_IF_ERROR(MakeAgain(definer, attached, table, text));
  RETURN_IF_ERROR(KeepSequence(definer, table.name, sequence));
  return RefillFullText(definer, table.name);
}

absl::StatusOr<ForeignKeyState> ForeignKeyState::Read(Definer& definer, const Table& table) {
  ASSIGN_OR_RETURN(const auto schema, definer.CurrentSchema());
  ASSIGN_OR_RETURN(const auto keys, ReadReferences(definer.connection(), *schema, table));
  std::set<std::string> tables = {table.name};
  for (const ForeignKey& key : keys) tables.insert(key.table);
  ForeignKeyState state;
  for (const std::string& name : tables) {
    const bool itself = absl::EqualsIgnoreCase(name, table.name);
    const auto count = definer.Ask("SELECT count(*) FROM pragma_foreign_key_check(?1)", name);
    RETURN_IF_ERROR(definer.connection().guard().spec().interrupt.Check());
    std::optional<int64_t>& violations =
        state.violations_[itself ? "" : absl::AsciiStrToLower(name)];
    if (count.ok()) {
      violations = count->view().integer;
    } else if (ReasonOf(count.status()) != reason::kSqlError) {
      return count.status();
    }
  }
  return state;
}

absl::Status ForeignKeyState::CheckAgainst(const ForeignKeyState& before) const {
  for (const auto& [name, now] : violations_) {
    const auto found = before.violations_.find(name);
    const bool known = found != before.violations_.end();
    // It did not fit before.
    if (known && !found->second.has_value()) continue;
    const int64_t old = known ? *found->second : 0;
    if (now.has_value() && *now <= old) continue;
    return WithMetadata(
        Error(absl::StatusCode::kFailedPrecondition, reason::kForeignKey,
              now.has_value() ? "rows would refer to rows that are not there"
                              : "a foreign key would not fit the columns that it refers to"),
        "rows", absl::StrCat(now.value_or(0) - old));
  }
  return absl::OkStatus();
}

}  // namespace sluice::engine
