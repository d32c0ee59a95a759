// The catalogue's answers as messages.
#pragma once

#include "server/engine/catalog.h"
#include "server/engine/registry.h"
#include "sluice/v1/catalog.pb.h"

namespace sluice::wire {

// What the registry alone knows.
void FillListed(const engine::ListedDatabase& listed, v1::Database* message);
void FillDatabase(const engine::DatabaseDescription& description, v1::Database* message);

// What lists show of a table.
void FillTableSummary(const engine::Table& table, v1::Table* message);
void FillRowCount(const engine::RowCount& count, v1::RowCount* message);
void FillTable(const engine::TableDescription& description, v1::Table* message);

}  // namespace sluice::wire
