// One value of one row, piece by piece.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/deadline.h"
#include "server/base/limits.h"
#include "server/engine/database.h"
#include "server/engine/row_key.h"
#include "server/engine/table_start.h"
#include "server/sqlite/blob.h"
#include "server/sqlite/pool.h"
#include "server/sqlite/value.h"

namespace sluice::engine {

struct ValueSpec {
  absl::string_view table;
  RowKey key;
  absl::string_view column;
  // How long each piece may take.
  absl::Duration time_max = limits::kStatementTimeMax;
};

// Texts and blobs of tables with rowids are read from the file as they are asked for, whatever
// their size; other values are held whole, up to kRowBytesMax. Reads one state of the database.
// Holds a read connection for as long as it lives. One thread at a time.
class ValueReader {
 public:
  // NOT_FOUND (NO_SUCH_TABLE, NO_SUCH_ROW), INVALID_ARGUMENT (`key`, `column`), FAILED_PRECONDITION
  // (UNSUPPORTED) for what has no keys.
  static absl::StatusOr<std::unique_ptr<ValueReader>> Open(std::shared_ptr<Database> database,
                                                           const ValueSpec& spec,
                                                           const Interrupt& interrupt);

  sqlite::StorageClass type() const { return type_; }
  // The number, for INTEGER and REAL.
  const sqlite::ValueView& number() const { return whole_; }
  // Of a TEXT or a BLOB; 0 for other types.
  int64_t size_bytes() const { return size_bytes_; }
  int64_t left_bytes() const { return size_bytes_ - offset_; }
  // The next `bytes`, of which there must be so many left.
  absl::Status Read(char* out, size_t bytes);

 private:
  ValueReader(std::shared_ptr<Database> database, sqlite::ReadLease lease, absl::Duration time_max,
              const Interrupt& interrupt);
  void Arm();
  absl::Status Start(const ValueSpec& spec);
  // Holds the whole value.
  absl::Status StartWhole(const ValueSpec& spec);

  // In this order: what reads dies before the connection, the database last.
  const std::shared_ptr<Database> database_;
  sqlite::ReadLease lease_;
  const Interrupt interrupt_;
  const absl::Duration time_max_;
  Started started_;
  sqlite::ValueView whole_;
  std::unique_ptr<sqlite::Blob> blob_;
  sqlite::StorageClass type_ = sqlite::StorageClass::kNull;
  int64_t size_bytes_ = 0;
  int64_t offset_ = 0;
};

}  // namespace sluice::engine
