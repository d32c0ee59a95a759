#include "tests/conformance/doors/cpp/generic_call.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "clients/cpp/rpc_status.h"
#include "sluice/v1/catalog.pb.h"
#include "sluice/v1/query.pb.h"
#include "sluice/v1/row.pb.h"
#include "sluice/v1/snapshot.pb.h"

namespace sluice::conformance {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;

constexpr int kMaxMessage = 72 << 20;

// The generated services' descriptors are there only when something refers to their files.
const google::protobuf::MethodDescriptor* FindMethod(const std::string& name) {
  v1::ListDatabasesRequest::descriptor();
  v1::QueryRequest::descriptor();
  v1::ListRowsRequest::descriptor();
  v1::DownloadDatabaseRequest::descriptor();
  return google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
      absl::StrCat("sluice.v1.", absl::StrReplaceAll(name, {{"/", "."}})));
}

std::unique_ptr<Message> NewMessage(const Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

// One call on a completion queue of its own.
class Exchange {
 public:
  Exchange(const Call& call, const std::string& path)
      : stub_(grpc::CreateCustomChannel(call.address, grpc::InsecureChannelCredentials(),
                                        Arguments())) {
    if (!call.token.empty()) context_.AddMetadata("authorization", "Bearer " + call.token);
    stream_ = stub_.PrepareCall(&context_, path, &queue_);
  }
  ~Exchange() { queue_.Shutdown(); }

  // Sends the request and takes every message; nothing after an error.
  grpc::Status Run(const Message& request, std::vector<grpc::ByteBuffer>* messages) {
    const grpc::Slice slice(request.SerializeAsString());
    stream_->StartCall(Tag());
    bool going = Wait();
    if (going) {
      stream_->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), Tag());
      Wait();
    }
    while (going) {
      grpc::ByteBuffer message;
      stream_->Read(&message, Tag());
      going = Wait();
      if (going) messages->push_back(message);
    }
    grpc::Status status;
    stream_->Finish(&status, Tag());
    Wait();
    return status;
  }

 private:
  static grpc::ChannelArguments Arguments() {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(kMaxMessage);
    return arguments;
  }
  void* Tag() { return this; }
  bool Wait() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
};

absl::StatusOr<std::string> MessageJson(const Descriptor* type, grpc::ByteBuffer* bytes) {
  grpc::Slice slice;
  if (!bytes->DumpToSingleSlice(&slice).ok()) return absl::InternalError("no bytes");
  const auto message = NewMessage(type);
  if (!message->ParseFromArray(slice.begin(), static_cast<int>(slice.size()))) {
    return absl::InternalError("the answer is not of its type");
  }
  return ToJson(*message);
}

}  // namespace

Answer CallGeneric(const Call& call) {
  const auto* method = FindMethod(call.method);
  if (method == nullptr) return absl::InternalError(absl::StrCat("no method ", call.method));
  const auto request = NewMessage(method->input_type());
  if (const auto status = ParseJson(call.request, request.get()); !status.ok()) return status;
  std::vector<grpc::ByteBuffer> messages;
  const grpc::Status ended =
      Exchange(call, absl::StrCat("/sluice.v1.", call.method)).Run(*request, &messages);
  if (!ended.ok()) return client::FromGrpc(ended);
  std::vector<std::string> texts;
  for (auto& message : messages) {
    auto text = MessageJson(method->output_type(), &message);
    if (!text.ok()) return text.status();
    texts.push_back(*std::move(text));
  }
  return absl::StrJoin(texts, ",");
}

}  // namespace sluice::conformance
