#include "server/engine/full_text.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/engine/filter_sql.h"
#include "server/engine/sql_text.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

using sqlite::QuoteIdentifier;

// 0 for what is no full-text module.
int VersionOf(const Table& table) {
  if (table.module == "fts3") return 3;
  if (table.module == "fts4") return 4;
  return table.module == "fts5" ? 5 : 0;
}

char ClosingQuote(char c) { return c == '[' ? ']' : c == '"' || c == '\'' || c == '`' ? c : '\0'; }

// Where the parenthesis of CREATE VIRTUAL TABLE … USING module( is; the name may hold one too.
size_t FindArguments(absl::string_view sql) {
  const std::vector<SqlToken> tokens = Tokenize(sql);
  for (size_t i = 0; i + 2 < tokens.size(); ++i) {
    if (!tokens[i].is_word("USING")) continue;
    const bool open = tokens[i + 2].is_symbol('(');
    return open ? static_cast<size_t>(tokens[i + 2].text.data() - sql.data()) : sql.npos;
  }
  return sql.npos;
}

// What stands between the parentheses of CREATE VIRTUAL TABLE, split at its commas.
std::vector<std::string> ModuleArguments(absl::string_view sql) {
  std::vector<std::string> arguments;
  const size_t open = FindArguments(sql);
  if (open == absl::string_view::npos) return arguments;
  std::string current;
  char quote = '\0';
  int depth = 0;
  for (const char c : sql.substr(open + 1)) {
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == ',' && depth == 0) {
      arguments.push_back(std::move(current));
      current.clear();
      continue;
    } else if (c == ')' && depth == 0) {
      break;
    } else {
      quote = ClosingQuote(c);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    }
    current += c;
  }
  arguments.push_back(std::move(current));
  return arguments;
}

std::string Unquoted(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  const char quote = text.empty() ? '\0' : ClosingQuote(text[0]);
  if (quote == '\0' || text.size() < 2 || text.back() != quote) return std::string(text);
  std::string bare;
  for (size_t i = 1; i + 1 < text.size(); ++i) {
    bare += text[i];
    if (text[i] == quote) ++i;
  }
  return bare;
}

// The value of a module's argument `name=value`; empty when it is not there.
std::string OptionOf(const Table& table, absl::string_view name) {
  for (const std::string& argument : ModuleArguments(table.sql)) {
    const size_t equals = argument.find('=');
    if (equals == std::string::npos) continue;
    const absl::string_view key =
        absl::StripAsciiWhitespace(absl::string_view(argument).substr(0, equals));
    if (absl::EqualsIgnoreCase(key, name)) {
      return Unquoted(absl::string_view(argument).substr(equals + 1));
    }
  }
  return "";
}

}  // namespace

std::optional<FullTextIndex> FindFullText(const Schema& schema, const Table& table) {
  if (const int version = VersionOf(table); version > 0) {
    return FullTextIndex{.table = &table, .version = version, .key_column = ""};
  }
  std::vector<FullTextIndex> over = FindFullTextsOver(schema, table);
  if (over.empty()) return std::nullopt;
  return std::move(over.front());
}

std::vector<FullTextIndex> FindFullTextsOver(const Schema& schema, const Table& table) {
  std::vector<FullTextIndex> found;
  for (const Table& candidate : schema.tables()) {
    const int version = VersionOf(candidate);
    if (version == 0 || !absl::EqualsIgnoreCase(OptionOf(candidate, "content"), table.name)) {
      continue;
    }
    found.push_back({.table = &candidate,
                     .version = version,
                     .key_column = OptionOf(candidate, "content_rowid")});
  }
  return found;
}

std::string EscapeSearch(absl::string_view text) {
  std::vector<std::string> terms;
  while (!(text = absl::StripLeadingAsciiWhitespace(text)).empty()) {
    const bool phrase = text[0] == '"';
    if (phrase) text.remove_prefix(1);
    // A word ends where a phrase begins.
    size_t end = phrase ? text.find('"') : text.find_first_of(" \t\r\n\v\f\"");
    if (end == absl::string_view::npos) end = text.size();
    const bool blank = absl::StripAsciiWhitespace(text.substr(0, end)).empty();
    if (!blank) terms.push_back(absl::StrCat("\"", text.substr(0, end), "\""));
    text.remove_prefix(end);
    if (phrase && !text.empty()) text.remove_prefix(1);
  }
  return absl::StrJoin(terms, " ");
}

SearchSql MakeSearchSql(const FullTextIndex& index, const Table& table, const Search& search,
                        Binds& binds) {
  SearchSql sql;
  const bool own = index.table == &table;
  const std::string alias = own ? "t0" : "f";
  if (!own) {
    std::string key = ColumnSql(table, "t0", index.key_column);
    if (key.empty()) key = absl::StrCat("t0.", table.rowid_name);
    sql.join =
        absl::StrCat(" JOIN ", QuoteIdentifier(index.table->name), " AS f ON f.rowid = ", key);
  }
  const std::string whole = absl::StrCat(alias, ".", QuoteIdentifier(index.table->name));
  sql.condition = absl::StrCat(whole, " MATCH ",
                               binds.AddText(search.raw ? search.text : EscapeSearch(search.text)));
  if (index.version == 5) {
    sql.rank = absl::StrCat(alias, ".rank");
    sql.snippet = absl::StrCat("snippet(", whole, ", -1, '[', ']', '…', 16)");
  } else {
    sql.rank = absl::StrCat("sluice_rank(matchinfo(", whole, ", 'pcx'))");
    sql.snippet = absl::StrCat("snippet(", whole, ", '[', ']', '…', -1, 16)");
  }
  return sql;
}

}  // namespace sluice::engine
