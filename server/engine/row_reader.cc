#include "server/engine/row_reader.h"

#include <utility>

#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/value_order.h"

namespace sluice::engine {

using sqlite::Statement;

RowReader::RowReader(Database& database, sqlite::ReadLease lease, const RowsSpec& spec,
                     const Interrupt& interrupt)
    : database_(database), lease_(std::move(lease)), spec_(spec), interrupt_(interrupt) {}

void RowReader::Arm() {
  lease_->guard().Arm({.policy = nullptr,
                       .interrupt = interrupt_.Within(Deadline::After(spec_.time_max)),
                       .profile = sqlite::LimitProfile::kOwn});
}

absl::StatusOr<std::unique_ptr<RowReader>> RowReader::Open(Database& database,
                                                           sqlite::ReadLease lease,
                                                           const RowsSpec& spec, int64_t limit,
                                                           const Interrupt& interrupt) {
  auto reader =
      std::unique_ptr<RowReader>(new RowReader(database, std::move(lease), spec, interrupt));
  reader->Arm();
  RETURN_IF_ERROR(reader->Start(limit));
  return reader;
}

absl::Status RowReader::Start(int64_t limit) {
  const auto begin = [&](const Schema& schema, const Table& table) -> absl::StatusOr<Statement> {
    ASSIGN_OR_RETURN(shape_, MakeRowStatement(*lease_, schema, table, spec_, limit));
    ASSIGN_OR_RETURN(Statement statement, lease_->Prepare(shape_.sql));
    shape_.binds.ApplyTo(statement);
    return statement;
  };
  absl::StatusOr<Started> started = StartOn(database_, *lease_, spec_.table, begin);
  if (spec_.search.has_value() && ReasonOf(started.status()) == reason::kSqlError) {
    return BadField("search", "is no query of the full-text index");
  }
  RETURN_IF_ERROR(started.status());
  started_ = *std::move(started);
  if (shape_.order.counted && spec_.after.has_value()) position_ = *spec_.after;
  return absl::OkStatus();
}

absl::StatusOr<bool> RowReader::Fill(RowSink& sink, int64_t rows_max, size_t bytes_target) {
  if (!columns_pushed_) {
    RETURN_IF_ERROR(shape_.PushColumns(sink));
    columns_pushed_ = true;
  } else {
    Arm();
  }
  for (int64_t pushed = 1; started_.row; ++pushed) {
    RETURN_IF_ERROR(sink.OnRow(shape_.ViewOf(started_.statement)));
    ++row_count_;
    const bool last = pushed == rows_max || sink.bytes() >= bytes_target;
    if (shape_.order.counted) {
      Count();
    } else if (last) {
      Remember();
    }
    ASSIGN_OR_RETURN(started_.row, started_.statement.Step());
    if (last) return started_.row;
  }
  return false;
}

void RowReader::Remember() {
  position_.values.clear();
  for (const int column : shape_.position) {
    position_.values.emplace_back(started_.statement.column(column));
  }
}

void RowReader::Count() {
  bool equal = position_.values.size() == shape_.position.size();
  for (size_t i = 0; equal && i < shape_.position.size(); ++i) {
    equal = CompareValues(position_.values[i].view(),
                          started_.statement.column(shape_.position[i])) == 0;
  }
  if (equal) {
    ++position_.equal_rows;
    return;
  }
  Remember();
  position_.equal_rows = 1;
}

}  // namespace sluice::engine
