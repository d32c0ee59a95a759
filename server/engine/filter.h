// Conditions on rows, as callers give them: names are not yet looked up and values not yet bound.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "server/sqlite/value.h"

namespace sluice::engine {

// One node of a condition's tree. A value; owns everything. Whoever makes one bounds its depth and
// size.
struct Filter {
  enum class Kind {
    // `parts`, one at least.
    kAnd,
    kOr,
    // The one of `parts`.
    kNot,
    // What is looked at against `values`: one of kCompare to kGlob, any number of kIn.
    kCompare,
    kHas,
    kContains,
    kStartsWith,
    kEndsWith,
    kLike,
    kGlob,
    kArrayContains,
    kIn,
    // No values.
    kIsNull,
    kIsBlank,
    // Rows that a row of another table refers to by a foreign key, where the one of `parts` holds
    // of that other row.
    kThrough,
  };
  enum class Comparison { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

  Kind kind = Kind::kAnd;
  Comparison comparison = Comparison::kEqual;
  // Where it stands in the caller's text, in bytes, for errors.
  size_t offset = 0;
  std::vector<Filter> parts = {};

  // For kThrough the other table; `column` then says which foreign key, or is empty.
  std::string table = {};
  std::string column = {};
  // Look at the column's calendar date, as SQLite's date() gives it.
  bool date = false;
  std::vector<sqlite::Value> values = {};
};

}  // namespace sluice::engine
