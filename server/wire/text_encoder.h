// Rows as natural JSON, NDJSON or CSV, written straight from the cursor.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/engine/row_sink.h"
#include "server/wire/buffer.h"

namespace sluice::wire {

struct TextFormat {
  enum class Kind { kJson, kNdjson, kCsv };
  Kind kind = Kind::kJson;
  // Integers beyond ±(2^53−1) as strings.
  bool int64_as_string = false;
  // Rows as arrays instead of objects.
  bool arrays = false;
};
// From a request's fields `format`, `int64` and `shape`. INVALID_ARGUMENT for other words than the
// contract's.
absl::StatusOr<TextFormat> ParseTextFormat(absl::string_view format, absl::string_view int64,
                                           absl::string_view shape);

// A sink whose bytes end where a record ends after every call.
class TextEncoder : public engine::RowSink {
 public:
  virtual absl::string_view content_type() const = 0;
  // Ends the document. `members` are JSON members, such as `"truncated":false`, for the formats
  // that have a place.
  virtual void Finish(absl::string_view members) = 0;

  void Clear() override { buffer_.Clear(); }
  size_t bytes() const override { return buffer_.size(); }
  Buffer& buffer() { return buffer_; }
  Buffer Take(size_t capacity) { return std::exchange(buffer_, Buffer(capacity)); }

 protected:
  Buffer buffer_;
};

std::unique_ptr<TextEncoder> MakeTextEncoder(const TextFormat& format);

}  // namespace sluice::wire
