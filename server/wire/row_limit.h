// How large one row may be.
#pragma once

#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/sqlite/value.h"

namespace sluice::wire {

// Adds up a row's texts and blobs while an encoder reads them, one by one: SQLite makes what
// zeroblob() promises only when it is read, so that a row of many of them must be left at the first
// that is too much.
class RowLimit {
 public:
  // RESOURCE_EXHAUSTED (LIMIT) beyond kRowBytesMax.
  absl::Status Add(const sqlite::ValueView& value) {
    bytes_ += value.bytes.size();
    return bytes_ <= limits::kRowBytesMax
               ? absl::OkStatus()
               : Error(absl::StatusCode::kResourceExhausted, reason::kLimit,
                       "a row is larger than the server sends");
  }

 private:
  size_t bytes_ = 0;
};

}  // namespace sluice::wire
