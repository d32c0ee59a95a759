// Fingerprints of rows.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "server/engine/row_sink.h"
#include "server/engine/schema.h"

namespace sluice::engine {

// A keyed hash of the row's stored columns: names, storage classes and bytes. 22 characters of
// base64url. Equal exactly when nothing stored has changed; tells nobody without the secret what is
// stored. `secret` is 16 bytes or more.
std::string EtagOf(const Table& table, const RowView& row, absl::string_view secret);

}  // namespace sluice::engine
