// One change of a table's rows, from the contract to the engine's words. Of this room's own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/engine/mutation.h"
#include "server/wire/write_requests.h"

namespace sluice::wire {

// Adds the request's mutation to `mutations`, its sink to `results`, and what it asks of its caller
// to `write`.
using Mutations = std::vector<engine::Mutation>;
using WriteResults = std::vector<std::unique_ptr<WriteResult>>;
absl::Status AddMutation(const v1::InsertRowsRequest& request, ParsedWrite* write,
                         Mutations* mutations, WriteResults* results);
absl::Status AddMutation(const v1::UpsertRowsRequest& request, ParsedWrite* write,
                         Mutations* mutations, WriteResults* results);
absl::Status AddMutation(const v1::UpdateRowsRequest& request, ParsedWrite* write,
                         Mutations* mutations, WriteResults* results);
absl::Status AddMutation(const v1::DeleteRowsRequest& request, ParsedWrite* write,
                         Mutations* mutations, WriteResults* results);
absl::Status AddMutation(const v1::UpdateRowRequest& request, ParsedWrite* write,
                         Mutations* mutations, WriteResults* results);
absl::Status AddMutation(const v1::DeleteRowRequest& request, ParsedWrite* write,
                         Mutations* mutations, WriteResults* results);

// Fields that loads have too.
absl::StatusOr<bool> ParseMissing(v1::MissingColumns missing);
absl::StatusOr<engine::ConflictPolicy> ParseConflict(const v1::OnConflict& conflict);

// A row key of a request.
absl::StatusOr<engine::RowKey> ParseKey(absl::string_view key, absl::string_view field);

}  // namespace sluice::wire
