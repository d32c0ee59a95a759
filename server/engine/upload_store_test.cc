#include "server/engine/upload_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/engine/test_files.h"
#include "server/sqlite/test_database.h"

namespace sluice::engine {
namespace {

namespace fs = std::filesystem;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using State = Upload::State;

constexpr int64_t kQuota = 1 << 20;

class UploadStoreTest : public testing::Test {
 protected:
  UploadStoreTest() { Restart(); }

  void Restart() {
    store_.reset();
    store_ = std::make_unique<UploadStore>(kQuota);
    replaced_ = store_->Recover({scratch_.folder()});
  }
  absl::StatusOr<Upload> Create(int64_t size = 1024, absl::Duration ttl = absl::Hours(1)) {
    return store_->Create("test", scratch_.path(),
                          {.size_bytes = size, .sha256 = std::string(32, 's'), .ttl = ttl});
  }
  absl::StatusOr<Upload> Write(const Upload& upload, int64_t offset, const std::string& piece) {
    return store_->Write("test", upload.id, offset, piece);
  }
  std::string folder() const { return UploadFolderFor(scratch_.path()); }
  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& file : fs::directory_iterator(folder())) {
      if (file.path().filename() != "lock") names.push_back(file.path().filename());
    }
    return names;
  }

  const sqlite::TestDatabase scratch_;
  std::unique_ptr<UploadStore> store_;
  std::vector<UploadStore::Replaced> replaced_;
};

TEST_F(UploadStoreTest, TakesPiecesInOrderAndTellsHowFarItIs) {
  const auto upload = Create();
  ASSERT_TRUE(upload.ok()) << upload.status();
  EXPECT_EQ(upload->state, State::kReceiving);
  const auto half = Write(*upload, 0, std::string(512, 'a'));
  ASSERT_TRUE(half.ok()) << half.status();
  EXPECT_EQ(half->received_bytes, 512);
  const auto whole = Write(*upload, 512, std::string(512, 'b'));
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(whole->state, State::kReceived);
  EXPECT_EQ(store_->Find("test", upload->id)->received_bytes, 1024);
  EXPECT_EQ(BytesOf(folder() + "/" + upload->id + ".db"),
            std::string(512, 'a') + std::string(512, 'b'));
  EXPECT_EQ(fs::status(folder()).permissions(), fs::perms::owner_all);
}

TEST_F(UploadStoreTest, APieceAtAWrongPlaceIsToldTheRightOne) {
  const auto upload = Create();
  ASSERT_TRUE(Write(*upload, 0, std::string(100, 'a')).ok());
  for (const int64_t offset : {50, 101, 1000}) {
    const absl::Status status = Write(*upload, offset, std::string(60, 'a')).status();
    EXPECT_EQ(ReasonOf(status), offset == 1000 ? reason::kBadRequest : reason::kUploadOffset);
    EXPECT_EQ(MetadataOf(status, "offset"), offset == 1000 ? "" : "100");
  }
  // The same again is taken, other bytes are not.
  EXPECT_EQ(Write(*upload, 20, std::string(60, 'a'))->received_bytes, 100);
  EXPECT_EQ(ReasonOf(Write(*upload, 20, std::string(60, 'b')).status()), reason::kUploadOffset);
  EXPECT_EQ(ReasonOf(Write(*upload, INT64_MAX, "a").status()), reason::kBadRequest);
}

TEST_F(UploadStoreTest, GoesOnAfterARestart) {
  const auto upload = Create();
  ASSERT_TRUE(Write(*upload, 0, std::string(700, 'a')).ok());
  Restart();
  const auto found = store_->Find("test", upload->id);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->received_bytes, 700);
  EXPECT_EQ(found->sha256, upload->sha256);
  EXPECT_EQ(found->state, State::kReceiving);
  EXPECT_EQ(Write(*found, 700, std::string(324, 'b'))->state, State::kReceived);
  Restart();
  EXPECT_EQ(store_->Find("test", upload->id)->state, State::kReceived);
}

TEST_F(UploadStoreTest, RemovesAtStartWhatNobodyCanUse) {
  const auto upload = Create();
  fs::remove(folder() + "/" + upload->id + ".info");
  WriteBytes(folder() + "/20260101t000000-0123abcd.db-journal", "left");
  WriteBytes(folder() + "/somebody's own", "stays");
  const auto other = Create();
  WriteBytes(folder() + "/" + other->id + ".info.part", "half a record");
  Restart();
  EXPECT_THAT(Files(), testing::UnorderedElementsAre("somebody's own", other->id + ".db",
                                                     other->id + ".info"));
  EXPECT_THAT(store_->List("test"), SizeIs(1));
}

TEST_F(UploadStoreTest, KeepsToItsRoomAndNumber) {
  EXPECT_EQ(ReasonOf(Create(kQuota + 512).status()), reason::kLimit);
  ASSERT_TRUE(Create(kQuota - 512).ok());
  EXPECT_EQ(ReasonOf(Create(1024).status()), reason::kLimit);
  for (size_t i = 1; i < limits::kUploadsPerDatabaseMax; ++i) ASSERT_TRUE(Create(0).ok());
  EXPECT_EQ(ReasonOf(Create(0).status()), reason::kLimit);
  EXPECT_THAT(store_->List("test"), SizeIs(limits::kUploadsPerDatabaseMax));
  EXPECT_THAT(store_->List("other"), IsEmpty());
}

TEST_F(UploadStoreTest, WhatWasRestoredMakesRoom) {
  std::string first;
  for (size_t i = 0; i < 2 * limits::kUploadsMax; ++i) {
    const auto upload = Create();
    ASSERT_TRUE(upload.ok()) << i << " " << upload.status();
    if (i == 0) first = upload->id;
    auto hold = store_->Take("test", upload->id);
    ASSERT_TRUE(hold.ok());
    Upload done = hold->upload();
    done.state = State::kRestored;
    ASSERT_TRUE(hold->Save(done).ok());
  }
  EXPECT_EQ(ReasonOf(store_->Find("test", first).status()), reason::kNoSuchUpload);
  EXPECT_EQ(store_->List("test").size(), limits::kUploadsMax);
  // What is not restored yet does not.
  for (size_t i = 0; i < limits::kUploadsPerDatabaseMax; ++i) ASSERT_TRUE(Create().ok());
  EXPECT_EQ(MetadataOf(Create().status(), "limit"), absl::StrCat(limits::kUploadsPerDatabaseMax));
}

TEST_F(UploadStoreTest, AFullDiskIsToldBeforeAByteIsWritten) {
  UploadStore vast(INT64_MAX);
  store_.reset();
  const auto upload =
      vast.Create("test", scratch_.path(), {.size_bytes = int64_t{1} << 60, .ttl = absl::Hours(1)});
  EXPECT_EQ(ReasonOf(upload.status()), reason::kDiskFull);
  EXPECT_THAT(Files(), IsEmpty());
}

TEST_F(UploadStoreTest, ADiskThatFillsUpLeavesTheUploadWhereItStood) {
  const auto upload = Create();
  ASSERT_TRUE(Write(*upload, 0, std::string(512, 'a')).ok());
  signal(SIGXFSZ, SIG_IGN);
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit narrow{.rlim_cur = 700, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &narrow), 0);
  const absl::Status full = Write(*upload, 512, std::string(512, 'b')).status();
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(ReasonOf(full), reason::kDiskFull);
  EXPECT_EQ(fs::file_size(folder() + "/" + upload->id + ".db"), 512);
  EXPECT_EQ(store_->Find("test", upload->id)->received_bytes, 512);
  EXPECT_TRUE(Write(*upload, 512, std::string(512, 'b')).ok());
}

TEST_F(UploadStoreTest, IsGoneWhenDeletedAndWhenItsTimeIsOver) {
  const auto upload = Create();
  ASSERT_TRUE(store_->Delete("test", upload->id).ok());
  EXPECT_EQ(ReasonOf(store_->Delete("test", upload->id)), reason::kNoSuchUpload);
  EXPECT_EQ(ReasonOf(Write(*upload, 0, "a").status()), reason::kNoSuchUpload);
  EXPECT_THAT(Files(), IsEmpty());
  const auto brief = Create(1024, absl::Milliseconds(1));
  ASSERT_TRUE(brief.ok());
  while (store_->Find("test", brief->id).ok()) absl::SleepFor(absl::Milliseconds(10));
  EXPECT_THAT(Files(), IsEmpty());
}

TEST_F(UploadStoreTest, IsOneCallersAtATime) {
  const auto upload = Create();
  {
    const auto hold = store_->Take("test", upload->id);
    ASSERT_TRUE(hold.ok());
    const absl::Status busy = Write(*upload, 0, "a").status();
    EXPECT_EQ(ReasonOf(busy), reason::kOverloaded);
    EXPECT_GT(RetryAfterOf(busy), absl::ZeroDuration());
    EXPECT_EQ(ReasonOf(store_->Delete("test", upload->id)), reason::kOverloaded);
  }
  EXPECT_TRUE(Write(*upload, 0, "a").ok());
  EXPECT_EQ(ReasonOf(store_->Take("other", upload->id).status()), reason::kNoSuchUpload);
}

TEST_F(UploadStoreTest, ASecondServerKeepsOut) {
  ASSERT_TRUE(Create().ok());
  UploadStore second(kQuota);
  EXPECT_THAT(second.Recover({scratch_.folder()}), IsEmpty());
  EXPECT_EQ(ReasonOf(second.Create("test", scratch_.path(), {.size_bytes = 512}).status()),
            reason::kUnsupported);
  EXPECT_THAT(store_->List("test"), SizeIs(1));
}

// The moments at which a restore can be killed, as its record and its files then are.
TEST_F(UploadStoreTest, ASwapThatWasKilledIsDoneOrNeverWas) {
  const auto upload = Create();
  ASSERT_TRUE(Write(*upload, 0, std::string(1024, 'a')).ok());
  const std::string bytes = folder() + "/" + upload->id + ".db";
  const std::string snapshot = "20260101t000000-0123abcd";
  const std::string old = folder() + "/" + snapshot + ".old";
  {
    auto hold = store_->Take("test", upload->id);
    Upload about_to = hold->upload();
    about_to.bytes_checked = true;
    about_to.result = {.commit_token = "new-0", .replaced_snapshot = snapshot};
    ASSERT_TRUE(hold->Save(about_to).ok());
    EXPECT_EQ(hold->old_path(snapshot), old);
    EXPECT_EQ(hold->target(), scratch_.path());
  }
  const std::string before = BytesOf(scratch_.path());
  fs::create_hard_link(scratch_.path(), old);
  Restart();
  EXPECT_EQ(store_->Find("test", upload->id)->state, State::kReceived);
  EXPECT_THAT(replaced_, IsEmpty());
  EXPECT_FALSE(fs::exists(old));
  // The same once more, killed after the rename.
  fs::create_hard_link(scratch_.path(), old);
  fs::rename(bytes, scratch_.path());
  Restart();
  const auto restored = store_->Find("test", upload->id);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->state, State::kRestored);
  EXPECT_EQ(restored->result.commit_token, "new-0");
  ASSERT_THAT(replaced_, SizeIs(1));
  EXPECT_EQ(replaced_[0].path, old);
  EXPECT_EQ(BytesOf(old), before);
}

}  // namespace
}  // namespace sluice::engine
