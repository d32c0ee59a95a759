#include "server/engine/snapshot_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <set>

#include "absl/time/clock.h"
#include "server/base/error.h"
#include "server/engine/test_served.h"

namespace sluice::engine {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kQuota = int64_t{64} << 20;

class SnapshotStoreTest : public ::testing::Test {
 protected:
  SnapshotStoreTest() { Restart(); }

  void Restart(int64_t quota_bytes = kQuota) {
    store_.reset();
    store_ = std::make_unique<SnapshotStore>(
        SnapshotStoreOptions{.folder = folder(), .quota_bytes = quota_bytes});
  }

  std::string folder() const { return database_.file.folder() + "/.kept"; }

  absl::StatusOr<KeptSnapshot> Create(const CreateSnapshotSpec& spec) {
    std::promise<absl::StatusOr<KeptSnapshot>> made;
    store_->Create(database_.served, spec, [&](const auto& result) { made.set_value(result); });
    return made.get_future().get();
  }
  absl::StatusOr<KeptSnapshot> Create(absl::Duration ttl = absl::Hours(1)) {
    return Create(CreateSnapshotSpec{.ttl = ttl});
  }

  std::string Bytes(const KeptSnapshot& snapshot) {
    const auto file = store_->Open("test", snapshot.id);
    CHECK(file.ok());
    std::string bytes(static_cast<size_t>(snapshot.size_bytes), '\0');
    CHECK((*file)->Read(0, bytes.data(), bytes.size()).ok());
    return bytes;
  }

  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(folder())) {
      if (file.path().filename() != "lock") names.push_back(file.path().filename());
    }
    return names;
  }

  void Insert() { database_.file.Run("INSERT INTO t VALUES (randomblob(50000))"); }

  ServedDatabase database_{"CREATE TABLE t(a);\nINSERT INTO t VALUES (randomblob(100000))"};
  std::unique_ptr<SnapshotStore> store_;
};

std::string Sha256(const std::string& bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  EVP_Digest(bytes.data(), bytes.size(), digest, nullptr, EVP_sha256(), nullptr);
  return std::string(reinterpret_cast<const char*>(digest), 32);
}

TEST_F(SnapshotStoreTest, KeepsTheStateOfTheMomentItWasAskedFor) {
  const auto made = Create();
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->state, KeptSnapshot::State::kReady);
  Insert();
  const std::string bytes = Bytes(*made);
  EXPECT_EQ(made->sha256, Sha256(bytes));
  const std::string copy = database_.file.folder() + "/copy.db";
  std::ofstream(copy, std::ios::binary) << bytes;
  const auto opened = *sqlite::Connection::Open({.path = copy});
  EXPECT_EQ(*opened->QueryInteger("SELECT count(*) FROM t"), 1);
  EXPECT_EQ(opened->QueryValue("PRAGMA integrity_check")->view().bytes, "ok");
}

TEST_F(SnapshotStoreTest, OneStateIsSharedAndLivesAsLongAsTheLongestAsked) {
  const auto first = Create(absl::Hours(1));
  const auto same = Create(absl::Hours(5));
  ASSERT_TRUE(first.ok() && same.ok());
  EXPECT_EQ(same->id, first->id);
  EXPECT_GT(same->expires, first->expires);
  EXPECT_EQ(Create(absl::Minutes(1))->expires, same->expires);
  Insert();
  const auto other = Create();
  EXPECT_NE(other->id, first->id);
  EXPECT_THAT(store_->List("test"), SizeIs(2));
  EXPECT_THAT(store_->List("other"), IsEmpty());
}

TEST_F(SnapshotStoreTest, ManyWhoAskAtOnceGetOne) {
  std::vector<std::promise<std::string>> ids(20);
  for (auto& id : ids) {
    store_->Create(database_.served, {.ttl = absl::Hours(1)},
                   [&](const auto& made) { id.set_value(made.ok() ? made->id : ""); });
  }
  std::set<std::string> different;
  for (auto& id : ids) different.insert(id.get_future().get());
  EXPECT_THAT(different, SizeIs(1));
  EXPECT_NE(*different.begin(), "");
}

TEST_F(SnapshotStoreTest, ACompactOneHasNoFreePages) {
  for (int i = 0; i < 10; ++i) Insert();
  database_.file.Run("DELETE FROM t WHERE rowid > 1");
  const auto plain = Create();
  const auto compact = Create(CreateSnapshotSpec{.compact = true, .ttl = absl::Hours(1)});
  ASSERT_TRUE(compact.ok()) << compact.status();
  EXPECT_LT(compact->size_bytes, plain->size_bytes / 2);
  EXPECT_EQ(compact->sha256, Sha256(Bytes(*compact)));
}

TEST_F(SnapshotStoreTest, TheyOutliveTheServer) {
  const auto made = Create();
  Restart();
  const auto found = store_->Find("test", made->id);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->sha256, made->sha256);
  EXPECT_EQ(found->state_id, made->state_id);
  EXPECT_EQ(Bytes(*found), Bytes(*made));
}

TEST_F(SnapshotStoreTest, WhatACrashHasLeftIsRemovedAtStart) {
  const auto made = Create();
  store_.reset();
  std::ofstream(folder() + "/20260101t000000-0000000a.db.part") << "half";
  std::ofstream(folder() + "/20260101t000000-0000000b.db") << "bytes";
  std::ofstream(folder() + "/20260101t000000-0000000c.info") << FormatRecord(*made);
  std::ofstream(folder() + "/" + made->id + ".info.part") << "half";
  std::ofstream(folder() + "/notes.txt") << "somebody else's";
  std::ofstream(folder() + "/orders.db") << "somebody else's";
  Restart();
  EXPECT_THAT(Files(), ::testing::UnorderedElementsAre(made->id + ".db", made->id + ".info",
                                                       "notes.txt", "orders.db"));
}

TEST_F(SnapshotStoreTest, OneThatWasCutShortIsNotServed) {
  const auto made = Create();
  store_.reset();
  std::filesystem::resize_file(folder() + "/" + made->id + ".db", 1000);
  Restart();
  EXPECT_THAT(store_->List("test"), IsEmpty());
  EXPECT_THAT(Files(), IsEmpty());
}

TEST_F(SnapshotStoreTest, TheQuotaIsCheckedBeforeAByteIsWritten) {
  Restart(/*quota_bytes=*/150'000);
  ASSERT_TRUE(Create().ok());
  Insert();
  const auto refused = Create();
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused.status()), reason::kLimit);
  EXPECT_THAT(Files(), SizeIs(2));
  ASSERT_TRUE(store_->Delete("test", store_->List("test").front().id).ok());
  Restart(/*quota_bytes=*/300'000);
  EXPECT_TRUE(Create().ok());
}

TEST_F(SnapshotStoreTest, ADeletedOneIsReadToItsEnd) {
  const auto made = Create();
  const auto file = *store_->Open("test", made->id);
  ASSERT_TRUE(store_->Delete("test", made->id).ok());
  char page[512];
  EXPECT_TRUE(file->Read(0, page, sizeof(page)).ok());
  EXPECT_EQ(store_->Find("test", made->id).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(store_->Delete("test", made->id)), reason::kNoSuchSnapshot);
  EXPECT_THAT(Files(), IsEmpty());
}

TEST_F(SnapshotStoreTest, ItGoesWhenItsTimeIsOver) {
  const auto made = Create(absl::Milliseconds(20));
  ASSERT_TRUE(made.ok());
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (!Files().empty() && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(10));
  EXPECT_THAT(Files(), IsEmpty());
  EXPECT_FALSE(store_->Find("test", made->id).ok());
}

TEST_F(SnapshotStoreTest, OneServerUsesAFolder) {
  ASSERT_TRUE(Create().ok());
  SnapshotStore second({.folder = folder(), .quota_bytes = kQuota});
  EXPECT_EQ(second.Ready().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(SnapshotStoreTest, AnotherDatabasesNameDoesNotFindIt) {
  const auto made = Create();
  EXPECT_FALSE(store_->Find("other", made->id).ok());
  EXPECT_FALSE(store_->Open("other", made->id).ok());
  EXPECT_FALSE(store_->Delete("other", made->id).ok());
  EXPECT_FALSE(store_->Find("test", "../" + made->id).ok());
}

TEST_F(SnapshotStoreTest, StoppingAnswersEveryone) {
  std::promise<absl::Status> answered;
  store_->Create(database_.served, {.ttl = absl::Hours(1)},
                 [&](const auto& made) { answered.set_value(made.status()); });
  store_->Stop();
  answered.get_future().get().IgnoreError();
  EXPECT_EQ(Create().status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace sluice::engine
