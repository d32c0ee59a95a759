#include "server/engine/row_count.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/own_time.h"
#include "server/engine/selection.h"

namespace sluice::engine {

absl::StatusOr<RowCount> CountRows(sqlite::Connection& connection, const Schema& schema,
                                   const Table& table, const RowsSpec& spec, CountMode mode,
                                   const Interrupt& interrupt) {
  const bool capped = mode == CountMode::kCapped;
  RowCount count;
  const auto work = [&]() -> absl::Status {
    Binds binds;
    ASSIGN_OR_RETURN(const Selection rows, MakeSelection(connection, schema, table, spec, binds));
    const std::string from = absl::StrCat(rows.from, rows.where);
    const std::string sql = capped ? absl::StrCat("SELECT count(*) FROM (SELECT 1", from, " LIMIT ",
                                                  limits::kCountRowsMax + 1, ")")
                                   : absl::StrCat("SELECT count(*)", from);
    ASSIGN_OR_RETURN(sqlite::Statement statement, connection.Prepare(sql));
    binds.ApplyTo(statement);
    RETURN_IF_ERROR(statement.Step().status());
    count = {.kind = RowCount::Kind::kExact, .value = statement.column(0).integer};
    return absl::OkStatus();
  };
  ASSIGN_OR_RETURN(const bool done,
                   RunWithin(connection, interrupt,
                             capped ? limits::kCountTimeMax : limits::kExactCountTimeMax, work));
  if (!done) return RowCount{.kind = RowCount::Kind::kTimedOut, .value = 0};
  if (capped && count.value > limits::kCountRowsMax) {
    return RowCount{.kind = RowCount::Kind::kCapped, .value = limits::kCountRowsMax};
  }
  return count;
}

}  // namespace sluice::engine
