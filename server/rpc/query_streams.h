// Results as the messages of streams.
#pragma once

#include <memory>

#include "server/engine/query.h"
#include "server/engine/settings.h"
#include "server/rpc/stream_call.h"
#include "server/rpc/stream_places.h"
#include "server/wire/requests.h"
#include "server/wire/text_encoder.h"

namespace sluice::rpc {

// A running statement with what it holds.
struct RunningQuery {
  wire::ParsedQuery query;
  engine::Ceilings ceilings;
  StreamPlaces::Place place;
  std::unique_ptr<engine::Cursor> cursor;
};

// StreamQueryResponse messages, in the layout that the request asks for.
// `tokens` must outlive them.
std::unique_ptr<MessageSource> MakeRowChunks(RunningQuery running, const wire::PageTokens* tokens);
// HttpBody messages.
std::unique_ptr<MessageSource> MakeTextChunks(RunningQuery running, const wire::TextFormat& format);

// Adds what the rows of a finished encoder cost; `sent` are the bytes of the messages before it.
void PutStats(wire::Buffer& out, int field, const engine::QueryStats& stats, int64_t sent);

}  // namespace sluice::rpc
