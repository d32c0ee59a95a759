// Records of text files: CSV and its kin, and JSON. Not thread-safe. Errors are INVALID_ARGUMENT
// and name the line.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cpp/cli/input_bytes.h"

namespace sluice::cli {

struct CsvField {
  std::string text;
  // So that "" is a text and nothing is none.
  bool quoted = false;
};

// RFC 4180, with any delimiter, and any line end.
class CsvReader {
 public:
  // `input` must outlive it.
  CsvReader(InputBytes* input, char delimiter);
  // The next record; false at the end. Empty lines are none, unless KeepEmptyLines.
  absl::StatusOr<bool> Next(std::vector<CsvField>* record);
  // Of records with one field, an empty line is one whose field is empty.
  void KeepEmptyLines() { keep_empty_lines_ = true; }
  // Where the latest record began.
  int64_t line() const { return line_; }

 private:
  absl::Status ReadField(CsvField* field);
  absl::Status ReadQuoted(CsvField* field);

  InputBytes* const input_;
  const int delimiter_;
  bool keep_empty_lines_ = false;
  int64_t line_ = 1;
};

// The objects of a JSON array, or objects one after another (NDJSON), as text.
class JsonSplitter {
 public:
  // `input` must outlive it.
  explicit JsonSplitter(InputBytes* input);
  absl::StatusOr<bool> Next(std::string* object);
  int64_t line() const { return line_; }

 private:
  void SkipSpace();
  absl::Status ReadObject(std::string* object);
  absl::Status Wrong(const char* what) const;

  InputBytes* const input_;
  bool begun_ = false;
  bool in_array_ = false;
  bool after_object_ = false;
  int64_t line_ = 1;
};

}  // namespace sluice::cli
