// SQLite's order of values that have no affinity, under BINARY: NULL, numbers, texts, blobs.
#pragma once

#include "server/sqlite/value.h"

namespace sluice::engine {

// Below, at or above zero. 1 and 1.0 are equal, 1 and '1' are not.
int CompareValues(const sqlite::ValueView& a, const sqlite::ValueView& b);

}  // namespace sluice::engine
