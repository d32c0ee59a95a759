#include "server/rpc/method.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "server/base/check.h"
#include "sluice/v1/options.pb.h"

namespace sluice::rpc {
namespace {

const google::protobuf::MethodDescriptor& FindMethod(absl::string_view service,
                                                     absl::string_view name) {
  const auto* const described =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(std::string(service));
  CHECK(described != nullptr);
  const auto* const found = described->FindMethodByName(std::string(name));
  CHECK(found != nullptr);
  return *found;
}

// PERMISSION_ROW_INSERT -> row.insert
std::string PermissionName(v1::Permission permission) {
  const std::string name = v1::Permission_Name(permission);
  return absl::StrReplaceAll(absl::AsciiStrToLower(absl::StripPrefix(name, "PERMISSION_")),
                             {{"_", "."}});
}

}  // namespace

Method DescribeMethod(absl::string_view service, absl::string_view name, absl::string_view type,
                      Metrics* metrics) {
  Method method;
  method.service = std::string(service);
  method.name = std::string(name);
  method.metrics = metrics->MakeMethod(type, service, name);
  method.is_public = !absl::StartsWith(service, "sluice.");
  if (method.is_public) return method;
  const auto& descriptor = FindMethod(service, name);
  const v1::Permission permission = descriptor.options().GetExtension(v1::permission);
  CHECK(permission != v1::PERMISSION_UNSPECIFIED);
  CHECK(descriptor.options().GetExtension(v1::idempotency) != v1::IDEMPOTENCY_UNSPECIFIED);
  method.permission = static_cast<auth::Permission>(permission);
  method.permission_name = PermissionName(permission);
  return method;
}

}  // namespace sluice::rpc
