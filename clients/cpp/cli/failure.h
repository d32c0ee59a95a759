// How the command ends when something fails: the exit code for programs, a few lines for people.
// Pure but for the one that prints; safe from any thread.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace sluice::cli {

// 0 for OK, 3 not found, 4 no credential or no right, 5 unavailable, 6 deadline, 1 all else. Wrong
// usage (2) is no status of a call: see UsageError.
int ExitCodeOf(const absl::Status& status);

inline constexpr int kUsageExitCode = 2;

// INVALID_ARGUMENT that ends with exit code 2.
absl::Status UsageError(absl::string_view message);

// Adds lines that show what is at fault; DescribeFailure prints them. An OK status stays as it is.
absl::Status WithExcerpt(absl::Status status, absl::string_view excerpt);

// The line of `sql` where SQLite found the fault, with a mark below; empty when the error does not
// say where (metadata `offset`).
std::string SqlExcerpt(const absl::Status& status, absl::string_view sql);

// `error: …` with the reason, the fields at fault and a hint. `address` is where the call went.
std::string DescribeFailure(const absl::Status& status, absl::string_view address);

}  // namespace sluice::cli
