// Full-text search: which index covers a table, and how to ask it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/engine/binds.h"
#include "server/engine/schema.h"

namespace sluice::engine {

// A full-text index over a table.
struct FullTextIndex {
  // The table itself, when it is made by FTS3, FTS4 or FTS5.
  const Table* table = nullptr;
  // 3, 4 or 5.
  int version = 0;
  // The column of the indexed table that is the index's rowid; empty for the rowid.
  std::string key_column;
};

// The table itself when it is a full-text table, else the first one whose `content=` names it.
std::optional<FullTextIndex> FindFullText(const Schema& schema, const Table& table);

// All full-text tables whose `content=` names the table.
std::vector<FullTextIndex> FindFullTextsOver(const Schema& schema, const Table& table);

// What a search looks for.
struct Search {
  std::string text;
  // In the index's own query language. Otherwise every word is looked for as it stands, and what is
  // in "…" as a phrase.
  bool raw = false;
};

// Every word as a quoted string, phrases as they are. Empty when there is no word.
std::string EscapeSearch(absl::string_view text);

// A search as SQL over a table that the statement calls `t0`.
struct SearchSql {
  // What stands behind the table in FROM; empty when the table is its own index.
  std::string join;
  std::string condition;
  // Smaller is better.
  std::string rank;
  // A piece of the text around the words, which stand in [ ].
  std::string snippet;
};
// `search.text` is bound as it is.
SearchSql MakeSearchSql(const FullTextIndex& index, const Table& table, const Search& search,
                        Binds& binds);

}  // namespace sluice::engine
