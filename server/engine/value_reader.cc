#include "server/engine/value_reader.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/key_check.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

using sqlite::Statement;
using sqlite::StorageClass;

absl::StatusOr<const TableColumn*> FindShownColumn(const Table& table, absl::string_view name) {
  const TableColumn* const column = table.FindColumn(name);
  if (column != nullptr && !column->hidden) return column;
  return BadField("column", absl::StrCat("there is no column called ", name));
}

// `SELECT <what of the column> FROM table WHERE key`
absl::StatusOr<Statement> SelectValue(sqlite::Connection& connection, const Table& table,
                                      const ValueSpec& spec, bool described) {
  RETURN_IF_ERROR(CheckKey(table, spec.key));
  ASSIGN_OR_RETURN(const TableColumn* const column, FindShownColumn(table, spec.column));
  const std::string name = sqlite::QuoteIdentifier(column->name);
  const TableSql& sql = table.statements;
  ASSIGN_OR_RETURN(
      Statement statement,
      connection.Prepare(absl::StrCat(
          "SELECT ", described ? absl::StrCat(table.rowid_name, ", typeof(", name, ")") : name,
          " FROM ", sqlite::QuoteIdentifier(table.name), " WHERE ",
          spec.key.by_rowid ? sql.rowid_condition : sql.key_condition)));
  for (size_t i = 0; i < spec.key.parts.size(); ++i) {
    statement.Bind(static_cast<int>(i) + 1, spec.key.parts[i].view());
  }
  return statement;
}

// Whether a text or a blob of the table can be read where it stands in the file, which SQLite does
// not do in one with computed columns.
bool ReadsInPlace(const Table& table) {
  return table.kind == TableKind::kTable && !table.rowid_name.empty() &&
         std::none_of(table.columns.begin(), table.columns.end(),
                      [](const TableColumn& column) { return column.generated != Generated::kNo; });
}

}  // namespace

ValueReader::ValueReader(std::shared_ptr<Database> database, sqlite::ReadLease lease,
                         absl::Duration time_max, const Interrupt& interrupt)
    : database_(std::move(database)),
      lease_(std::move(lease)),
      interrupt_(interrupt),
      time_max_(time_max) {}

void ValueReader::Arm() {
  lease_->guard().Arm({.policy = nullptr,
                       .interrupt = interrupt_.Within(Deadline::After(time_max_)),
                       .profile = sqlite::LimitProfile::kOwn});
}

absl::StatusOr<std::unique_ptr<ValueReader>> ValueReader::Open(std::shared_ptr<Database> database,
                                                               const ValueSpec& spec,
                                                               const Interrupt& interrupt) {
  ASSIGN_OR_RETURN(sqlite::ReadLease lease, database->Acquire(interrupt));
  auto reader = std::unique_ptr<ValueReader>(
      new ValueReader(std::move(database), std::move(lease), spec.time_max, interrupt));
  reader->Arm();
  RETURN_IF_ERROR(reader->lease_->Execute("BEGIN"));
  RETURN_IF_ERROR(reader->Start(spec));
  return reader;
}

absl::Status ValueReader::Start(const ValueSpec& spec) {
  const std::shared_ptr<const Schema> schema = database_->CachedSchema();
  const Table* const seen = schema->Find(spec.table);
  if (seen == nullptr || !ReadsInPlace(*seen)) return StartWhole(spec);
  ASSIGN_OR_RETURN(started_,
                   StartOn(*database_, *lease_, spec.table, [&](const Schema&, const Table& table) {
                     return SelectValue(*lease_, table, spec, ReadsInPlace(table));
                   }));
  // The table may have become another meanwhile; a number is quickly read whole.
  const bool described = started_.row && started_.statement.column_count() == 2;
  const absl::string_view type = described ? started_.statement.column(1).bytes : "";
  if (type != "text" && type != "blob") return StartWhole(spec);
  type_ = type == "text" ? StorageClass::kText : StorageClass::kBlob;
  ASSIGN_OR_RETURN(const sqlite::Value encoding, lease_->QueryValue("PRAGMA encoding"));
  // In a database of another encoding SQLite has to convert a text.
  if (type_ == StorageClass::kText && encoding.view().bytes != "UTF-8") return StartWhole(spec);
  const std::string column = started_.table->FindColumn(spec.column)->name;
  ASSIGN_OR_RETURN(blob_, sqlite::Blob::Open(*lease_, started_.table->name, column,
                                             started_.statement.column(0).integer));
  size_bytes_ = blob_->size_bytes();
  return absl::OkStatus();
}

absl::Status ValueReader::StartWhole(const ValueSpec& spec) {
  started_ = Started();
  ASSIGN_OR_RETURN(started_,
                   StartOn(*database_, *lease_, spec.table, [&](const Schema&, const Table& table) {
                     return SelectValue(*lease_, table, spec, /*described=*/false);
                   }));
  if (!started_.row) return NoSuchRow(*database_, *started_.table);
  whole_ = started_.statement.column(0);
  type_ = whole_.type;
  size_bytes_ = static_cast<int64_t>(whole_.bytes.size());
  return absl::OkStatus();
}

absl::Status ValueReader::Read(char* out, size_t bytes) {
  RETURN_IF_ERROR(interrupt_.Check());
  if (blob_ != nullptr) {
    Arm();
    RETURN_IF_ERROR(blob_->Read(out, bytes, offset_));
  } else if (bytes > 0) {
    std::memcpy(out, whole_.bytes.data() + offset_, bytes);
  }
  offset_ += static_cast<int64_t>(bytes);
  return absl::OkStatus();
}

}  // namespace sluice::engine
