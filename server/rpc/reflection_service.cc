#include <set>
#include <utility>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "server/rpc/bytes.h"
#include "server/rpc/services.h"
#include "server/rpc/stream_call.h"

namespace sluice::rpc {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;

const DescriptorPool& Pool() { return *DescriptorPool::generated_pool(); }

void SetNotFound(ServerReflectionResponse* response) {
  response->mutable_error_response()->set_error_code(static_cast<int>(grpc::StatusCode::NOT_FOUND));
  response->mutable_error_response()->set_error_message("there is nothing of that name");
}

// The file and everything it imports, each once, so that one answer is enough.
void AddFile(const FileDescriptor& file, std::set<const FileDescriptor*>* seen,
             ServerReflectionResponse* response) {
  if (!seen->insert(&file).second) return;
  google::protobuf::FileDescriptorProto proto;
  file.CopyTo(&proto);
  response->mutable_file_descriptor_response()->add_file_descriptor_proto(
      proto.SerializeAsString());
  for (int i = 0; i < file.dependency_count(); ++i) AddFile(*file.dependency(i), seen, response);
}

void AnswerFile(const FileDescriptor* file, ServerReflectionResponse* response) {
  if (file == nullptr) return SetNotFound(response);
  std::set<const FileDescriptor*> seen;
  AddFile(*file, &seen, response);
}

void AnswerExtension(const std::string& type, int number, ServerReflectionResponse* response) {
  const auto* const extended = Pool().FindMessageTypeByName(type);
  const FieldDescriptor* const extension =
      extended == nullptr ? nullptr : Pool().FindExtensionByNumber(extended, number);
  AnswerFile(extension == nullptr ? nullptr : extension->file(), response);
}

void AnswerExtensionNumbers(const std::string& type, ServerReflectionResponse* response) {
  const auto* const extended = Pool().FindMessageTypeByName(type);
  if (extended == nullptr) return SetNotFound(response);
  std::vector<const FieldDescriptor*> extensions;
  Pool().FindAllExtensions(extended, &extensions);
  auto* const answer = response->mutable_all_extension_numbers_response();
  answer->set_base_type_name(type);
  for (const FieldDescriptor* extension : extensions) {
    answer->add_extension_number(extension->number());
  }
}

ServerReflectionResponse Answer(const ServerReflectionRequest& request,
                                const std::vector<std::string>& services) {
  ServerReflectionResponse response;
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case ServerReflectionRequest::kFileByFilename:
      AnswerFile(Pool().FindFileByName(request.file_by_filename()), &response);
      break;
    case ServerReflectionRequest::kFileContainingSymbol:
      AnswerFile(Pool().FindFileContainingSymbol(request.file_containing_symbol()), &response);
      break;
    case ServerReflectionRequest::kFileContainingExtension:
      AnswerExtension(request.file_containing_extension().containing_type(),
                      request.file_containing_extension().extension_number(), &response);
      break;
    case ServerReflectionRequest::kAllExtensionNumbersOfType:
      AnswerExtensionNumbers(request.all_extension_numbers_of_type(), &response);
      break;
    case ServerReflectionRequest::kListServices:
      for (const std::string& service : services) {
        response.mutable_list_services_response()->add_service()->set_name(service);
      }
      break;
    case ServerReflectionRequest::MESSAGE_REQUEST_NOT_SET:
      SetNotFound(&response);
      break;
  }
  return response;
}

// Answers each request with one message, for as long as the caller likes.
class AnswerSource final : public MessageSource {
 public:
  AnswerSource(StreamCall& call, const std::vector<std::string>& services)
      : call_(call), services_(services), request_(call.request_bytes()) {}

  absl::StatusOr<Progress> Next(wire::Buffer* message) override {
    if (!std::exchange(has_request_, false)) {
      const StreamCall::Incoming next = call_.TakeRequest(&request_);
      if (next == StreamCall::Incoming::kNotYet) return Progress::kWait;
      if (next == StreamCall::Incoming::kEnd) return Progress::kEnd;
    }
    ServerReflectionRequest request;
    if (absl::Status parsed = ParseRequest(request_, &request); !parsed.ok()) return parsed;
    *message = Serialize(Answer(request, services_));
    return Progress::kMessage;
  }
  bool waits_for_ever() const override { return true; }

 private:
  StreamCall& call_;
  const std::vector<std::string>& services_;
  grpc::ByteBuffer request_;
  bool has_request_ = true;
};

// The two versions differ in nothing but their package: the messages are the same on the wire.
template <typename Generated>
class ReflectionServiceRpc : public RpcService {
 public:
  explicit ReflectionServiceRpc(std::vector<std::string> services)
      : services_(std::move(services)) {}

  grpc::Service* service() override { return &raw_; }

  void AddMethods(ServerParts& parts) override {
    parts.AddBothWays(&raw_, Generated::service_full_name(), "ServerReflectionInfo",
                      &Raw::RequestServerReflectionInfo, [this](StreamCall& call) {
                        return std::make_unique<AnswerSource>(call, services_);
                      });
  }

 private:
  using Raw =
      typename Generated::template WithRawMethod_ServerReflectionInfo<typename Generated::Service>;
  const std::vector<std::string> services_;
  Raw raw_;
};

}  // namespace

std::unique_ptr<RpcService> MakeReflectionService(const std::vector<std::string>& services) {
  return std::make_unique<ReflectionServiceRpc<grpc::reflection::v1::ServerReflection>>(services);
}

std::unique_ptr<RpcService> MakeReflectionAlphaService(const std::vector<std::string>& services) {
  return std::make_unique<ReflectionServiceRpc<grpc::reflection::v1alpha::ServerReflection>>(
      services);
}

}  // namespace sluice::rpc
