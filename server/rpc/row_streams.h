// The streams of RowService.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/engine/database.h"
#include "server/rpc/stream_call.h"
#include "server/wire/page_token.h"
#include "server/wire/row_requests.h"

namespace sluice::rpc {

// The rows of a ReadRows as its responses. `tokens` outlives the stream.
absl::StatusOr<std::unique_ptr<MessageSource>> OpenRows(StreamCall& call, wire::ParsedRead read,
                                                        std::shared_ptr<engine::Database> database,
                                                        const wire::PageTokens& tokens);

// One value as HttpBody messages.
absl::StatusOr<std::unique_ptr<MessageSource>> OpenValue(
    StreamCall& call, const engine::ValueSpec& spec, std::shared_ptr<engine::Database> database);

}  // namespace sluice::rpc
