// What an error of this library says beyond its code and its message.
//
// Every failing call answers with an absl::Status whose code is gRPC's canonical code and whose
// message is for people. Where the server sent details, or this library knows some, DetailsOf gives
// them. Pure functions, safe from any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace sluice {

// What is wrong with one field of a request.
struct FieldViolation {
  std::string field;
  std::string description;
};

struct ErrorDetails {
  // A value of sluice.v1.ErrorReason without its prefix, such as `NO_SUCH_TABLE`; or, when `domain`
  // is kClientDomain, one of the reasons below. Empty when the server sent none, as for an address
  // where no Sluice server answers.
  std::string reason;
  // `sluice` for the server's reasons.
  std::string domain;
  // Such as `table`, `columns`, `row`; error.proto says which reason has which.
  std::map<std::string, std::string> metadata;
  std::vector<FieldViolation> field_violations;
  // How long to wait before trying again, where that helps.
  std::optional<absl::Duration> retry_delay;
};

// The domain of errors that this library found itself.
inline constexpr absl::string_view kClientDomain = "sluice.client";

namespace client_reason {
// DATA_LOSS. A stream ended without what its last message always holds.
inline constexpr absl::string_view kCut = "CUT";
// RESOURCE_EXHAUSTED. A stream ended well with fewer rows than there are, since the server's
// configuration allows no more.
inline constexpr absl::string_view kTruncated = "TRUNCATED";
// DATA_LOSS. Bytes of a download do not have their offset, size, checksum or digest.
inline constexpr absl::string_view kChecksum = "CHECKSUM";
// DATA_LOSS. The server's answer breaks its own rules.
inline constexpr absl::string_view kMalformedAnswer = "MALFORMED_ANSWER";
// ABORTED. A stream that goes on, or a later page, has other columns than the rows before.
inline constexpr absl::string_view kColumnsChanged = "COLUMNS_CHANGED";
// A file of this machine could not be made, written or replaced; the code says more.
inline constexpr absl::string_view kLocalFile = "LOCAL_FILE";
}  // namespace client_reason

ErrorDetails DetailsOf(const absl::Status& status);

}  // namespace sluice
