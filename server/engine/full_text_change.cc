#include "server/engine/full_text_change.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/full_text.h"
#include "server/engine/sql_text.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

using sqlite::QuoteIdentifier;
using sqlite::ValueView;

constexpr size_t kTokenizerBytesMax = 200;

absl::Status CheckColumns(const Table& table, const std::vector<std::string>& columns,
                          const std::string& field) {
  if (columns.empty()) return BadField(field, "there is no column");
  absl::flat_hash_set<const TableColumn*> seen;
  for (const std::string& name : columns) {
    const TableColumn* const column = table.FindColumn(name);
    if (column == nullptr) return BadField(field, absl::StrCat("the table has no column ", name));
    if (!seen.insert(column).second) {
      return BadField(field, absl::StrCat("the column ", name, " is given twice"));
    }
    if (absl::EqualsIgnoreCase(name, "rank") || absl::EqualsIgnoreCase(name, "rowid")) {
      return BadField(field, "FTS5 keeps the names rank and rowid for itself");
    }
  }
  return absl::OkStatus();
}

absl::Status NoRowids() {
  return Error(absl::StatusCode::kFailedPrecondition, reason::kUnsupported,
               "only a table whose rowid can be read can have a full-text index");
}

// The triggers' statements. 'delete' must be told the texts that were there.
struct Statements {
  std::string add;
  std::string remove;
};
Statements MakeStatements(const std::string& index, const std::string& key,
                          const std::vector<std::string>& columns) {
  const auto values = [&](const char* row) {
    std::vector<std::string> list = {absl::StrCat(row, ".", key)};
    for (const std::string& column : columns) {
      list.push_back(absl::StrCat(row, ".", QuoteIdentifier(column)));
    }
    return absl::StrJoin(list, ", ");
  };
  const std::string names = absl::StrCat("rowid, ", QuotedNames(columns));
  return {
      .add = absl::StrCat("INSERT INTO ", index, "(", names, ") VALUES (", values("new"), "); "),
      .remove = absl::StrCat("INSERT INTO ", index, "(", index, ", ", names, ") VALUES ('delete', ",
                             values("old"), "); ")};
}

struct Trigger {
  std::string name;
  std::string sql;
};

// The triggers that keep an index over these columns.
std::vector<Trigger> TriggersFor(const Table& table, const std::string& index,
                                 const std::string& key, const std::vector<std::string>& columns) {
  const Statements statements =
      MakeStatements(QuoteIdentifier(index), QuoteIdentifier(key), columns);
  const auto trigger = [&](const char* ending, const char* event, const std::string& body) {
    return Trigger{
        .name = index + ending,
        .sql = absl::StrCat("CREATE TRIGGER ", QuoteIdentifier(index + ending), " AFTER ", event,
                            " ON ", QuoteIdentifier(table.name), " BEGIN ", body, "END")};
  };
  return {trigger("_insert", "INSERT", statements.add),
          trigger("_delete", "DELETE", statements.remove),
          trigger("_update", "UPDATE", statements.remove + statements.add)};
}

std::vector<Trigger> TriggersFor(const Table& table, const FullTextIndex& index) {
  std::vector<std::string> columns;
  for (const TableColumn& column : index.table->columns) {
    if (!column.hidden) columns.push_back(column.name);
  }
  const std::string& key = index.key_column.empty() ? table.rowid_name : index.key_column;
  return TriggersFor(table, index.table->name, key, columns);
}

// SQLite writes a definition anew when something that it names is renamed.
bool SaysTheSame(absl::string_view a, absl::string_view b) {
  const std::vector<SqlToken> left = Tokenize(a);
  const std::vector<SqlToken> right = Tokenize(b);
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const SqlToken& x, const SqlToken& y) {
                      return x.kind == SqlToken::Kind::kLiteral || x.kind == SqlToken::Kind::kSymbol
                                 ? x.text == y.text
                                 : absl::EqualsIgnoreCase(x.name(), y.name());
                    });
}

absl::StatusOr<std::string> DefineIndex(const Table& table, const std::string& index,
                                        const std::vector<std::string>& columns,
                                        const std::string& key, const std::string& tokenizer) {
  ASSIGN_OR_RETURN(const std::string content, LiteralSql(ValueView::Text(table.name), "table"));
  ASSIGN_OR_RETURN(const std::string rowid, LiteralSql(ValueView::Text(key), "table"));
  std::string sql =
      absl::StrCat("CREATE VIRTUAL TABLE ", QuoteIdentifier(index), " USING fts5(",
                   QuotedNames(columns), ", content=", content, ", content_rowid=", rowid);
  if (!tokenizer.empty()) {
    ASSIGN_OR_RETURN(const std::string words, LiteralSql(ValueView::Text(tokenizer), "tokenizer"));
    absl::StrAppend(&sql, ", tokenize=", words);
  }
  return absl::StrCat(sql, ")");
}

absl::StatusOr<std::vector<Trigger>> TriggersThatName(Definer& definer, const Table& table,
                                                      absl::string_view index) {
  std::vector<Trigger> triggers;
  ASSIGN_OR_RETURN(sqlite::Statement rows,
                   definer.connection().PrepareUncached(
                       "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND "
                       "tbl_name = ?1 COLLATE NOCASE"));
  rows.Bind(1, ValueView::Text(table.name));
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return triggers;
    const std::vector<SqlToken> tokens = Tokenize(rows.column(1).bytes);
    const bool named = std::any_of(tokens.begin(), tokens.end(), [&](const SqlToken& token) {
      return absl::EqualsIgnoreCase(token.name(), index);
    });
    if (!named) continue;
    triggers.push_back({std::string(rows.column(0).bytes), std::string(rows.column(1).bytes)});
  }
}

bool Holds(const std::vector<Trigger>& triggers, const Trigger& wanted) {
  return std::any_of(triggers.begin(), triggers.end(), [&](const Trigger& each) {
    return absl::EqualsIgnoreCase(each.name, wanted.name) && SaysTheSame(each.sql, wanted.sql);
  });
}

}  // namespace

absl::Status MakeFullText(Definer& definer, const Table& table,
                          const std::vector<std::string>& columns, const std::string& tokenizer,
                          const std::string& field) {
  RETURN_IF_ERROR(CheckColumns(table, columns, field + ".columns"));
  const std::string of_tokenizer = field + ".tokenizer";
  if (tokenizer.size() > kTokenizerBytesMax) return BadField(of_tokenizer, "is too long");
  if (table.rowid_name.empty()) return NoRowids();
  RETURN_IF_ERROR(DropFullText(definer, table).status());
  const std::string index = absl::StrCat(table.name, "_fts");
  RETURN_IF_ERROR(CheckTableName(index, field));
  ASSIGN_OR_RETURN(
      const sqlite::Value taken,
      definer.Ask("SELECT 1 FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE", index));
  if (!taken.view().is_null()) {
    return WithMetadata(Error(absl::StatusCode::kAlreadyExists, reason::kNameTaken,
                              "another table has the name of the full-text index"),
                        "table", index);
  }
  ASSIGN_OR_RETURN(const sqlite::Value key_name,
                   definer.Ask("SELECT name FROM pragma_table_info(?1) WHERE pk = 1 AND "
                               "upper(type) = 'INTEGER' AND NOT EXISTS (SELECT 1 FROM "
                               "pragma_index_list(?1) WHERE origin = 'pk')",
                               table.name));
  const bool named = !key_name.view().is_null() && table.primary_key.size() == 1;
  const std::string key = named ? std::string(key_name.view().bytes) : table.rowid_name;
  ASSIGN_OR_RETURN(const std::string sql, DefineIndex(table, index, columns, key, tokenizer));
  const absl::Status made = definer.Run(sql);
  if (!tokenizer.empty() && ReasonOf(made) == reason::kSqlError) {
    return BadField(of_tokenizer, "FTS5 does not take it");
  }
  RETURN_IF_ERROR(made);
  const std::string quoted = QuoteIdentifier(index);
  RETURN_IF_ERROR(
      definer.Run(absl::StrCat("INSERT INTO ", quoted, "(", quoted, ") VALUES ('rebuild')")));
  for (const Trigger& trigger : TriggersFor(table, index, key, columns)) {
    RETURN_IF_ERROR(definer.Run(trigger.sql));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> DropFullText(Definer& definer, const Table& table) {
  ASSIGN_OR_RETURN(const auto schema, definer.CurrentSchema());
  const std::vector<FullTextIndex> indexes = FindFullTextsOver(*schema, table);
  for (const FullTextIndex& index : indexes) {
    ASSIGN_OR_RETURN(const auto triggers, TriggersThatName(definer, table, index.table->name));
    const std::vector<Trigger> made = TriggersFor(table, index);
    for (const Trigger& trigger : triggers) {
      if (!Holds(made, trigger)) {
        return InUse(trigger.name, "a trigger of the table names the full-text index");
      }
      RETURN_IF_ERROR(definer.Run(absl::StrCat("DROP TRIGGER ", QuoteIdentifier(trigger.name))));
    }
    RETURN_IF_ERROR(definer.Run(absl::StrCat("DROP TABLE ", QuoteIdentifier(index.table->name))));
  }
  return !indexes.empty();
}

absl::StatusOr<bool> IsKeptByServer(Definer& definer, const Table& table,
                                    const FullTextIndex& index) {
  ASSIGN_OR_RETURN(const auto triggers, TriggersThatName(definer, table, index.table->name));
  const std::vector<Trigger> made = TriggersFor(table, index);
  return std::all_of(made.begin(), made.end(),
                     [&](const Trigger& trigger) { return Holds(triggers, trigger); });
}

absl::Status CheckOutsideFullText(Definer& definer, const Table& table, absl::string_view column) {
  ASSIGN_OR_RETURN(const auto schema, definer.CurrentSchema());
  for (const FullTextIndex& index : FindFullTextsOver(*schema, table)) {
    const bool reads = column.empty() || index.table->FindColumn(column) != nullptr ||
                       absl::EqualsIgnoreCase(index.key_column, column);
    if (!reads) continue;
    return InUse(index.table->name,
                 "a full-text index needs it; disable the index before and enable it after");
  }
  return absl::OkStatus();
}

}  // namespace sluice::engine
