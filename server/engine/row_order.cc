#include "server/engine/row_order.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/filter_sql.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

using sqlite::QuoteIdentifier;
using sqlite::Value;

int IndexOf(const Table& table, absl::string_view column) {
  const TableColumn* const found = table.FindColumn(column);
  return found == nullptr ? SortKey::kRowid : static_cast<int>(found - table.columns.data());
}

absl::StatusOr<SortKey> KeyOf(const Table& table, const OrderTerm& term) {
  SortKey key;
  key.expression = ColumnSql(table, "t0", term.column);
  if (key.expression.empty()) {
    return BadFieldAt("order_by", term.offset,
                      absl::StrCat("there is no column called ", term.column));
  }
  key.column = IndexOf(table, term.column);
  key.descending = term.descending;
  key.nulls_first = term.nulls_first.value_or(!term.descending);
  // What a column of a table holds has been through its affinity and stays as it is when compared;
  // values of views and modules need not have, and the unary plus takes their affinity away.
  const bool stored = table.kind == TableKind::kTable;
  if (key.column == SortKey::kRowid) {
    key.may_be_null = false;
  } else if (stored) {
    key.may_be_null = !table.columns[static_cast<size_t>(key.column)].not_null;
  } else {
    key.expression = absl::StrCat("+", key.expression);
  }
  return key;
}

// Makes the order total by what tells all rows apart, in the direction of its last key, so that an
// index over that key can give both.
void AddTieBreaker(const Table& table, RowOrder& order) {
  const bool descending = !order.keys.empty() && order.keys.back().descending;
  const auto add = [&](std::string expression, int column, bool may_be_null) {
    order.keys.push_back({.expression = std::move(expression),
                          .descending = descending,
                          .nulls_first = !descending,
                          .may_be_null = may_be_null,
                          .column = column});
  };
  if (!table.rowid_name.empty()) {
    return add(absl::StrCat("t0.", table.rowid_name), SortKey::kRowid, false);
  }
  const bool sure =
      std::all_of(table.primary_key.begin(), table.primary_key.end(), [&](int column) {
        return table.without_rowid || table.columns[static_cast<size_t>(column)].not_null;
      });
  if (!table.primary_key.empty() && sure) {
    for (const int column : table.primary_key) {
      const TableColumn& part = table.columns[static_cast<size_t>(column)];
      std::string expression = absl::StrCat("t0.", QuoteIdentifier(part.name));
      if (!part.key_collation.empty()) {
        absl::StrAppend(&expression, " COLLATE ", QuoteIdentifier(part.key_collation));
      }
      add(std::move(expression), column, false);
    }
    return;
  }
  order.counted = true;
  for (const int column : table.statements.shown) {
    add(absl::StrCat("+t0.", QuoteIdentifier(table.columns[static_cast<size_t>(column)].name),
                     " COLLATE BINARY"),
        column, true);
  }
}

// The rows behind `value` in the key's order, its equals left out.
std::string Behind(const SortKey& key, const Value& value, const std::string& parameter) {
  if (value.view().is_null()) {
    return key.nulls_first ? absl::StrCat(key.expression, " IS NOT NULL") : "0";
  }
  std::string behind = absl::StrCat(key.expression, key.descending ? " < " : " > ", parameter);
  if (key.may_be_null && !key.nulls_first) {
    absl::StrAppend(&behind, " OR ", key.expression, " IS NULL");
  }
  return behind;
}

// Key `i` and those after it.
std::string Behind(const RowOrder& order, const PagePosition& position,
                   const std::vector<std::string>& parameters, size_t i) {
  const SortKey& key = order.keys[i];
  const std::string behind = Behind(key, position.values[i], parameters[i]);
  const std::string equal = position.values[i].view().is_null()
                                ? absl::StrCat(key.expression, " IS NULL")
                                : absl::StrCat(key.expression, " = ", parameters[i]);
  if (i + 1 == order.keys.size()) {
    return order.counted ? absl::StrCat("(", behind, " OR ", equal, ")")
                         : absl::StrCat("(", behind, ")");
  }
  return absl::StrCat("(", behind, " OR (", equal, " AND ",
                      Behind(order, position, parameters, i + 1), "))");
}

}  // namespace

absl::StatusOr<RowOrder> MakeRowOrder(const Table& table, const std::vector<OrderTerm>& terms,
                                      absl::string_view rank) {
  RowOrder order;
  if (!rank.empty()) {
    order.keys.push_back({.expression = std::string(rank),
                          .descending = false,
                          .nulls_first = true,
                          .may_be_null = false,
                          .column = SortKey::kRank});
  }
  for (const OrderTerm& term : terms) {
    ASSIGN_OR_RETURN(SortKey key, KeyOf(table, term));
    const bool again = std::any_of(order.keys.begin(), order.keys.end(), [&](const SortKey& other) {
      return other.column == key.column;
    });
    if (again) {
      return BadFieldAt("order_by", term.offset, absl::StrCat(term.column, " comes twice"));
    }
    order.keys.push_back(std::move(key));
  }
  AddTieBreaker(table, order);
  return order;
}

std::string OrderBySql(const RowOrder& order) {
  return absl::StrJoin(order.keys, ", ", [](std::string* out, const SortKey& key) {
    absl::StrAppend(out, key.expression, key.descending ? " DESC" : "");
    if (key.may_be_null && key.nulls_first == key.descending) {
      absl::StrAppend(out, key.nulls_first ? " NULLS FIRST" : " NULLS LAST");
    }
  });
}

absl::StatusOr<std::string> AfterSql(const RowOrder& order, const PagePosition& position,
                                     Binds& binds) {
  if (position.values.size() != order.keys.size()) {
    return BadField("page_token", "the table has changed since this token was given");
  }
  std::vector<std::string> parameters;
  for (const Value& value : position.values) {
    parameters.push_back(value.view().is_null() ? "NULL" : binds.Add(value.view()));
  }
  std::string after = Behind(order, position, parameters, 0);
  // Said once more for the first key alone, where it bounds a range of an index.
  const SortKey& first = order.keys[0];
  if (!position.values[0].view().is_null() && !(first.may_be_null && !first.nulls_first)) {
    return absl::StrCat("(", first.expression, first.descending ? " <= " : " >= ", parameters[0],
                        " AND ", after, ")");
  }
  return after;
}

}  // namespace sluice::engine
