// How values are written on the command line. Pure functions, safe from any thread.
//
//   null                    NULL
//   4326  -1                INTEGER: as in JSON, so 007 is a text
//   2.5  1e300              REAL
//   int:…  real:…  text:…   INTEGER, REAL (also Infinity, -Infinity), TEXT, whatever it looks like
//   blob:DEADBEEF           BLOB from hex digits
//   anything else           TEXT
//
// Errors are INVALID_ARGUMENT.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "clients/cpp/client.h"
#include "clients/cpp/value.h"

namespace sluice::cli {

absl::StatusOr<Value> ParseValue(absl::string_view text);

// `column=value`: the name is what stands before the first `=`.
absl::StatusOr<std::pair<std::string, Value>> ParseAssignment(absl::string_view text);

// Adds `name=value` (the name an identifier, with or without `:`, `@` or `$`) or a bare value to
// the statement's parameters.
absl::Status AddParameter(absl::string_view text, Statement* statement);

// Sets the parameters from natural JSON: an array by position, an object by name.
absl::Status SetParametersFromJson(absl::string_view json, Statement* statement);

}  // namespace sluice::cli
