#include "gateway/descriptor_source.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"
#include "sluice/v1/query.pb.h"

#include "gateway/service_routes.h"

namespace sluice::gateway {
namespace {

using ::testing::Contains;

class DescriptorSetTest : public ::testing::Test {
 protected:
  void TearDown() override { std::remove(path_.c_str()); }
  void Write(const std::string& bytes) { std::ofstream(path_, std::ios::binary) << bytes; }
  static void AddWithImports(const google::protobuf::FileDescriptor* file,
                             google::protobuf::FileDescriptorSet* set) {
    for (int i = 0; i < file->dependency_count(); ++i) AddWithImports(file->dependency(i), set);
    for (const auto& there : set->file()) {
      if (there.name() == file->name()) return;
    }
    file->CopyTo(set->add_file());
  }

  const std::string path_ =
      absl::StrCat(::testing::TempDir(), "gateway_descriptors_", getpid(), ".binpb");
};

TEST_F(DescriptorSetTest, BindingsComeOutOfAFile) {
  google::protobuf::FileDescriptorSet set;
  AddWithImports(v1::QueryRequest::descriptor()->file(), &set);
  Write(set.SerializeAsString());
  const auto loaded = DescriptorSet::Load(path_);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_THAT((*loaded)->services(), Contains("sluice.v1.QueryService"));
  FieldTables tables(&(*loaded)->pool());
  const auto routes = BuildRoutes((*loaded)->pool(), (*loaded)->services(), &tables);
  ASSERT_TRUE(routes.ok()) << routes.status();
  EXPECT_EQ(routes->table.Match("POST", "/v1/databases/d:query").kind, RouteMatch::Kind::kFound);
}

TEST_F(DescriptorSetTest, FilesThatAreNoneAreRefusedByName) {
  EXPECT_EQ(DescriptorSet::Load(path_).status().code(), absl::StatusCode::kNotFound);
  Write("no descriptors");
  EXPECT_EQ(DescriptorSet::Load(path_).status().code(), absl::StatusCode::kInvalidArgument);
  google::protobuf::FileDescriptorSet set;
  v1::QueryRequest::descriptor()->file()->CopyTo(set.add_file());
  Write(set.SerializeAsString());
  EXPECT_EQ(DescriptorSet::Load(path_).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(CompiledServicesTest, AreThoseOfThePackage) {
  v1::QueryRequest::descriptor();
  EXPECT_THAT(CompiledServices("sluice.v1"), Contains("sluice.v1.QueryService"));
  EXPECT_TRUE(CompiledServices("no.such").empty());
}

}  // namespace
}  // namespace sluice::gateway
