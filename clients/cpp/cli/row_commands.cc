// rows.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/cli/commands.h"
#include "clients/cpp/cli/display.h"

namespace sluice::cli {
namespace {

constexpr int64_t kPageSizeMax = 1'000;
// The column that --keys adds.
constexpr char kKeyColumn[] = "_key";

std::vector<Column> WithKeyColumn(std::vector<Column> columns, bool show_keys) {
  if (show_keys) columns.insert(columns.begin(), Column{kKeyColumn, ""});
  return columns;
}

std::vector<Value> WithKey(Row row, bool show_keys) {
  if (show_keys) row.values.insert(row.values.begin(), row.key.empty() ? Value() : Value(row.key));
  return std::move(row.values);
}

absl::Status WriteRow(Session* session, const RowsArguments& arguments) {
  auto row = session->client.GetRow(arguments.database, arguments.table, arguments.key);
  if (!row.ok()) return std::move(row).status();
  const auto writer = session->MakeWriter();
  auto status = writer->Begin(WithKeyColumn(std::move(row->columns), arguments.show_keys));
  if (!status.ok()) return status;
  writer->Add(WithKey(std::move(row->row), arguments.show_keys));
  writer->End(false);
  return absl::OkStatus();
}

absl::Status WritePages(Session* session, const RowsArguments& arguments) {
  // One row more than asked for, to know whether there are more.
  const int64_t page_size =
      arguments.limit == 0 ? kPageSizeMax : std::min(arguments.limit + 1, kPageSizeMax);
  auto stream = session->client.ListRows(arguments.database, arguments.table,
                                         static_cast<int32_t>(page_size));
  if (!stream.ok()) return std::move(stream).status();
  const auto writer = session->MakeWriter();
  auto status = writer->Begin(WithKeyColumn(stream->columns(), arguments.show_keys));
  if (!status.ok()) return status;
  for (int64_t count = 0;; ++count) {
    auto row = stream->Next();
    if (!row.ok()) return std::move(row).status();
    const bool more = row->has_value();
    if (!more || (arguments.limit != 0 && count == arguments.limit)) {
      writer->End(more);
      if (more) Note(absl::StrCat("there are more than ", count, " rows; --limit 0 gives all"));
      return absl::OkStatus();
    }
    writer->Add(WithKey(**std::move(row), arguments.show_keys));
  }
}

absl::Status PrintCall(Session* session, const RowsArguments& arguments) {
  HttpCall call{.path = {"v1", "databases", arguments.database, "tables", arguments.table, "rows"}};
  if (!arguments.key.empty()) {
    call.path.push_back(arguments.key);
    return session->PrintCurl(call);
  }
  const int64_t page_size =
      arguments.limit == 0 ? kPageSizeMax : std::min(arguments.limit, kPageSizeMax);
  call.query.emplace_back("page_size", absl::StrCat(page_size));
  if (session->settings.format == Format::kNdjson) call.query.emplace_back("format", "ndjson");
  if (session->settings.format == Format::kCsv) call.query.emplace_back("format", "csv");
  if (arguments.limit != page_size) {
    Note("a page holds at most 1000 rows; the answer names the next one (page_token)");
  }
  return session->PrintCurl(call);
}

}  // namespace

absl::Status Rows(Session* session, const RowsArguments& arguments) {
  if (session->settings.curl) return PrintCall(session, arguments);
  return arguments.key.empty() ? WritePages(session, arguments) : WriteRow(session, arguments);
}

}  // namespace sluice::cli
