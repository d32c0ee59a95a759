// Values of requests, from protobuf to SQLite.
#pragma once

#include <deque>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/struct.pb.h"
#include "server/sqlite/value.h"
#include "sluice/v1/value.pb.h"

namespace sluice::wire {

// A view into `value`. INVALID_ARGUMENT for a value without a kind and for NaN.
absl::StatusOr<sqlite::ValueView> ParseValue(const v1::Value& value, absl::string_view field);

// The value as a message; a text that is not UTF-8 is raw_text.
void FillValue(const sqlite::ValueView& value, v1::Value* message);

// Natural JSON values; see `ExportQueryRequest.params`. Keeps what had to be decoded, so that views
// of it stay valid as long as this object and the request live. Not thread-safe.
class NaturalValues {
 public:
  // A view into `value` or into this object. INVALID_ARGUMENT for what no natural JSON value is.
  absl::StatusOr<sqlite::ValueView> Parse(const google::protobuf::Value& value,
                                          absl::string_view field);

 private:
  absl::StatusOr<sqlite::ValueView> ParseTagged(const google::protobuf::Struct& tagged,
                                                absl::string_view field);
  absl::StatusOr<sqlite::ValueView> ParseBase64(const google::protobuf::Value& encoded, bool text,
                                                absl::string_view field);

  // A deque, since its elements never move.
  std::deque<std::string> decoded_;
};

}  // namespace sluice::wire
