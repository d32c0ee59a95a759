// Rows of tables and views without SQL.
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/client.h"
#include "clients/cpp/conversion.h"
#include "clients/cpp/core.h"
#include "clients/cpp/row_sources.h"
#include "clients/cpp/rpc_status.h"
#include "clients/cpp/run.h"

namespace sluice {

using client::Call;
using client::CheckUtf8;
using client::Run;

namespace {

// Sets the fields that all requests for rows share.
template <typename Request>
absl::StatusOr<Request> MakeRequest(absl::string_view database, absl::string_view table,
                                    const RowChoice& choice) {
  auto status = CheckUtf8({database, table, choice.filter, choice.order_by, choice.search});
  if (!status.ok()) return status;
  Request request;
  request.set_database(std::string(database));
  request.set_table(std::string(table));
  request.set_filter(choice.filter);
  request.set_order_by(choice.order_by);
  request.set_search(choice.search);
  request.set_raw_search(choice.raw_search);
  request.set_snippets(choice.snippets);
  for (const std::string& column : choice.columns) {
    if (status = CheckUtf8({column}); !status.ok()) return status;
    request.add_columns(column);
  }
  for (const std::string& column : choice.labels) {
    if (status = CheckUtf8({column}); !status.ok()) return status;
    request.add_labels(column);
  }
  return request;
}

absl::StatusOr<RowStream> ToStream(absl::StatusOr<std::unique_ptr<client::RowSource>> source) {
  if (!source.ok()) return std::move(source).status();
  return RowStream(*std::move(source));
}

// Sets the fields that name one row.
template <typename Request>
absl::StatusOr<Request> MakeKeyed(absl::string_view database, absl::string_view table,
                                  absl::string_view key) {
  if (auto status = CheckUtf8({database, table, key}); !status.ok()) return status;
  Request request;
  request.set_database(std::string(database));
  request.set_table(std::string(table));
  request.set_key(std::string(key));
  return request;
}

}  // namespace

absl::StatusOr<RowStream> Client::ListRows(absl::string_view database, absl::string_view table,
                                           int32_t page_size) const {
  return ListRows(database, table, RowChoice(), page_size);
}

absl::StatusOr<RowStream> Client::ListRows(absl::string_view database, absl::string_view table,
                                           const RowChoice& choice, int32_t page_size) const {
  auto request = MakeRequest<v1::ListRowsRequest>(database, table, choice);
  if (!request.ok()) return std::move(request).status();
  request->set_min_commit_token(min_commit_token_);
  request->set_page_size(page_size);
  return ToStream(client::OpenPages(core_, *std::move(request)));
}

absl::StatusOr<RowStream> Client::ReadRows(absl::string_view database, absl::string_view table,
                                           const RowChoice& choice, int64_t limit) const {
  auto request = MakeRequest<v1::ReadRowsRequest>(database, table, choice);
  if (!request.ok()) return std::move(request).status();
  request->set_min_commit_token(min_commit_token_);
  request->set_row_limit(limit);
  // Cheaper to read than a message for each value.
  request->set_layout(v1::ROW_LAYOUT_COLUMNS);
  return ToStream(client::OpenTable(core_, *std::move(request)));
}

absl::StatusOr<RowSummary> Client::Summarize(absl::string_view database, absl::string_view table,
                                             const RowChoice& choice,
                                             const std::vector<std::string>& facets) const {
  auto request = MakeRequest<v1::ListRowsRequest>(database, table, choice);
  if (!request.ok()) return std::move(request).status();
  request->set_min_commit_token(min_commit_token_);
  request->set_page_size(1);
  request->set_count(v1::ListRowsRequest::COUNT_EXACT);
  request->set_suggest_facets(true);
  for (const std::string& facet : facets) {
    if (auto status = CheckUtf8({facet}); !status.ok()) return status;
    request->add_facets(facet);
  }
  auto response = Run(core_.get(), core_->row, &v1::RowService::Stub::ListRows, *request);
  if (!response.ok()) return std::move(response).status();
  RowSummary summary;
  summary.count = std::move(*response->mutable_count());
  summary.facets.assign(std::make_move_iterator(response->mutable_facets()->begin()),
                        std::make_move_iterator(response->mutable_facets()->end()));
  summary.suggested_facets.assign(response->suggested_facets().begin(),
                                  response->suggested_facets().end());
  return summary;
}

absl::StatusOr<KeyedRow> Client::GetRow(absl::string_view database, absl::string_view table,
                                        absl::string_view key,
                                        const std::vector<std::string>& labels) const {
  auto request = MakeKeyed<v1::GetRowRequest>(database, table, key);
  if (!request.ok()) return std::move(request).status();
  request->set_min_commit_token(min_commit_token_);
  for (const std::string& column : labels) {
    if (auto status = CheckUtf8({column}); !status.ok()) return status;
    request->add_labels(column);
  }
  auto response = Run(core_.get(), core_->row, &v1::RowService::Stub::GetRow, *request);
  if (!response.ok()) return std::move(response).status();
  KeyedRow result;
  result.columns = client::FromProto(std::move(*response->mutable_columns()));
  auto row = client::FromProto(std::move(*response->mutable_row()), result.columns.size());
  if (!row.ok()) return std::move(row).status();
  result.row = *std::move(row);
  return result;
}

absl::StatusOr<std::vector<v1::Reference>> Client::GetReferences(absl::string_view database,
                                                                 absl::string_view table,
                                                                 absl::string_view key) const {
  auto request = MakeKeyed<v1::GetRowRequest>(database, table, key);
  if (!request.ok()) return std::move(request).status();
  request->set_min_commit_token(min_commit_token_);
  request->set_references(true);
  auto response = Run(core_.get(), core_->row, &v1::RowService::Stub::GetRow, *request);
  if (!response.ok()) return std::move(response).status();
  return std::vector<v1::Reference>(response->references().begin(), response->references().end());
}

absl::Status Client::ReadValue(absl::string_view database, absl::string_view table,
                               absl::string_view key, absl::string_view column,
                               const std::function<bool(absl::string_view)>& take) const {
  auto request = MakeKeyed<v1::ReadValueRequest>(database, table, key);
  if (!request.ok()) return std::move(request).status();
  request->set_min_commit_token(min_commit_token_);
  if (auto status = CheckUtf8({column}); !status.ok()) return status;
  request->set_column(std::string(column));
  Call call(core_.get(), core_->options.stream_deadline);
  const auto reader = core_->row->ReadValue(&call.context, *request);
  google::api::HttpBody piece;
  while (reader->Read(&piece)) {
    if (take(piece.data())) continue;
    call.context.TryCancel();
    reader->Finish();
    return absl::CancelledError("the value was not taken to its end");
  }
  return client::FromGrpc(reader->Finish());
}

}  // namespace sluice
