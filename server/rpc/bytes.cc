#include "server/rpc/bytes.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "grpcpp/support/slice.h"
#include "server/base/error.h"
#include "server/base/limits.h"

namespace sluice::rpc {
namespace {

// What stands around a piece of an upload, which may have kRequestBytesMax by itself.
constexpr size_t kFrameBytes = size_t{4} << 10;

absl::Status Malformed() {
  return Error(
      absl::StatusCode::kInvalidArgument, reason::kBadRequest,
      "the request is not a valid message of its type (a string that is not UTF-8, maybe)");
}

bool Parse(const grpc::ByteBuffer& bytes, google::protobuf::MessageLite* request) {
  if (!bytes.Valid()) return true;
  grpc::Slice slice;
  if (bytes.TrySingleSlice(&slice).ok() || bytes.DumpToSingleSlice(&slice).ok()) {
    return request->ParseFromArray(slice.begin(), static_cast<int>(slice.size()));
  }
  return false;
}

}  // namespace

absl::Status ParseRequest(const grpc::ByteBuffer& bytes, google::protobuf::MessageLite* request) {
  if (IsLarge(bytes)) {
    return WithMetadata(Error(absl::StatusCode::kResourceExhausted, reason::kLimit,
                              "the request is too large; send more by stream"),
                        "limit", absl::StrCat(limits::kRequestBytesMax));
  }
  return Parse(bytes, request) ? absl::OkStatus() : Malformed();
}

absl::Status ParseLargeRequest(grpc::ByteBuffer* bytes, google::protobuf::MessageLite* request) {
  grpc::ProtoBufferReader reader(bytes);
  if (reader.status().ok() && request->ParseFromZeroCopyStream(&reader)) return absl::OkStatus();
  return Malformed();
}

bool IsLarge(const grpc::ByteBuffer& bytes) {
  return bytes.Length() > limits::kRequestBytesMax + kFrameBytes;
}

grpc::ByteBuffer ToByteBuffer(wire::Buffer buffer) {
  const size_t size = buffer.size();
  grpc::Slice slice(buffer.Release(), size, [](void* bytes) { std::free(bytes); });
  return grpc::ByteBuffer(&slice, 1);
}

wire::Buffer Serialize(const google::protobuf::MessageLite& message) {
  const size_t size = message.ByteSizeLong();
  wire::Buffer buffer(size + 1);
  message.SerializeToArray(buffer.Reserve(size), static_cast<int>(size));
  buffer.Advance(size);
  return buffer;
}

}  // namespace sluice::rpc
