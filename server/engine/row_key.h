// What names one row.
#pragma once

#include <vector>

#include "server/sqlite/value.h"

namespace sluice::engine {

// The values of a row's key, or its rowid.
struct RowKey {
  std::vector<sqlite::Value> parts;
  bool by_rowid = false;
};

}  // namespace sluice::engine
