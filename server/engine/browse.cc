#include "server/engine/browse.h"

#include <memory>
#include <utility>

#include "server/base/status.h"
#include "server/engine/etag.h"
#include "server/engine/key_check.h"
#include "server/engine/row_reader.h"
#include "server/engine/row_statement.h"
#include "server/engine/table_start.h"

namespace sluice::engine {
namespace {

using sqlite::Statement;

bool WantsMoreThanRows(const PageSpec& spec) {
  return spec.count != CountMode::kNone || !spec.facets.empty() || spec.suggest_facets;
}

absl::Status AddExtras(RowReader& reader, const PageSpec& spec, const Interrupt& caller,
                       PageOutcome& outcome) {
  const Interrupt interrupt = caller.Within(Deadline::After(spec.rows.time_max));
  sqlite::Connection& connection = reader.connection();
  const Schema& schema = reader.schema();
  const Table& table = reader.table();
  if (spec.count != CountMode::kNone) {
    ASSIGN_OR_RETURN(outcome.count,
                     CountRows(connection, schema, table, spec.rows, spec.count, interrupt));
  }
  if (!spec.facets.empty()) {
    ASSIGN_OR_RETURN(outcome.facets, CountFacets(connection, schema, table, spec.rows, spec.facets,
                                                 spec.facet_size, interrupt));
  }
  if (spec.suggest_facets) {
    ASSIGN_OR_RETURN(outcome.suggested_facets, SuggestFacets(connection, schema, table, spec.rows,
                                                             spec.facet_size, interrupt));
  }
  return absl::OkStatus();
}

absl::Status PushColumns(const Table& table, RowSink& sink) {
  std::vector<ColumnView> columns;
  for (const int shown : table.statements.shown) {
    const TableColumn& column = table.columns[static_cast<size_t>(shown)];
    columns.push_back({column.name, column.declared_type});
  }
  return sink.OnColumns(columns);
}

// The row's own columns, without labels.
RowView RowOf(const Table& table, const Statement& statement) {
  const TableSql& sql = table.statements;
  return RowView(statement, sql.lead, static_cast<int>(sql.shown.size()), &sql.key);
}

absl::StatusOr<Statement> BeginRow(sqlite::Connection& connection, const Table& table,
                                   const RowKey& key) {
  RETURN_IF_ERROR(CheckKey(table, key));
  const TableSql& sql = table.statements;
  ASSIGN_OR_RETURN(Statement statement,
                   connection.Prepare(key.by_rowid ? sql.get_by_rowid : sql.get_by_key));
  for (size_t i = 0; i < key.parts.size(); ++i) {
    statement.Bind(static_cast<int>(i) + 1, key.parts[i].view());
  }
  return statement;
}

absl::StatusOr<Statement> BeginLabelledRow(sqlite::Connection& connection, const Schema& schema,
                                           const Table& table, const OneRowSpec& spec,
                                           RowStatement& shape) {
  RETURN_IF_ERROR(CheckKey(table, spec.key));
  ASSIGN_OR_RETURN(
      shape, MakeOneRowStatement(connection, schema, table, spec.labels, spec.settings, spec.key));
  ASSIGN_OR_RETURN(Statement statement, connection.Prepare(shape.sql));
  shape.binds.ApplyTo(statement);
  return statement;
}

}  // namespace

absl::StatusOr<PageOutcome> ListRows(Database& database, const PageSpec& spec,
                                     const Interrupt& interrupt, RowSink& sink) {
  ASSIGN_OR_RETURN(sqlite::ReadLease lease, database.Acquire(interrupt));
  if (WantsMoreThanRows(spec)) RETURN_IF_ERROR(lease->Execute("BEGIN"));
  // One row more than the page holds, to know whether there is one.
  ASSIGN_OR_RETURN(const auto reader, RowReader::Open(database, std::move(lease), spec.rows,
                                                      spec.rows_max + 1, interrupt));
  ASSIGN_OR_RETURN(const bool more, reader->Fill(sink, spec.rows_max, spec.bytes_max));
  PageOutcome outcome;
  if (more) outcome.next = reader->position();
  RETURN_IF_ERROR(AddExtras(*reader, spec, interrupt, outcome));
  return outcome;
}

absl::StatusOr<std::vector<Reference>> GetRow(Database& database, sqlite::ReadLease lease,
                                              const OneRowSpec& spec, absl::string_view etag_secret,
                                              const Interrupt& interrupt, RowSink& sink) {
  const Interrupt within = interrupt.Within(Deadline::After(spec.time_max));
  lease->guard().Arm({.interrupt = within});
  if (spec.references) RETURN_IF_ERROR(lease->Execute("BEGIN"));
  const bool labelled = !spec.labels.empty();
  RowStatement shape;
  ASSIGN_OR_RETURN(
      const Started found,
      StartOn(database, *lease, spec.table, [&](const Schema& schema, const Table& table) {
        return labelled ? BeginLabelledRow(*lease, schema, table, spec, shape)
                        : BeginRow(*lease, table, spec.key);
      }));
  if (!found.row) return NoSuchRow(database, *found.table);
  RETURN_IF_ERROR(labelled ? shape.PushColumns(sink) : PushColumns(*found.table, sink));
  const RowView row = RowOf(*found.table, found.statement);
  const std::string etag = EtagOf(*found.table, row, etag_secret);
  RETURN_IF_ERROR(sink.OnRow((labelled ? shape.ViewOf(found.statement) : row).WithEtag(etag)));
  if (!spec.references) return std::vector<Reference>();
  return CountReferences(*lease, *found.schema, *found.table, found.statement, within);
}

}  // namespace sluice::engine
