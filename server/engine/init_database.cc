#include "server/engine/init_database.h"

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/status.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

absl::StatusOr<bool> IsThere(sqlite::Connection& connection, absl::string_view name) {
  ASSIGN_OR_RETURN(sqlite::Statement find,
                   connection.PrepareUncached("SELECT 1 FROM sqlite_schema WHERE type IN ('table', "
                                              "'view') AND name = ?1 COLLATE NOCASE"));
  find.Bind(1, sqlite::ValueView::Text(name));
  return find.Step();
}

absl::Status Named(const absl::Status& status, absl::string_view name) {
  return status.ok() ? status
                     : WithMessage(status, absl::StrCat("init of ", name, ": ", status.message()));
}

absl::Status Wrong(absl::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kSqlError, what);
}

// False when it is there.
absl::StatusOr<bool> Make(sqlite::Connection& connection, absl::string_view name,
                          const std::string& sql) {
  ASSIGN_OR_RETURN(const bool there, IsThere(connection, name));
  if (there) return false;
  connection.set_commit_forbidden(true);
  const absl::Status run = connection.ExecuteScript(sql);
  connection.set_commit_forbidden(false);
  if (connection.autocommit()) return Wrong("the SQL must not begin or end transactions");
  RETURN_IF_ERROR(run);
  ASSIGN_OR_RETURN(const bool made, IsThere(connection, name));
  if (!made) return Wrong("the SQL does not make it");
  return true;
}

absl::Status MakeAll(sqlite::Connection& connection, const InitSpec& spec,
                     absl::string_view database) {
  const auto make = [&](absl::string_view name, const std::string& sql) -> absl::Status {
    const absl::StatusOr<bool> made = Make(connection, name, sql);
    RETURN_IF_ERROR(Named(made.status(), name));
    if (*made)
      Log(LogLevel::kInfo, "made a table of the configuration",
          {{"database", database}, {"name", name}});
    return absl::OkStatus();
  };
  for (const InitTable& table : spec.tables) {
    std::string sql = table.sql;
    if (sql.empty()) {
      ASSIGN_OR_RETURN(sql, CreateTableSql(table.definition));
    }
    RETURN_IF_ERROR(make(table.name, sql));
  }
  for (const InitView& view : spec.views) {
    RETURN_IF_ERROR(make(view.name, absl::StrCat("CREATE VIEW ", sqlite::QuoteIdentifier(view.name),
                                                 " AS ", view.select)));
  }
  return absl::OkStatus();
}

// Whether there is anything to make, so that a start that makes nothing takes no lock.
absl::StatusOr<bool> IsAllThere(sqlite::Connection& connection, const InitSpec& spec) {
  bool all = true;
  for (const InitTable& table : spec.tables) {
    ASSIGN_OR_RETURN(const bool there, IsThere(connection, table.name));
    all = all && there;
  }
  for (const InitView& view : spec.views) {
    ASSIGN_OR_RETURN(const bool there, IsThere(connection, view.name));
    all = all && there;
  }
  return all;
}

}  // namespace

absl::Status InitDatabase(sqlite::Connection& connection, const InitSpec& spec,
                          absl::string_view database) {
  ASSIGN_OR_RETURN(const bool all, IsAllThere(connection, spec));
  if (all) return absl::OkStatus();
  RETURN_IF_ERROR(connection.Execute("BEGIN IMMEDIATE"));
  absl::Status status = MakeAll(connection, spec, database);
  if (status.ok()) status = connection.Execute("COMMIT");
  if (!status.ok() && !connection.autocommit()) connection.Execute("ROLLBACK").IgnoreError();
  return status;
}

}  // namespace sluice::engine
