// Where the engine pushes rows.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/sqlite/statement.h"

namespace sluice::engine {

struct ColumnView {
  absl::string_view name;
  absl::string_view declared_type;
  // The column of the result that this one labels; empty for others.
  absl::string_view label_of = {};
};

// Where a row's key stands among the columns of a statement.
struct KeyColumns {
  // Columns of the statement, in the key's order. Empty when rows have no key.
  std::vector<int> parts;
  // The column that holds the rowid, which names a row whose key holds a NULL; -1 when there is
  // none.
  int rowid = -1;

  bool exists() const { return !parts.empty(); }
};

// The row that a statement stands on: a cursor, no copy. Valid until the statement's next step.
class RowView {
 public:
  // The row's values are the statement's columns from `first` on, `count` of them.
  RowView(const sqlite::Statement& statement, int first, int count, const KeyColumns* key)
      : statement_(statement), first_(first), count_(count), key_(key) {}

  // The same row with its etag, which must outlive the view.
  RowView WithEtag(absl::string_view etag) const {
    RowView copy = *this;
    copy.etag_ = etag;
    return copy;
  }
  // Empty when nobody asked for it.
  absl::string_view etag() const { return etag_; }

  int count() const { return count_; }
  sqlite::ValueView value(int i) const { return statement_.column(first_ + i); }

  bool has_key() const { return key_ != nullptr && key_->exists(); }
  const KeyColumns& key() const { return *key_; }
  // A column of the statement, for key parts.
  sqlite::ValueView statement_column(int column) const { return statement_.column(column); }

 private:
  const sqlite::Statement& statement_;
  const int first_;
  const int count_;
  const KeyColumns* const key_;
  absl::string_view etag_;
};

// Takes rows in one representation. Not thread-safe. The only call back from the engine.
class RowSink {
 public:
  virtual ~RowSink() = default;
  // Once, before any row. The names are valid only during the call. An error ends the request with
  // it.
  virtual absl::Status OnColumns(const std::vector<ColumnView>& columns) = 0;
  virtual absl::Status OnRow(const RowView& row) = 0;
  // Forgets what was taken, columns included: the request begins again.
  virtual void Clear() = 0;
  // What has been taken since the sink was made or emptied, to end a page or a chunk by.
  virtual size_t bytes() const = 0;
};

}  // namespace sluice::engine
