// What the configuration says, as messages.
#pragma once

#include "absl/status/status.h"
#include "server/engine/describe.h"
#include "server/engine/settings.h"
#include "sluice/v1/about.pb.h"
#include "sluice/v1/catalog.pb.h"
#include "sluice/v1/query.pb.h"

namespace sluice::wire {

// Each adds to what the message says already.
void AddSettings(const engine::DatabaseSettings& settings, v1::Database* message);
void AddSettings(const engine::TableSettings& settings, v1::Table* message);

// With the parameters that the configuration describes.
void FillQuery(const engine::StoredQuery& query, v1::StoredQuery* message);
// With every parameter that a caller may give, in the statement's order; or with the reason why the
// statement cannot be described.
void FillQuery(const engine::StoredQuery& query,
               const absl::StatusOr<engine::StatementDescription>& description,
               v1::StoredQuery* message);

}  // namespace sluice::wire
