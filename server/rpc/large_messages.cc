#include "server/rpc/large_messages.h"

#include "absl/strings/str_cat.h"
#include "server/base/error.h"

namespace sluice::rpc {

absl::StatusOr<LargeMessages::Place> LargeMessages::Take(size_t bytes) const {
  if (bytes > bytes_max_) {
    return WithMetadata(Error(absl::StatusCode::kResourceExhausted, reason::kLimit,
                              "the message has more parts than its size allows"),
                        "limit", absl::StrCat(bytes_max_));
  }
  const size_t taken = bytes_->fetch_add(bytes) + bytes;
  Place place(bytes_.get(), [all = bytes_, bytes](const void*) { all->fetch_sub(bytes); });
  if (taken <= bytes_max_) return place;
  return WithRetryAfter(WithMetadata(Error(absl::StatusCode::kResourceExhausted, reason::kLimit,
                                           "the server holds as many large messages as it may"),
                                     "limit", absl::StrCat(bytes_max_)),
                        absl::Seconds(1));
}

}  // namespace sluice::rpc
