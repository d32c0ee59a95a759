// Ranges and conditional requests of RFC 9110 for a file whose bytes are known by a strong ETag.
// The gateway hands the request's headers over as metadata and takes the status and the headers of
// the answer as metadata; what they mean is decided here. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace sluice::wire {

inline constexpr int kWhole = 200;
inline constexpr int kPartial = 206;
inline constexpr int kNotModified = 304;
inline constexpr int kRangeNotSatisfiable = 416;

// Headers of a request; empty when it has none of that name.
struct FileRequest {
  absl::string_view range = {};
  absl::string_view if_range = {};
  absl::string_view if_none_match = {};
  // For a file whose bytes may be others next time: a range is only given to a caller that says by
  // If-Range which bytes it has.
  bool range_needs_if_range = false;
};

struct FileAnswer {
  int status = kWhole;
  int64_t size = 0;
  // Which bytes to send.
  int64_t begin = 0;
  int64_t end = 0;
  // Whether a bare Range is honoured; who must say If-Range too is told nothing of ranges, so that
  // `curl -C -` does not append the whole file to a part.
  bool takes_ranges = true;
};

// `etag` with its quotes. One range is honoured; several, and what is not understood, are answered
// with the whole file, as the RFC allows.
FileAnswer AnswerFileRequest(const FileRequest& request, absl::string_view etag, int64_t size);

// The headers of the answer, in lower case, `status` among them unless it is 200.
std::vector<std::pair<std::string, std::string>> HeadersOf(const FileAnswer& answer,
                                                           absl::string_view etag,
                                                           absl::string_view file_name);

// OUT_OF_RANGE for kRangeNotSatisfiable.
absl::Status ErrorOf(const FileAnswer& answer);

}  // namespace sluice::wire
