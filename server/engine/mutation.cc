#include "server/engine/mutation.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/table_write.h"

namespace sluice::engine {
namespace {

using sqlite::Connection;

absl::Status InRow(absl::Status status, size_t row) {
  return WithMetadata(std::move(status), "row", absl::StrCat(row));
}

std::unique_ptr<TableWriter> MakeWriter(const Database& database, Connection& connection,
                                        const Table& table, const Mutation& mutation,
                                        absl::string_view etag_secret) {
  switch (mutation.kind) {
    case Mutation::Kind::kInsert:
      return MakeInserter(database, connection, table, mutation);
    case Mutation::Kind::kUpdate:
      return MakeUpdater(database, connection, table, mutation, etag_secret);
    case Mutation::Kind::kDelete:
      return MakeDeleter(database, connection, table, mutation, etag_secret);
  }
  return nullptr;
}

absl::Status PushColumns(const Table& table, const Mutation& mutation) {
  std::vector<ColumnView> columns;
  if (mutation.returned == Mutation::Return::kRows) {
    for (const int shown : table.statements.shown) {
      const TableColumn& column = table.columns[static_cast<size_t>(shown)];
      columns.push_back({column.name, column.declared_type});
    }
  }
  return mutation.sink->OnColumns(columns);
}

}  // namespace

absl::Status CheckAnswerBytes(size_t bytes) {
  if (bytes <= limits::kWriteAnswerBytesMax) return absl::OkStatus();
  return Error(absl::StatusCode::kResourceExhausted, reason::kLimit,
               "the rows to be returned are too large together; ask for keys, or write fewer rows");
}

namespace {

absl::Status WriteRows(const Database& database, Connection& connection, const Table& table,
                       const Mutation& mutation, const MutationOptions& options,
                       MutationOutcome* outcome) {
  WriteSink& sink = *mutation.sink;
  const auto writer = MakeWriter(database, connection, table, mutation, options.etag_secret);
  RETURN_IF_ERROR(writer->Start());
  size_t failure_bytes = 0;
  for (size_t i = 0; i < mutation.rows.size(); ++i) {
    const size_t before = sink.entries();
    const auto effect = options.continue_on_error
                            ? WriteInSavepoint(connection, *writer, mutation.rows[i])
                            : writer->Write(mutation.rows[i]);
    if (effect.ok()) {
      Count(*effect, outcome);
    } else {
      if (!options.continue_on_error || connection.autocommit() || !IsFaultOfRow(effect.status())) {
        return InRow(effect.status(), i);
      }
      if (sink.entries() > before) sink.ForgetLast();
      outcome->failures.push_back({i, effect.status()});
      failure_bytes += effect.status().message().size();
      RETURN_IF_ERROR(CheckAnswerBytes(sink.bytes() + failure_bytes));
    }
    if (writer->returns() && sink.entries() == before) {
      RETURN_IF_ERROR(sink.OnNoRow(table.statements.key.exists()));
    }
    RETURN_IF_ERROR(CheckReturnedBytes(sink));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ApplyMutation(Database& database, Connection& connection, const Mutation& mutation,
                           const MutationOptions& options, MutationOutcome* outcome) {
  mutation.sink->Clear();
  *outcome = MutationOutcome();
  ASSIGN_OR_RETURN(const auto schema, database.CurrentSchema(connection));
  ASSIGN_OR_RETURN(const Table* const table, FindTable(*schema, database.name(), mutation.table));
  RETURN_IF_ERROR(PushColumns(*table, mutation));
  RETURN_IF_ERROR(mutation.matching.has_value()
                      ? WriteMatching(database, connection, *schema, *table, mutation, outcome)
                      : WriteRows(database, connection, *table, mutation, options, outcome));
  return table->kind == TableKind::kVirtual ? FlushVirtualTables(connection) : absl::OkStatus();
}

}  // namespace sluice::engine
