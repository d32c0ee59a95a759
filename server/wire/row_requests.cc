#include "server/wire/row_requests.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/wire/filter_parser.h"
#include "server/wire/order_by.h"
#include "server/wire/requests.h"
#include "server/wire/row_key.h"

namespace sluice::wire {
namespace {

template <typename Request>
absl::StatusOr<engine::Search> ParseSearch(const Request& request) {
  if (request.search().size() > limits::kSearchBytesMax) {
    return WithMetadata(WithField(Error(absl::StatusCode::kResourceExhausted, reason::kLimit,
                                        "search: is too long"),
                                  "search", "is too long"),
                        "limit", absl::StrCat(limits::kSearchBytesMax));
  }
  return engine::Search{.text = request.search(), .raw = request.raw_search()};
}

// The fields that choose, order and show rows.
template <typename Request>
absl::StatusOr<engine::RowsSpec> ParseRows(const Request& request, const RowRules& rules) {
  engine::RowsSpec rows;
  rows.table = request.table();
  rows.settings = rules.database;
  rows.time_max = rules.ceilings.statement_time;
  if (!request.filter().empty()) {
    ASSIGN_OR_RETURN(rows.filter, ParseFilter(request.filter()));
  }
  if (!request.order_by().empty()) {
    ASSIGN_OR_RETURN(rows.order, ParseOrderBy(request.order_by()));
  }
  if (!request.search().empty()) {
    ASSIGN_OR_RETURN(rows.search, ParseSearch(request));
  } else if (request.raw_search() || request.snippets()) {
    return BadField(request.snippets() ? "snippets" : "raw_search", "means nothing without search");
  }
  rows.snippets = request.snippets();
  rows.columns.assign(request.columns().begin(), request.columns().end());
  rows.labels.assign(request.labels().begin(), request.labels().end());
  return rows;
}

absl::StatusOr<engine::CountMode> ParseCount(v1::ListRowsRequest::Count count) {
  switch (count) {
    case v1::ListRowsRequest::COUNT_UNSPECIFIED:
    case v1::ListRowsRequest::COUNT_NONE:
      return engine::CountMode::kNone;
    case v1::ListRowsRequest::COUNT_CAPPED:
      return engine::CountMode::kCapped;
    case v1::ListRowsRequest::COUNT_EXACT:
      return engine::CountMode::kExact;
    default:
      return BadField("count", "is not one of COUNT_NONE, COUNT_CAPPED, COUNT_EXACT");
  }
}

absl::StatusOr<engine::CountMode> ParseCount(absl::string_view count) {
  if (count.empty() || count == "none") return engine::CountMode::kNone;
  if (count == "capped") return engine::CountMode::kCapped;
  if (count == "exact") return engine::CountMode::kExact;
  return BadField("count", "must be none, capped or exact");
}

// The fields that ask for more than rows.
template <typename Request>
absl::Status ParseExtras(const Request& request, engine::PageSpec& spec) {
  ASSIGN_OR_RETURN(spec.count, ParseCount(request.count()));
  if (request.facets_size() > limits::kFacetsMax) {
    return WithMetadata(WithField(Error(absl::StatusCode::kResourceExhausted, reason::kLimit,
                                        "facets: there are too many"),
                                  "facets", "there are too many"),
                        "limit", absl::StrCat(limits::kFacetsMax));
  }
  if (request.facet_size() < 0) return BadField("facet_size", "is negative");
  spec.facet_size = static_cast<size_t>(
      request.facet_size() == 0 ? limits::kFacetSizeDefault
                                : std::min(request.facet_size(), limits::kFacetSizeMax));
  spec.facets.assign(request.facets().begin(), request.facets().end());
  spec.suggest_facets = request.suggest_facets();
  return absl::OkStatus();
}

template <typename Request>
std::string ScopeOf(const Request& request, absl::string_view principal,
                    absl::string_view order_by) {
  std::vector<absl::string_view> parts{
      "rows",           principal, request.database(), request.table(),
      request.filter(), order_by,  request.search(),   request.raw_search() ? "raw" : ""};
  parts.insert(parts.end(), request.columns().begin(), request.columns().end());
  return MakeScope(parts);
}

template <typename Request>
absl::StatusOr<ParsedPage> ParsePageOf(const Request& request, const PageTokens& tokens,
                                       absl::string_view principal, const RowRules& rules) {
  ParsedPage page;
  ASSIGN_OR_RETURN(page.spec.rows, ParseRows(request, rules));
  page.spec.bytes_max = static_cast<size_t>(rules.ceilings.bytes);
  const int64_t usual_size =
      rules.table->page_size > 0 ? rules.table->page_size : limits::kPageRowsDefault;
  ASSIGN_OR_RETURN(page.spec.rows_max,
                   ParsePageSize(request.page_size(), usual_size, limits::kPageRowsMax));
  page.spec.rows_max = std::min(page.spec.rows_max, rules.ceilings.rows);
  RETURN_IF_ERROR(ParseExtras(request, page.spec));
  std::string order_by = request.order_by();
  if (order_by.empty() && !rules.table->sort_column.empty()) {
    engine::OrderTerm& usual = page.spec.rows.usual_order.emplace();
    usual.column = rules.table->sort_column;
    usual.descending = rules.table->sort_descending;
    // What no request says: another configuration takes none of its tokens.
    order_by =
        absl::StrCat("\n", rules.table->sort_column, rules.table->sort_descending ? " desc" : "");
  }
  page.scope = ScopeOf(request, principal, order_by);
  if (!request.page_token().empty()) {
    ASSIGN_OR_RETURN(page.spec.rows.after, tokens.OpenPosition(page.scope, request.page_token()));
  }
  return page;
}

}  // namespace

absl::StatusOr<ParsedPage> ParsePage(const v1::ListRowsRequest& request, const PageTokens& tokens,
                                     absl::string_view principal, const RowRules& rules) {
  return ParsePageOf(request, tokens, principal, rules);
}

absl::StatusOr<ParsedPage> ParsePage(const v1::BrowseRowsRequest& request, const PageTokens& tokens,
                                     absl::string_view principal, const RowRules& rules) {
  ASSIGN_OR_RETURN(ParsedPage page, ParsePageOf(request, tokens, principal, rules));
  const bool json = request.format().empty() || request.format() == "json";
  if (json) return page;
  if (page.spec.count != engine::CountMode::kNone) {
    return BadField("count", "only JSON has a place for it");
  }
  if (!page.spec.facets.empty()) return BadField("facets", "only JSON has a place for them");
  if (page.spec.suggest_facets) {
    return BadField("suggest_facets", "only JSON has a place for them");
  }
  return page;
}

absl::StatusOr<ParsedRead> ParseRead(const v1::ReadRowsRequest& request, const PageTokens& tokens,
                                     absl::string_view principal, const RowRules& rules) {
  ParsedRead read;
  ASSIGN_OR_RETURN(read.rows, ParseRows(request, rules));
  if (request.row_limit() < 0) return BadField("row_limit", "is negative");
  if (request.row_limit() > 0) read.row_limit = request.row_limit();
  if (!v1::RowLayout_IsValid(request.layout())) {
    return BadField("layout", "is not one of ROW_LAYOUT_ROWS, ROW_LAYOUT_COLUMNS");
  }
  read.layout = request.layout();
  read.scope = ScopeOf(request, principal, request.order_by());
  if (!request.resume_token().empty()) {
    ASSIGN_OR_RETURN(read.rows.after,
                     tokens.OpenPosition(read.scope, request.resume_token(), "resume_token"));
  }
  return read;
}

absl::StatusOr<engine::ValueSpec> ParseReadValue(const v1::ReadValueRequest& request) {
  if (request.key().size() > limits::kKeyBytesMax) return BadField("key", "is too long");
  engine::ValueSpec spec{.table = request.table(), .key = {}, .column = request.column()};
  ASSIGN_OR_RETURN(spec.key, DecodeRowKey(request.key()));
  return spec;
}

absl::StatusOr<engine::OneRowSpec> ParseGetRow(const v1::GetRowRequest& request) {
  if (request.key().size() > limits::kKeyBytesMax) return BadField("key", "is too long");
  engine::OneRowSpec row{.table = request.table(), .key = {}};
  ASSIGN_OR_RETURN(row.key, DecodeRowKey(request.key()));
  row.labels.assign(request.labels().begin(), request.labels().end());
  row.references = request.references();
  return row;
}

}  // namespace sluice::wire
