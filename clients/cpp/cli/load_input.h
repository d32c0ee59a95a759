// The rows of a file to load: their columns, the columns' types, and the values.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cpp/cli/input_bytes.h"
#include "clients/cpp/value.h"

namespace sluice::cli {

// What a column's texts are taken for.
enum class ColumnType {
  // JSON values as they are; columns of a new table without a type.
  kAny,
  kInteger,
  kReal,
  kText,
  // Hexadecimal digits.
  kBlob,
};

// `INTEGER` and so on; empty for kAny.
std::string TypeName(ColumnType type);
// The type that all of these texts have: kText for none and for what is no number. A number with
// leading zeros is none, since it would lose them.
ColumnType GuessType(const std::vector<std::string>& texts);
// A text that the type cannot be made of stays a text.
Value TextAs(ColumnType type, std::string text);

struct InputOptions {
  // csv, tsv, ndjson or json.
  std::string format = {};
  char delimiter = ',';
  bool header = true;
  // For CSV: the field that is NULL when it is not quoted.
  std::string null_text = {};
  // In the place of those that the file names.
  std::vector<std::string> columns = {};
  std::map<std::string, ColumnType> types = {};
};

// Not thread-safe. Errors are INVALID_ARGUMENT and name the line.
class LoadInput {
 public:
  // Reads the first 1 000 rows or 16 MiB, which say columns and types. `bytes` must outlive it.
  static absl::StatusOr<std::unique_ptr<LoadInput>> Open(InputBytes* bytes, InputOptions options);
  virtual ~LoadInput() = default;

  const std::vector<std::string>& columns() const { return columns_; }
  const std::vector<ColumnType>& types() const { return types_; }
  // What the column of a table that is made for this input is to be: where values come as they are,
  // what the first rows hold.
  virtual ColumnType NewTableType(size_t column) const { return types_[column]; }
  // What the table says of the column weighs more than a guess, unless the type was given.
  void SuggestType(size_t column, ColumnType type);

  // The next row's values; false after the last.
  virtual absl::StatusOr<bool> Next(std::vector<Value>* row) = 0;
  // Where the latest row began.
  virtual int64_t line() const = 0;

 protected:
  explicit LoadInput(InputOptions options) : options_(std::move(options)) {}
  virtual absl::Status Begin() = 0;

  const InputOptions options_;
  std::vector<std::string> columns_;
  std::vector<ColumnType> types_;
};

}  // namespace sluice::cli
