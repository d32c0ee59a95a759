#include "server/engine/clause_reader.h"

#include <algorithm>

namespace sluice::engine {
namespace {

using Clause = TableText::Clause;

}  // namespace

std::string ClauseReader::TextFrom(size_t begin) const {
  if (begin >= at_) return "";
  const char* const first = tokens_[begin].text.data();
  const absl::string_view last = tokens_[at_ - 1].text;
  return std::string(first, static_cast<size_t>(last.data() + last.size() - first));
}

bool ClauseReader::Take(absl::string_view word) {
  if (done() || !tokens_[at_].is_word(word)) return false;
  ++at_;
  return true;
}

bool ClauseReader::TakeAny() {
  if (done()) return false;
  ++at_;
  return true;
}

bool ClauseReader::AtClause() const {
  if (done()) return false;
  for (const char* word : {"CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT",
                           "COLLATE", "REFERENCES", "GENERATED", "AS", "DEFERRABLE"}) {
    if (tokens_[at_].is_word(word)) return true;
  }
  return false;
}

bool ClauseReader::AtConstraint() const {
  if (done()) return false;
  for (const char* word : {"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"}) {
    if (tokens_[at_].is_word(word)) return true;
  }
  return false;
}

bool ClauseReader::ReadName(std::string* name) {
  if (done() || tokens_[at_].kind == SqlToken::Kind::kSymbol) return false;
  *name = tokens_[at_++].name();
  return true;
}

void ClauseReader::ReadType() {
  while (!done() && !AtClause()) {
    if (!SkipParentheses()) ++at_;
  }
}

bool ClauseReader::SkipParentheses() {
  if (done() || !tokens_[at_].is_symbol('(')) return false;
  for (int depth = 0; !done(); ++at_) {
    depth += tokens_[at_].is_symbol('(') ? 1 : tokens_[at_].is_symbol(')') ? -1 : 0;
    if (depth > 0) continue;
    ++at_;
    return true;
  }
  return false;
}

bool ClauseReader::SkipConflict() { return !Take("ON") || (Take("CONFLICT") && TakeAny()); }

bool ClauseReader::SkipDefault() {
  if (SkipParentheses()) return true;
  if (done()) return false;
  const bool sign = tokens_[at_].is_symbol('-') || tokens_[at_].is_symbol('+');
  if (sign) ++at_;
  if (!TakeAny()) return false;
  // A number with a point or an exponent is several tokens: 1.5, .5, 1e-3.
  const auto adjacent = [&] {
    const absl::string_view before = tokens_[at_ - 1].text;
    return !done() && before.data() + before.size() == tokens_[at_].text.data();
  };
  while (adjacent() && (tokens_[at_].is_symbol('.') || tokens_[at_].is_symbol('-') ||
                        tokens_[at_].is_symbol('+') || tokens_[at_ - 1].is_symbol('.') ||
                        tokens_[at_ - 1].is_symbol('-') || tokens_[at_ - 1].is_symbol('+'))) {
    ++at_;
  }
  return true;
}

bool ClauseReader::SkipReferences() {
  if (!TakeAny()) return false;
  SkipParentheses();
  while (!done()) {
    const size_t before = at_;
    bool read = true;
    if (Take("ON")) {
      read = TakeAny();
      // SET NULL, SET DEFAULT, NO ACTION; the others are one word.
      if (!Take("SET")) Take("NO");
      read = read && TakeAny();
    } else if (Take("MATCH")) {
      read = TakeAny();
    } else {
      Take("NOT");
      if (!Take("DEFERRABLE")) {
        at_ = before;
        return true;
      }
      if (Take("INITIALLY")) read = TakeAny();
    }
    if (!read) return false;
  }
  return true;
}

bool ClauseReader::SkipGenerated() {
  if (!SkipParentheses()) return false;
  if (!Take("STORED")) Take("VIRTUAL");
  return true;
}

bool ClauseReader::ReadClause(TableText::Part* part) {
  const size_t begin = at_;
  if (Take("CONSTRAINT") && !TakeAny()) return false;
  // The name of a constraint may stand alone.
  bool read = true;
  if (Take("PRIMARY")) {
    part->clause = Clause::kPrimaryKey;
    read = Take("KEY");
    if (!Take("ASC")) Take("DESC");
    read = read && SkipConflict();
    Take("AUTOINCREMENT");
  } else if (Take("NOT")) {
    part->clause = Clause::kNotNull;
    read = Take("NULL") && SkipConflict();
  } else if (Take("NULL")) {
    read = SkipConflict();
  } else if (Take("UNIQUE")) {
    part->clause = Clause::kUnique;
    read = SkipConflict();
  } else if (Take("CHECK")) {
    part->clause = Clause::kCheck;
    read = SkipParentheses() && SkipConflict();
  } else if (Take("DEFAULT")) {
    part->clause = Clause::kDefault;
    read = SkipDefault();
  } else if (Take("COLLATE")) {
    part->clause = Clause::kCollate;
    read = TakeAny();
  } else if (Take("REFERENCES")) {
    part->clause = Clause::kForeignKey;
    read = SkipReferences();
  } else if (Take("GENERATED")) {
    part->clause = Clause::kGenerated;
    read = Take("ALWAYS") && Take("AS") && SkipGenerated();
  } else if (Take("AS")) {
    part->clause = Clause::kGenerated;
    read = SkipGenerated();
  } else if (at_ == begin) {
    return false;
  }
  part->sql = TextFrom(begin);
  return read;
}

bool ClauseReader::ReadColumns(std::vector<std::string>* columns) {
  const size_t open = at_;
  if (!SkipParentheses()) return false;
  int depth = 0;
  for (size_t i = open; i < at_; ++i) {
    const bool first =
        tokens_[i].is_symbol('(') ? depth == 0 : depth == 1 && tokens_[i].is_symbol(',');
    depth += tokens_[i].is_symbol('(') ? 1 : tokens_[i].is_symbol(')') ? -1 : 0;
    if (first && i + 1 < at_) columns->push_back(tokens_[i + 1].name());
  }
  return true;
}

bool ClauseReader::ReadBody(TableText::Part* part) {
  if (Take("PRIMARY")) {
    part->clause = Clause::kPrimaryKey;
    return Take("KEY") && ReadColumns(&part->columns) && SkipConflict();
  }
  if (Take("UNIQUE")) {
    part->clause = Clause::kUnique;
    return ReadColumns(&part->columns) && SkipConflict();
  }
  if (Take("CHECK")) {
    part->clause = Clause::kCheck;
    return SkipParentheses() && SkipConflict();
  }
  if (Take("FOREIGN")) {
    part->clause = Clause::kForeignKey;
    return Take("KEY") && ReadColumns(&part->columns) && Take("REFERENCES") && SkipReferences();
  }
  return false;
}

bool ClauseReader::ReadConstraint(TableText::Part* part) {
  const size_t begin = at_;
  if (Take("CONSTRAINT") && !TakeAny()) return false;
  // The name of a constraint may stand alone.
  const bool read = done() || ReadBody(part) || (at_ > begin && AtConstraint());
  part->sql = TextFrom(begin);
  return read;
}

}  // namespace sluice::engine
