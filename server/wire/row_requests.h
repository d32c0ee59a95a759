// Requests for rows of tables and views, in the engine's words. Errors are INVALID_ARGUMENT
// (BAD_REQUEST) and name the field; RESOURCE_EXHAUSTED (LIMIT) for what is too large.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/engine/browse.h"
#include "server/engine/settings.h"
#include "server/engine/value_reader.h"
#include "server/wire/page_token.h"
#include "sluice/v1/row.pb.h"

namespace sluice::wire {

// What holds for a caller's requests for rows of one table.
struct RowRules {
  const engine::DatabaseSettings* database = nullptr;
  const engine::TableSettings* table = nullptr;
  engine::Ceilings ceilings;
};

struct ParsedPage {
  // Holds views into the request.
  engine::PageSpec spec;
  // What the page's token is bound to: the caller and everything that chooses and orders rows.
  std::string scope;
};
absl::StatusOr<ParsedPage> ParsePage(const v1::ListRowsRequest& request, const PageTokens& tokens,
                                     absl::string_view principal, const RowRules& rules);
absl::StatusOr<ParsedPage> ParsePage(const v1::BrowseRowsRequest& request, const PageTokens& tokens,
                                     absl::string_view principal, const RowRules& rules);

struct ParsedRead {
  // Holds views into the request.
  engine::RowsSpec rows;
  // -1 for all.
  int64_t row_limit = -1;
  v1::RowLayout layout = v1::ROW_LAYOUT_ROWS;
  // What the tokens of the stream are bound to.
  std::string scope;
};
absl::StatusOr<ParsedRead> ParseRead(const v1::ReadRowsRequest& request, const PageTokens& tokens,
                                     absl::string_view principal, const RowRules& rules);

absl::StatusOr<engine::ValueSpec> ParseReadValue(const v1::ReadValueRequest& request);

// Holds views into the request.
absl::StatusOr<engine::OneRowSpec> ParseGetRow(const v1::GetRowRequest& request);

}  // namespace sluice::wire
