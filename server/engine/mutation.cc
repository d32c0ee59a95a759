#include "server/engine/mutation.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/table_write.h"

namespace sluice::engine {
namespace {

using sqlite::Connection;

absl::Status InRow(absl::Status status, size_t row) {
  return WithMetadata(std::move(status), "row", absl::StrCat(row));
}

// Whether the row is at fault, and not the disk, the time or the server.
bool IsFaultOfRow(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAborted:
      return true;
    case absl::StatusCode::kResourceExhausted:
      return ReasonOf(status) == reason::kLimit;
    default:
      return false;
  }
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

void Count(RowEffect effect, MutationOutcome* outcome) {
  switch (effect) {
    case RowEffect::kInserted:
      ++outcome->inserted_count;
      break;
    case RowEffect::kUpdated:
      ++outcome->updated_count;
      break;
    case RowEffect::kDeleted:
      ++outcome->deleted_count;
      break;
    case RowEffect::kIgnored:
      ++outcome->ignored_count;
      break;
  }
}

// One row in a savepoint of its own, so that nothing of it stays when it fails.
absl::StatusOr<RowEffect> WriteInSavepoint(Connection& connection, TableWriter& writer,
                                           const Mutation::Row& row) {
  RETURN_IF_ERROR(connection.Execute("SAVEPOINT row"));
  absl::StatusOr<RowEffect> effect = writer.Write(row);
  // The row has ended the whole transaction.
  if (connection.autocommit()) return effect;
  absl::Status ended;
  if (!effect.ok()) ended = connection.Execute("ROLLBACK TO row");
  if (ended.ok()) ended = connection.Execute("RELEASE row");
  // What the row did can no longer be told from the others': the whole transaction goes.
  if (!ended.ok()) {
    connection.Execute("ROLLBACK").IgnoreError();
    return ended;
  }
  return effect;
}

}  // namespace

absl::Status CheckAnswerBytes(size_t bytes) {
  if (bytes <= limits::kWriteAnswerBytesMax) return absl::OkStatus();
  return Error(absl::StatusCode::kResourceExhausted, reason::kLimit,
               "the rows to be returned are too large together; ask for keys, or write fewer rows");
}

absl::Status ApplyMutation(Database& database, Connection& connection, const Mutation& mutation,
                           const MutationOptions& options, MutationOutcome* outcome) {
  WriteSink& sink = *mutation.sink;
  sink.Clear();
  *outcome = MutationOutcome();
  ASSIGN_OR_RETURN(const auto schema, database.CurrentSchema(connection));
  ASSIGN_OR_RETURN(const Table* const table, FindTable(*schema, database.name(), mutation.table));
  RETURN_IF_ERROR(PushColumns(*table, mutation));
  const auto writer = MakeWriter(database, connection, *table, mutation, options.etag_secret);
  RETURN_IF_ERROR(writer->Start());
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
    }
    if (sink.entries() > 1) RETURN_IF_ERROR(CheckAnswerBytes(sink.bytes()));
    if (writer->returns() && sink.entries() == before) {
      RETURN_IF_ERROR(sink.OnNoRow(table->statements.key.exists()));
    }
  }
  return absl::OkStatus();
}

}  // namespace sluice::engine
