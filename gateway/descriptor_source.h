// Where a stand-alone gateway learns about services: what is compiled in, or a file that
// `protoc --include_imports --descriptor_set_out` or `buf build` wrote.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor_database.h"

namespace sluice::gateway {

// Full names of the services of the files in `package` that are compiled into this program,
// sorted.
std::vector<std::string> CompiledServices(absl::string_view package);

// A pool made from a descriptor set. Keep it for as long as the gateway lives.
class DescriptorSet {
 public:
  // NOT_FOUND or INVALID_ARGUMENT, naming the file.
  static absl::StatusOr<std::unique_ptr<DescriptorSet>> Load(const std::string& path);

  const google::protobuf::DescriptorPool& pool() const { return pool_; }
  // Full names of all its services, sorted.
  const std::vector<std::string>& services() const { return services_; }

 private:
  DescriptorSet() : pool_(&database_) {}

  google::protobuf::SimpleDescriptorDatabase database_;
  google::protobuf::DescriptorPool pool_;
  std::vector<std::string> services_;
};

}  // namespace sluice::gateway
