// google.api.HttpBody, written by hand.
#pragma once

#include "absl/strings/string_view.h"
#include "server/wire/buffer.h"
#include "server/wire/proto_writer.h"

namespace sluice::wire {

// A body to which its `size` bytes of data are still to be added, and nothing else.
inline Buffer BeginHttpBody(absl::string_view content_type, size_t size) {
  constexpr int kContentTypeField = 1;
  constexpr int kDataField = 2;
  Buffer message(content_type.size() + size + 4 * kVarintBytesMax);
  PutBytes(message, kContentTypeField, content_type);
  PutTag(message, kDataField, WireType::kBytes);
  PutVarint(message, size);
  return message;
}

inline Buffer MakeHttpBody(absl::string_view content_type, absl::string_view bytes) {
  Buffer message = BeginHttpBody(content_type, bytes.size());
  message.Append(bytes);
  return message;
}

}  // namespace sluice::wire
