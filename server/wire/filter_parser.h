// Filters as callers write them: AIP-160.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/engine/filter.h"

namespace sluice::wire {

// `ListRowsRequest.filter` in row.proto says what a filter is. At most kFilterBytesMax bytes,
// kFilterTermsMax terms and kFilterDepthMax levels. INVALID_ARGUMENT (BAD_REQUEST, `filter`, with
// `offset`, in bytes) for what is none, RESOURCE_EXHAUSTED (LIMIT, `filter`) for one that is
// larger.
absl::StatusOr<engine::Filter> ParseFilter(absl::string_view text);

}  // namespace sluice::wire
