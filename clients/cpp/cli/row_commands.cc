// rows.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cpp/cli/commands.h"
#include "clients/cpp/cli/display.h"
#include "clients/cpp/cli/failure.h"
#include "clients/cpp/conversion.h"

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

// What stands beside a count.
std::string KindOf(const v1::RowCount& count) {
  switch (count.kind()) {
    case v1::RowCount::KIND_EXACT:
      return "exact";
    case v1::RowCount::KIND_CAPPED:
      return "at least";
    case v1::RowCount::KIND_TIMED_OUT:
      return "timed out";
    default:
      return "unknown";
  }
}

absl::Status WriteRow(Session* session, const RowsArguments& arguments) {
  auto row = session->client.GetRow(arguments.database, arguments.table, arguments.key,
                                    arguments.choice.labels);
  if (!row.ok()) return std::move(row).status();
  const auto writer = session->MakeWriter();
  auto status = writer->Begin(WithKeyColumn(std::move(row->columns), arguments.show_keys));
  if (!status.ok()) return status;
  writer->Add(WithKey(std::move(row->row), arguments.show_keys));
  writer->End(false);
  return absl::OkStatus();
}

absl::Status WriteRows(Session* session, const RowsArguments& arguments) {
  // One row more than asked for, to know whether there are more.
  const int64_t page_size = std::min(arguments.limit + 1, kPageSizeMax);
  auto stream =
      arguments.limit == 0
          ? session->client.ReadRows(arguments.database, arguments.table, arguments.choice)
          : session->client.ListRows(arguments.database, arguments.table, arguments.choice,
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
    if (!session->output.status().ok()) return session->output.status();
  }
}

absl::Status WriteValue(Session* session, const RowsArguments& arguments) {
  // What a database holds may tell a terminal anything.
  if (TerminalWidth() > 0 && !arguments.raw) {
    return UsageError("--value writes bytes as they are; into a file or a pipe, or add --raw");
  }
  return session->client.ReadValue(arguments.database, arguments.table, arguments.key,
                                   arguments.value, [session](absl::string_view piece) {
                                     session->output.Write(piece);
                                     return session->output.status().ok();
                                   });
}

absl::Status WriteReferences(Session* session, const RowsArguments& arguments) {
  auto references =
      session->client.GetReferences(arguments.database, arguments.table, arguments.key);
  if (!references.ok()) return std::move(references).status();
  const auto writer = session->MakeWriter();
  auto status = writer->Begin({{"table", ""}, {"columns", ""}, {"rows", ""}, {"count", ""}});
  if (!status.ok()) return status;
  for (const v1::Reference& reference : *references) {
    writer->Add({Value(reference.table()), Value(absl::StrJoin(reference.columns(), ",")),
                 Value(reference.count().value()), Value(KindOf(reference.count()))});
  }
  writer->End(false);
  return absl::OkStatus();
}

// One line for each value of each facet; the count is a facet without a name.
absl::Status WriteSummary(Session* session, const RowsArguments& arguments) {
  auto summary = session->client.Summarize(arguments.database, arguments.table, arguments.choice,
                                           arguments.facets);
  if (!summary.ok()) return std::move(summary).status();
  const auto writer = session->MakeWriter();
  auto status = writer->Begin({{"facet", ""}, {"value", ""}, {"label", ""}, {"rows", ""}});
  if (!status.ok()) return status;
  if (arguments.count) {
    writer->Add({Value(), Value(), Value(KindOf(summary->count)), Value(summary->count.value())});
  }
  for (const v1::Facet& facet : summary->facets) {
    if (facet.timed_out()) Note(absl::StrCat("counting ", facet.name(), " took too long"));
    for (const v1::FacetValue& value : facet.values()) {
      auto shown = client::FromProto(value.value());
      auto label = value.has_label() ? client::FromProto(value.label()) : Value();
      if (!shown.ok() || !label.ok()) return shown.ok() ? label.status() : shown.status();
      writer->Add(
          {Value(facet.name()), *std::move(shown), *std::move(label), Value(value.count())});
    }
  }
  writer->End(false);
  return absl::OkStatus();
}

void AddChoice(const RowsArguments& arguments, HttpCall* call) {
  const RowChoice& choice = arguments.choice;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) call->query.emplace_back(name, value);
  };
  add("filter", choice.filter);
  add("order_by", choice.order_by);
  add("search", choice.search);
  add("raw_search", choice.raw_search ? "true" : "");
  add("snippets", choice.snippets ? "true" : "");
  for (const std::string& column : choice.columns) add("columns", column);
  for (const std::string& column : choice.labels) add("labels", column);
  add("count", arguments.count ? "exact" : "");
  for (const std::string& facet : arguments.facets) add("facets", facet);
}

absl::Status PrintRowCall(Session* session, const RowsArguments& arguments, HttpCall call) {
  call.path.push_back(arguments.key);
  if (!arguments.value.empty()) {
    call.path.push_back("columns");
    call.path.push_back(arguments.value);
    return session->PrintCurl(call);
  }
  for (const std::string& column : arguments.choice.labels)
    call.query.emplace_back("labels", column);
  if (arguments.references) call.query.emplace_back("references", "true");
  return session->PrintCurl(call);
}

absl::Status PrintCall(Session* session, const RowsArguments& arguments) {
  HttpCall call{.path = {"v1", "databases", arguments.database, "tables", arguments.table, "rows"},
                .reads_state = true};
  if (!arguments.key.empty()) return PrintRowCall(session, arguments, std::move(call));
  AddChoice(arguments, &call);
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
  if (!arguments.value.empty()) return WriteValue(session, arguments);
  if (arguments.references) return WriteReferences(session, arguments);
  if (!arguments.key.empty()) return WriteRow(session, arguments);
  if (arguments.count || !arguments.facets.empty()) return WriteSummary(session, arguments);
  return WriteRows(session, arguments);
}

}  // namespace sluice::cli
