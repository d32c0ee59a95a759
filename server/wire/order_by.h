// Orders as callers write them: AIP-132.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/engine/row_order.h"

namespace sluice::wire {

// `a, "b c" desc, d nulls last`. INVALID_ARGUMENT (BAD_REQUEST, `order_by`, with `offset`, in
// bytes) for what is none; RESOURCE_EXHAUSTED (LIMIT) for more than kOrderTermsMax columns.
absl::StatusOr<std::vector<engine::OrderTerm>> ParseOrderBy(absl::string_view text);

}  // namespace sluice::wire
