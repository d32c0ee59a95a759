// Row keys: values as text that can stand in a URL. sluice/v1/value.proto, `Row.key`, defines the
// form.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/engine/row_key.h"
#include "server/engine/row_sink.h"
#include "server/sqlite/value.h"

namespace sluice::wire {

// One part of a key.
void AppendKeyPart(std::string& key, const sqlite::ValueView& value);
// Parts joined by commas.
std::string EncodeKeyParts(const std::vector<sqlite::Value>& parts);
// The key of the row that a statement stands on.
void AppendRowKey(std::string& key, const engine::RowView& row);

// INVALID_ARGUMENT (BAD_REQUEST, `field`) for what no encoder gives.
absl::StatusOr<std::vector<sqlite::Value>> DecodeKeyParts(absl::string_view key,
                                                          absl::string_view field);
absl::StatusOr<engine::RowKey> DecodeRowKey(absl::string_view key);

}  // namespace sluice::wire
