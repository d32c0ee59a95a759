// Rows in the forms that `-o` names. Threads: one. A writer does not own the output.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/cli/output.h"
#include "clients/cpp/value.h"

namespace sluice::cli {

enum class Format { kTable, kJson, kNdjson, kCsv, kMarkdown };

// Begin once, Add for each row, End once if all went well.
class RowWriter {
 public:
  virtual ~RowWriter() = default;
  // INVALID_ARGUMENT when the columns have no form: JSON objects cannot hold one name twice.
  virtual absl::Status Begin(const std::vector<Column>& columns) = 0;
  virtual void Add(const std::vector<Value>& values) = 0;
  // `truncated`: there are more rows than were added.
  virtual void End(bool truncated) = 0;
};

// `terminal_width` limits the table's width; 0 when the output is no terminal.
std::unique_ptr<RowWriter> MakeRowWriter(Format format, Output* output, size_t terminal_width);

// For row_writer.cc: the table, which is large enough for a file of its own.
std::unique_ptr<RowWriter> MakeTableWriter(Output* output, size_t terminal_width);

}  // namespace sluice::cli
