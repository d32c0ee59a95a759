#include "server/engine/table_text.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/clause_reader.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

using sqlite::QuoteIdentifier;

absl::Status NotUnderstood() {
  return Error(absl::StatusCode::kFailedPrecondition, reason::kUnsupported,
               "the table's definition is written in a way that cannot be changed");
}

bool Lists(const std::vector<std::string>& columns, absl::string_view name) {
  return std::any_of(columns.begin(), columns.end(), [&](const std::string& column) {
    return absl::EqualsIgnoreCase(column, name);
  });
}

bool Same(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return absl::EqualsIgnoreCase(x, y); });
}

void Erase(std::vector<TableText::Part>* parts,
           const std::function<bool(const TableText::Part&)>& goes) {
  parts->erase(std::remove_if(parts->begin(), parts->end(), goes), parts->end());
}

}  // namespace

bool TableText::Column::Has(Clause clause) const {
  return std::any_of(parts.begin(), parts.end(),
                     [&](const Part& part) { return part.clause == clause; });
}

absl::StatusOr<TableText> TableText::Parse(absl::string_view sql) {
  const Tokens tokens = Tokenize(sql);
  TableText text;
  // CREATE TABLE name (
  if (tokens.size() < 5 || !tokens[3].is_symbol('(')) return NotUnderstood();
  size_t begin = 4;
  int depth = 1;
  size_t at = begin;
  for (; at < tokens.size() && depth > 0; ++at) {
    depth += tokens[at].is_symbol('(') ? 1 : tokens[at].is_symbol(')') ? -1 : 0;
    if (depth == 0 || (depth == 1 && tokens[at].is_symbol(','))) {
      RETURN_IF_ERROR(text.ParseDefinition(tokens, begin, at));
      begin = at + 1;
    }
  }
  if (depth > 0) return NotUnderstood();
  if (at < tokens.size()) {
    text.options_ =
        std::string(sql.substr(static_cast<size_t>(tokens[at].text.data() - sql.data())));
  }
  return text;
}

absl::Status TableText::ParseDefinition(const Tokens& tokens, size_t begin, size_t end) {
  ClauseReader reader(tokens, begin, end);
  if (reader.AtConstraint()) return ParseConstraints(tokens, begin, end);
  Column& column = columns_.emplace_back();
  if (!reader.ReadName(&column.name)) return NotUnderstood();
  column.source = column.name;
  const size_t type = reader.at();
  reader.ReadType();
  column.type_sql = reader.TextFrom(type);
  while (!reader.done()) {
    if (!reader.ReadClause(&column.parts.emplace_back())) return NotUnderstood();
  }
  return absl::OkStatus();
}

absl::Status TableText::ParseConstraints(const Tokens& tokens, size_t begin, size_t end) {
  // SQLite takes them without commas, too.
  ClauseReader reader(tokens, begin, end);
  while (!reader.done()) {
    if (!reader.ReadConstraint(&constraints_.emplace_back())) return NotUnderstood();
  }
  return absl::OkStatus();
}

TableText::Column* TableText::Find(absl::string_view name) {
  for (Column& column : columns_) {
    if (absl::EqualsIgnoreCase(column.name, name)) return &column;
  }
  return nullptr;
}

const TableText::Column* TableText::FindColumn(absl::string_view name) const {
  return const_cast<TableText*>(this)->Find(name);
}

bool TableText::IsInConstraint(absl::string_view column) const {
  return std::any_of(constraints_.begin(), constraints_.end(),
                     [&](const Part& part) { return Lists(part.columns, column); });
}

std::vector<std::string> TableText::PrimaryKey() const {
  for (const Part& part : constraints_) {
    if (part.clause == Clause::kPrimaryKey) return part.columns;
  }
  for (const Column& column : columns_) {
    if (column.Has(Clause::kPrimaryKey)) return {column.name};
  }
  return {};
}

absl::Status TableText::AddColumn(const ColumnDefinition& definition) {
  ASSIGN_OR_RETURN(const std::string sql, ColumnDefinitionSql(definition));
  const Tokens tokens = Tokenize(sql);
  RETURN_IF_ERROR(ParseDefinition(tokens, 0, tokens.size()));
  columns_.back().source.clear();
  return absl::OkStatus();
}

absl::Status TableText::DropColumn(absl::string_view column) {
  const auto in_use = [&](absl::string_view by) {
    return WithMetadata(Error(absl::StatusCode::kFailedPrecondition, reason::kInUse,
                              absl::StrCat("the column is part of ", by)),
                        "needed_by", by);
  };
  if (Lists(PrimaryKey(), column)) return in_use("the primary key");
  for (const Part& part : constraints_) {
    if (part.columns.size() > 1 && Lists(part.columns, column)) {
      return in_use("a constraint with other columns");
    }
  }
  Erase(&constraints_, [&](const Part& part) { return Lists(part.columns, column); });
  columns_.erase(columns_.begin() + (Find(column) - columns_.data()));
  return absl::OkStatus();
}

void TableText::Replace(absl::string_view column, Clause clause, std::string sql) {
  std::vector<Part>& parts = Find(column)->parts;
  Erase(&parts, [&](const Part& part) { return part.clause == clause; });
  if (!sql.empty()) parts.push_back({.clause = clause, .sql = std::move(sql)});
}

void TableText::SetType(absl::string_view column, absl::string_view type) {
  Find(column)->type_sql = std::string(type);
}

void TableText::SetNotNull(absl::string_view column, bool not_null) {
  // The one that is there may have a name and a conflict clause.
  if (not_null && Find(column)->Has(Clause::kNotNull)) return;
  Replace(column, Clause::kNotNull, not_null ? "NOT NULL" : "");
}

void TableText::SetDefault(absl::string_view column, absl::string_view default_sql) {
  Replace(column, Clause::kDefault, std::string(default_sql));
}

void TableText::SetCollation(absl::string_view column, absl::string_view collation) {
  Replace(column, Clause::kCollate, collation.empty() ? "" : absl::StrCat("COLLATE ", collation));
}

void TableText::Reorder(const std::vector<std::string>& first) {
  absl::flat_hash_map<std::string, size_t> places;
  for (const std::string& name : first) places.emplace(absl::AsciiStrToLower(name), places.size());
  const auto place = [&](const Column& column) {
    const auto found = places.find(absl::AsciiStrToLower(column.name));
    return found == places.end() ? places.size() : found->second;
  };
  std::stable_sort(columns_.begin(), columns_.end(),
                   [&](const Column& a, const Column& b) { return place(a) < place(b); });
}

void TableText::SetPrimaryKey(const std::vector<std::string>& columns, bool autoincrement) {
  const auto is_key = [](const Part& part) { return part.clause == Clause::kPrimaryKey; };
  Erase(&constraints_, is_key);
  for (Column& column : columns_) Erase(&column.parts, is_key);
  if (columns.size() == 1) {
    const char* const sql = autoincrement ? "PRIMARY KEY AUTOINCREMENT" : "PRIMARY KEY";
    std::vector<Part>& parts = Find(columns[0])->parts;
    parts.insert(parts.begin(), {.clause = Clause::kPrimaryKey, .sql = sql});
  } else if (!columns.empty()) {
    constraints_.insert(constraints_.begin(),
                        {.clause = Clause::kPrimaryKey,
                         .sql = absl::StrCat("PRIMARY KEY (", QuotedNames(columns), ")"),
                         .columns = columns});
  }
}

void TableText::AddForeignKey(const ForeignKeyDefinition& key) {
  constraints_.push_back(
      {.clause = Clause::kForeignKey, .sql = ForeignKeySql(key), .columns = key.columns});
}

bool TableText::DropForeignKey(const std::vector<std::string>& columns) {
  const size_t before = constraints_.size();
  Erase(&constraints_, [&](const Part& part) {
    return part.clause == Clause::kForeignKey && Same(part.columns, columns);
  });
  if (constraints_.size() < before) return true;
  Column* const column = columns.size() == 1 ? Find(columns[0]) : nullptr;
  if (column == nullptr || !column->Has(Clause::kForeignKey)) return false;
  Replace(columns[0], Clause::kForeignKey, "");
  return true;
}

std::string TableText::Sql(absl::string_view table) const {
  std::vector<std::string> definitions;
  for (const Column& column : columns_) {
    std::string sql = QuoteIdentifier(column.name);
    if (!column.type_sql.empty()) absl::StrAppend(&sql, " ", column.type_sql);
    for (const Part& part : column.parts) absl::StrAppend(&sql, " ", part.sql);
    definitions.push_back(std::move(sql));
  }
  for (const Part& part : constraints_) definitions.push_back(part.sql);
  return absl::StrCat("CREATE TABLE ", QuoteIdentifier(table), " (\n  ",
                      absl::StrJoin(definitions, ",\n  "), "\n)", options_.empty() ? "" : " ",
                      options_);
}

}  // namespace sluice::engine
