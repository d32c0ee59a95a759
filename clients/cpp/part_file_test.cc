// A file in the making: who may write, rename and remove it, and who may read it.
#include "clients/cpp/part_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clients/cpp/testing/process.h"

namespace sluice::client {
namespace {

using testing::FileExists;
using testing::ReadFile;
using testing::WriteFile;

class PartFileTest : public ::testing::Test {
 protected:
  static mode_t ModeOf(const std::string& path) {
    struct stat found{};
    EXPECT_EQ(stat(path.c_str(), &found), 0) << path;
    return found.st_mode & 0777;
  }

  testing::TemporaryFolder folder_;
  const std::string path_ = folder_ / "copy.db";
  const std::string part_ = path_ + ".part";
};

TEST_F(PartFileTest, OneThatAnotherWritesIsLeftToIt) {
  auto first = PartFile::Create(path_, true);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(first->Write("first").ok());
  EXPECT_EQ(PartFile::Create(path_, true).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(PartFile::Resume(path_, true).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReadFile(part_), "first");
  ASSERT_TRUE(first->Commit().ok());
  EXPECT_EQ(ReadFile(path_), "first");
  EXPECT_FALSE(FileExists(part_));
}

TEST_F(PartFileTest, AnAbandonedOneIsReplacedAndNotWrittenOver) {
  WriteFile(part_, "abandoned");
  ASSERT_EQ(link(part_.c_str(), (folder_ / "other-name").c_str()), 0);
  auto file = PartFile::Create(path_, true);
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE(file->Write("new").ok());
  ASSERT_TRUE(file->Commit().ok());
  EXPECT_EQ(ReadFile(path_), "new");
  EXPECT_EQ(ReadFile(folder_ / "other-name"), "abandoned");
}

TEST_F(PartFileTest, WhatStandsUnderItsNameByNowIsNeitherRenamedNorRemoved) {
  {
    auto file = PartFile::Create(path_, true);
    ASSERT_TRUE(file.ok()) << file.status();
    ASSERT_EQ(unlink(part_.c_str()), 0);
    WriteFile(part_, "another's");
    EXPECT_EQ(file->Commit().code(), absl::StatusCode::kAborted);
    EXPECT_FALSE(FileExists(path_));
  }
  EXPECT_EQ(ReadFile(part_), "another's");
}

TEST_F(PartFileTest, FollowsNoLink) {
  WriteFile(folder_ / "precious", "mine");
  ASSERT_EQ(symlink((folder_ / "precious").c_str(), part_.c_str()), 0);
  EXPECT_FALSE(PartFile::Create(path_, true).ok());
  EXPECT_FALSE(PartFile::Resume(path_, true).ok());
  EXPECT_EQ(ReadFile(folder_ / "precious"), "mine");
}

TEST_F(PartFileTest, APrivateFileStaysPrivate) {
  for (const bool resumed : {false, true}) {
    WriteFile(path_, "private");
    ASSERT_EQ(chmod(path_.c_str(), 0600), 0);
    WriteFile(part_, "of a version that did not know");
    ASSERT_EQ(chmod(part_.c_str(), 0666), 0);
    auto file = resumed ? PartFile::Resume(path_, true) : PartFile::Create(path_, true);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ(ModeOf(part_), 0600u);
    ASSERT_TRUE(file->Commit().ok());
    EXPECT_EQ(ModeOf(path_), 0600u);
  }
}

TEST_F(PartFileTest, AFileKeepsItsModeAndANewOneGetsTheUsual) {
  WriteFile(folder_ / "usual", "");
  auto file = PartFile::Create(path_, true);
  ASSERT_TRUE(file.ok() && file->Commit().ok());
  EXPECT_EQ(ModeOf(path_), ModeOf(folder_ / "usual"));
  ASSERT_EQ(chmod(path_.c_str(), 0640), 0);
  auto again = PartFile::Create(path_, true);
  ASSERT_TRUE(again.ok() && again->Commit().ok());
  EXPECT_EQ(ModeOf(path_), 0640u);
}

}  // namespace
}  // namespace sluice::client
