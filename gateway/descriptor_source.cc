#include "gateway/descriptor_source.h"

#include <algorithm>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.pb.h"

namespace sluice::gateway {

std::vector<std::string> CompiledServices(absl::string_view package) {
  std::vector<std::string> files;
  google::protobuf::DescriptorPool::internal_generated_database()->FindAllFileNames(&files);
  std::vector<std::string> services;
  for (const std::string& name : files) {
    const auto* file = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(name);
    if (file == nullptr || file->package() != package) continue;
    for (int i = 0; i < file->service_count(); ++i) {
      services.push_back(file->service(i)->full_name());
    }
  }
  std::sort(services.begin(), services.end());
  return services;
}

absl::StatusOr<std::unique_ptr<DescriptorSet>> DescriptorSet::Load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  google::protobuf::FileDescriptorSet set;
  if (!set.ParseFromIstream(&file)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is no descriptor set"));
  }
  std::unique_ptr<DescriptorSet> loaded(new DescriptorSet());
  for (const auto& proto : set.file()) loaded->database_.Add(proto);
  for (const auto& proto : set.file()) {
    const auto* built = loaded->pool_.FindFileByName(proto.name());
    if (built == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": ", proto.name(), " is invalid or imports what the set does not hold"));
    }
    for (int i = 0; i < built->service_count(); ++i) {
      loaded->services_.push_back(built->service(i)->full_name());
    }
  }
  std::sort(loaded->services_.begin(), loaded->services_.end());
  return loaded;
}

}  // namespace sluice::gateway
