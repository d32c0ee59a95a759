#include "server/rpc/bytes.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "grpcpp/support/slice.h"
#include "server/base/error.h"

namespace sluice::rpc {
namespace {

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
  if (Parse(bytes, request)) return absl::OkStatus();
  return Error(
      absl::StatusCode::kInvalidArgument, reason::kBadRequest,
      "the request is not a valid message of its type (a string that is not UTF-8, maybe)");
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
