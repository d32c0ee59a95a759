// Answers about statements as messages.
#pragma once

#include "server/engine/describe.h"
#include "server/engine/query.h"
#include "sluice/v1/query.pb.h"

namespace sluice::wire {

void FillStats(const engine::QueryStats& stats, int64_t byte_count, v1::QueryStats* message);
void FillDescription(const engine::StatementDescription& description,
                     v1::DescribeResponse* message);

}  // namespace sluice::wire
