// The streams of RowService.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/engine/database.h"
#include "server/engine/settings.h"
#include "server/rpc/stream_call.h"
#include "server/rpc/stream_places.h"
#include "server/wire/page_token.h"
#include "server/wire/row_requests.h"

namespace sluice::rpc {

// What a stream may take, and its place among those that run.
struct StreamBounds {
  engine::Ceilings ceilings;
  StreamPlaces::Place place;
};

// The rows of a ReadRows as its responses, within the bounds. `tokens` outlives the stream.
absl::StatusOr<std::unique_ptr<MessageSource>> OpenRows(StreamCall& call, wire::ParsedRead read,
                                                        std::shared_ptr<engine::Database> database,
                                                        const wire::PageTokens& tokens,
                                                        StreamBounds bounds);

// One value as HttpBody messages. RESOURCE_EXHAUSTED (LIMIT) for one of more bytes than a stream
// may have.
absl::StatusOr<std::unique_ptr<MessageSource>> OpenValue(StreamCall& call,
                                                         const engine::ValueSpec& spec,
                                                         std::shared_ptr<engine::Database> database,
                                                         StreamBounds bounds);

}  // namespace sluice::rpc
