#include "server/engine/filter_sql.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "server/base/check.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/foreign_keys.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

using sqlite::QuoteIdentifier;
using sqlite::Value;
using sqlite::ValueView;

absl::Status Wrong(const Filter& node, absl::string_view what) {
  return BadFieldAt("filter", node.offset, what);
}

absl::string_view SqlOf(Filter::Comparison comparison) {
  switch (comparison) {
    case Filter::Comparison::kEqual:
      return " = ";
    case Filter::Comparison::kNotEqual:
      return " <> ";
    case Filter::Comparison::kLess:
      return " < ";
    case Filter::Comparison::kLessOrEqual:
      return " <= ";
    case Filter::Comparison::kGreater:
      return " > ";
    case Filter::Comparison::kGreaterOrEqual:
      return " >= ";
  }
  return "";
}

// Halves joined by halves: SQLite's ceiling on the depth of an expression counts every operator of
// a plain chain.
std::string JoinBalanced(const std::vector<std::string>& parts, absl::string_view op, size_t begin,
                         size_t end) {
  if (end - begin == 1) return parts[begin];
  const size_t middle = begin + (end - begin) / 2;
  return absl::StrCat("(", JoinBalanced(parts, op, begin, middle), op,
                      JoinBalanced(parts, op, middle, end), ")");
}

// The text between wildcards, with LIKE's own characters escaped by a backslash.
std::string LikePattern(absl::string_view before, absl::string_view text, absl::string_view after) {
  return absl::StrCat(
      before, absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"%", "\\%"}, {"_", "\\_"}}), after);
}

class Compiler {
 public:
  Compiler(sqlite::Connection& connection, const Schema& schema, Binds& binds)
      : connection_(connection), schema_(schema), binds_(binds) {}

  absl::StatusOr<std::string> Compile(const Filter& node, const Table& table,
                                      absl::string_view alias) {
    switch (node.kind) {
      case Filter::Kind::kAnd:
        return Joined(node, " AND ", table, alias);
      case Filter::Kind::kOr:
        return Joined(node, " OR ", table, alias);
      case Filter::Kind::kNot: {
        ASSIGN_OR_RETURN(const std::string inner, Compile(node.parts.at(0), table, alias));
        return absl::StrCat("NOT ", inner);
      }
      case Filter::Kind::kThrough:
        return Through(node, table, alias);
      default:
        break;
    }
    std::string subject = ColumnSql(table, alias, node.column);
    if (subject.empty()) {
      return Wrong(node, absl::StrCat("there is no column called ", node.column));
    }
    if (node.date) subject = absl::StrCat("date(", subject, ")");
    return Test(node, subject);
  }

 private:
  absl::StatusOr<std::string> Joined(const Filter& node, absl::string_view op, const Table& table,
                                     absl::string_view alias) {
    CHECK(!node.parts.empty());
    std::vector<std::string> parts;
    for (const Filter& part : node.parts) {
      ASSIGN_OR_RETURN(std::string sql, Compile(part, table, alias));
      parts.push_back(std::move(sql));
    }
    return JoinBalanced(parts, op, 0, parts.size());
  }

  // Always in parentheses, so that it can stand after NOT.
  std::string Test(const Filter& node, const std::string& subject) {
    const auto like = [&](absl::string_view before, absl::string_view after) {
      const absl::string_view text = node.values.at(0).view().bytes;
      return absl::StrCat("(", subject, " LIKE ", binds_.AddText(LikePattern(before, text, after)),
                          " ESCAPE '\\')");
    };
    switch (node.kind) {
      case Filter::Kind::kCompare:
        return Compare(node, subject);
      case Filter::Kind::kHas:
        return Has(node, subject);
      case Filter::Kind::kContains:
        return like("%", "%");
      case Filter::Kind::kStartsWith:
        return like("", "%");
      case Filter::Kind::kEndsWith:
        return like("%", "");
      case Filter::Kind::kLike:
        return absl::StrCat("(", subject, " LIKE ", binds_.Add(node.values.at(0).view()), ")");
      case Filter::Kind::kGlob:
        return absl::StrCat("(", subject, " GLOB ", binds_.Add(node.values.at(0).view()), ")");
      case Filter::Kind::kArrayContains:
        return ArrayContains(subject, binds_.Add(node.values.at(0).view()));
      case Filter::Kind::kIn:
        return In(node, subject);
      case Filter::Kind::kIsNull:
        return absl::StrCat("(", subject, " IS NULL)");
      case Filter::Kind::kIsBlank:
        return absl::StrCat("(", subject, " IS NULL OR ", subject, " = '')");
      default:
        break;
    }
    CHECK(false);
    return "";
  }

  std::string Compare(const Filter& node, const std::string& subject) {
    const ValueView value = node.values.at(0).view();
    // The parser lets NULL through for = and != alone.
    if (value.is_null()) {
      const bool equal = node.comparison == Filter::Comparison::kEqual;
      return absl::StrCat("(", subject, equal ? " IS NULL)" : " IS NOT NULL)");
    }
    return absl::StrCat("(", subject, SqlOf(node.comparison), binds_.Add(value), ")");
  }

  std::string In(const Filter& node, const std::string& subject) {
    std::vector<std::string> parameters;
    bool null = false;
    for (const Value& value : node.values) {
      if (value.view().is_null()) {
        null = true;
      } else {
        parameters.push_back(binds_.Add(value.view()));
      }
    }
    const std::string in =
        absl::StrCat("(", subject, " IN (", absl::StrJoin(parameters, ","), "))");
    return null ? absl::StrCat("(", in, " OR ", subject, " IS NULL)") : in;
  }

  // Never NULL, so that NOT gives every other row.
  static std::string ArrayContains(const std::string& subject, const std::string& parameter) {
    return absl::StrCat("(EXISTS (SELECT 1 FROM json_each(CASE WHEN json_valid(", subject,
                        ") AND json_type(", subject, ") = 'array' THEN ", subject,
                        " END) AS j WHERE j.value = ", parameter, "))");
  }

  std::string Has(const Filter& node, const std::string& subject) {
    const std::string exact = binds_.Add(node.values.at(0).view());
    // The second value is the same as a text, to look for.
    const std::string pattern =
        binds_.AddText(LikePattern("%", node.values.at(1).view().bytes, "%"));
    return absl::StrCat(
        "(CASE WHEN json_valid(", subject, ") AND json_type(", subject,
        ") = 'array' THEN EXISTS (SELECT 1 FROM json_each(", subject,
        ") AS j WHERE j.value = ", exact, ") WHEN json_valid(", subject, ") AND json_type(",
        subject, ") = 'object' THEN EXISTS (SELECT 1 FROM json_each(", subject,
        ") AS j WHERE j.key = ", exact, ") ELSE ", subject, " LIKE ", pattern, " ESCAPE '\\' END)");
  }

  absl::StatusOr<std::string> Through(const Filter& node, const Table& table,
                                      absl::string_view alias) {
    const Table* const other = schema_.Find(node.table);
    if (other == nullptr || other->hidden || !other->unavailable_reason.empty()) {
      return Wrong(node, absl::StrCat("there is no table called ", node.table));
    }
    ASSIGN_OR_RETURN(const ForeignKey key, FindKey(node, *other, table));
    const std::string inner_alias = absl::StrCat("t", ++aliases_);
    ASSIGN_OR_RETURN(const std::string condition, Compile(node.parts.at(0), *other, inner_alias));
    std::vector<std::string> parents;
    std::vector<std::string> children;
    std::vector<std::string> tests{condition};
    for (size_t i = 0; i < key.columns.size(); ++i) {
      parents.push_back(ColumnSql(table, alias, key.parent_columns[i]));
      children.push_back(ColumnSql(*other, inner_alias, key.columns[i]));
      if (parents.back().empty() || children.back().empty()) {
        return Wrong(node, "the foreign key names a column that is not there");
      }
      // A NULL among what IN looks through would make its NOT unknown for every row.
      tests.push_back(absl::StrCat(children.back(), " IS NOT NULL"));
    }
    const std::string left =
        parents.size() == 1 ? parents[0] : absl::StrCat("(", absl::StrJoin(parents, ","), ")");
    return absl::StrCat("(", left, " IN (SELECT ", absl::StrJoin(children, ","), " FROM ",
                        QuoteIdentifier(other->name), " AS ", inner_alias, " WHERE ",
                        absl::StrJoin(tests, " AND "), "))");
  }

  // The one foreign key by which `other` refers to `table`, or the one that `node` names.
  absl::StatusOr<ForeignKey> FindKey(const Filter& node, const Table& other, const Table& table) {
    ASSIGN_OR_RETURN(std::vector<ForeignKey> keys, ReadForeignKeys(connection_, schema_, other));
    std::vector<ForeignKey> fitting;
    for (ForeignKey& key : keys) {
      if (!absl::EqualsIgnoreCase(key.parent_table, table.name)) continue;
      const bool named = std::any_of(
          key.columns.begin(), key.columns.end(),
          [&](const std::string& column) { return absl::EqualsIgnoreCase(column, node.column); });
      if (node.column.empty() || named) fitting.push_back(std::move(key));
    }
    if (fitting.empty()) {
      return Wrong(node, absl::StrCat(other.name, " has no such foreign key to ", table.name));
    }
    if (fitting.size() > 1) {
      return Wrong(node,
                   absl::StrCat(other.name, " has several foreign keys to ", table.name,
                                ": say which, as in ", other.name, ".", fitting[0].columns[0]));
    }
    return std::move(fitting[0]);
  }

  sqlite::Connection& connection_;
  const Schema& schema_;
  Binds& binds_;
  int aliases_ = 0;
};

}  // namespace

std::string ColumnSql(const Table& table, absl::string_view alias, absl::string_view column) {
  const TableColumn* const found = table.FindColumn(column);
  if (found != nullptr) {
    return found->hidden ? "" : absl::StrCat(alias, ".", QuoteIdentifier(found->name));
  }
  const bool rowid = absl::EqualsIgnoreCase(column, "rowid") ||
                     absl::EqualsIgnoreCase(column, "_rowid_") ||
                     absl::EqualsIgnoreCase(column, "oid");
  return rowid && !table.rowid_name.empty() ? absl::StrCat(alias, ".", table.rowid_name) : "";
}

absl::StatusOr<std::string> FilterSql(const Filter& filter, sqlite::Connection& connection,
                                      const Schema& schema, const Table& table,
                                      absl::string_view alias, Binds& binds) {
  return Compiler(connection, schema, binds).Compile(filter, table, alias);
}

}  // namespace sluice::engine
