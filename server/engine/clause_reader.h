// The grammar of the clauses of CREATE TABLE, as far as it takes to find where each ends. Of this
// room's own.
#pragma once

#include <vector>

#include "server/engine/table_text.h"

namespace sluice::engine {

// Goes over the tokens from `begin` to `end`.
class ClauseReader {
 public:
  ClauseReader(const std::vector<SqlToken>& tokens, size_t begin, size_t end)
      : tokens_(tokens), at_(begin), end_(end) {}

  bool done() const { return at_ >= end_; }
  size_t at() const { return at_; }
  // The text from the token `begin` to where it stands.
  std::string TextFrom(size_t begin) const;

  // Whether a clause of a column begins here.
  bool AtClause() const;
  // Whether a constraint of the table begins here.
  bool AtConstraint() const;
  // Reads the name of a column, a type, a clause. False for what it does not understand.
  bool ReadName(std::string* name);
  void ReadType();
  bool ReadClause(TableText::Part* part);
  bool ReadConstraint(TableText::Part* part);

 private:
  bool Take(absl::string_view word);
  bool TakeAny();
  bool SkipParentheses();
  bool SkipConflict();
  bool SkipDefault();
  bool SkipReferences();
  bool SkipGenerated();
  bool ReadColumns(std::vector<std::string>* columns);
  bool ReadBody(TableText::Part* part);

  const std::vector<SqlToken>& tokens_;
  size_t at_;
  const size_t end_;
};

}  // namespace sluice::engine
