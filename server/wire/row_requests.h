// Requests for rows of tables and views, in the engine's words. Errors are INVALID_ARGUMENT
// (BAD_REQUEST) and name the field; RESOURCE_EXHAUSTED (LIMIT) for what is too large.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/engine/browse.h"
#include "server/wire/page_token.h"
#include "sluice/v1/row.pb.h"

namespace sluice::wire {

struct ParsedPage {
  // Holds views into the request.
  engine::PageSpec spec;
  // What the page's token is bound to: the caller and everything that chooses and orders rows.
  std::string scope;
};
absl::StatusOr<ParsedPage> ParsePage(const v1::ListRowsRequest& request, const PageTokens& tokens,
                                     absl::string_view principal);
absl::StatusOr<ParsedPage> ParsePage(const v1::BrowseRowsRequest& request, const PageTokens& tokens,
                                     absl::string_view principal);

// Holds views into the request.
absl::StatusOr<engine::OneRowSpec> ParseGetRow(const v1::GetRowRequest& request);

}  // namespace sluice::wire
