// Row keys: the text that names one row of one table in a URL, a request or an answer. The format
// is defined at `Row.key` in sluice/v1/value.proto: parts joined by commas, each with its type.
//
// Pure functions, safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "clients/cpp/value.h"

namespace sluice {

// What a row key says.
struct RowKey {
  // The values of the primary key's columns in the key's order, or the rowid.
  std::vector<Value> parts;
  // The row is named by its rowid because its primary key holds a NULL (`~i17`).
  bool by_rowid = false;
};

// The key of the row with these values of the primary key, in the key's order. INVALID_ARGUMENT for
// no values and for NaN, which SQLite does not store.
absl::StatusOr<std::string> EncodeRowKey(const std::vector<Value>& parts);

// The key of a row that is named by its rowid although its table declares a primary key.
std::string EncodeRowidKey(int64_t rowid);

// The reverse. Only what EncodeRowKey or EncodeRowidKey would write is taken, so that two spellings
// never name one row; all else is INVALID_ARGUMENT.
absl::StatusOr<RowKey> DecodeRowKey(absl::string_view key);

}  // namespace sluice
