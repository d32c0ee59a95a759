// google.api.HttpBody, written by hand.
#pragma once

#include "absl/strings/string_view.h"
#include "server/wire/buffer.h"
#include "server/wire/proto_writer.h"

namespace sluice::wire {

inline Buffer MakeHttpBody(absl::string_view content_type, absl::string_view bytes) {
  constexpr int kContentTypeField = 1;
  constexpr int kDataField = 2;
  Buffer message(content_type.size() + bytes.size() + 4 * kVarintBytesMax);
  PutBytes(message, kContentTypeField, content_type);
  PutBytes(message, kDataField, bytes);
  return message;
}

}  // namespace sluice::wire
