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

TEST_F(SnapshotStoreTest, ACompressedOneHoldsTheSameInFewerBytes) {
  database_.file.Run("INSERT INTO t VALUES (zeroblob(3000000))");
  const auto plain = Create();
  const auto packed = Create(CreateSnapshotSpec{.compressed = true, .ttl = absl::Hours(1)});
  ASSERT_TRUE(packed.ok()) << packed.status();
  EXPECT_NE(packed->id, plain->id);
  EXPECT_EQ(packed->sha256, plain->sha256);
  EXPECT_EQ(packed->size_bytes, plain->size_bytes);
  EXPECT_LT(packed->packed_bytes, plain->size_bytes / 10);
  EXPECT_EQ(static_cast<uintmax_t>(packed->packed_bytes),
            std::filesystem::file_size(store_->PathOf(packed->id, /*compressed=*/true)));
  EXPECT_EQ(Create(CreateSnapshotSpec{.compressed = true, .ttl = absl::Hours(1)})->id, packed->id);
  // From any offset.
  for (int turn = 0; turn < 2; ++turn) {
    KeptContent content(*store_->Open("test", packed->id));
    const std::string bytes = Bytes(*plain);
    for (const size_t offset : {size_t{2'000'000}, size_t{0}, bytes.size() - 1}) {
      std::string read(std::min<size_t>(1'500'000, bytes.size() - offset), '\0');
      ASSERT_TRUE(content.Read(static_cast<int64_t>(offset), read.data(), read.size()).ok());
      EXPECT_TRUE(read == bytes.substr(offset, read.size()));
    }
    char beyond;
    EXPECT_FALSE(content.Read(packed->size_bytes, &beyond, 1).ok());
    Restart();
  }
  ASSERT_TRUE(store_->Delete("test", packed->id).ok());
  EXPECT_THAT(Files(), SizeIs(2));
}

TEST_F(SnapshotStoreTest, ADamagedCompressedOneIsNotGiven) {
  const auto packed = Create(CreateSnapshotSpec{.compressed = true, .ttl = absl::Hours(1)});
  ASSERT_TRUE(packed.ok()) << packed.status();
  const std::string path = store_->PathOf(packed->id, /*compressed=*/true);
  {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(packed->packed_bytes / 2);
    file << "damage";
  }
  KeptContent content(*store_->Open("test", packed->id));
  std::string read(1000, '\0');
  EXPECT_EQ(ReasonOf(content.Read(0, read.data(), read.size())), reason::kCorrupt);
  std::filesystem::resize_file(path, 1000);
  EXPECT_FALSE(store_->Open("test", packed->id).ok());
}

TEST_F(SnapshotStoreTest, SomeTablesAreADatabaseOfTheirOwn) {
  database_.file.Run("CREATE TABLE small(a);\nINSERT INTO small VALUES (1), (2)");
  for (const bool compressed : {false, true}) {
    const CreateSnapshotSpec spec{
        .tables = {"SMALL"}, .compressed = compressed, .ttl = absl::Hours(1)};
    const auto made = Create(spec);
    ASSERT_TRUE(made.ok()) << made.status();
    EXPECT_THAT(made->tables, testing::ElementsAre("small"));
    EXPECT_EQ(made->size_bytes, 2 * 4096);
    EXPECT_TRUE(made->compact);
    EXPECT_EQ(Create(spec)->id, made->id);
    std::string bytes(static_cast<size_t>(made->size_bytes), '\0');
    KeptContent content(*store_->Open("test", made->id));
    ASSERT_TRUE(content.Read(0, bytes.data(), bytes.size()).ok());
    EXPECT_EQ(made->sha256, Sha256(bytes));
    const std::string copy = database_.file.folder() + "/copy.db";
    std::ofstream(copy, std::ios::binary) << bytes;
    EXPECT_EQ(
        *(*sqlite::Connection::Open({.path = copy}))->QueryInteger("SELECT count(*) FROM small"),
        2);
    Restart();
    EXPECT_THAT(store_->Find("test", made->id)->tables, testing::ElementsAre("small"));
  }
  EXPECT_EQ(ReasonOf(Create({.tables = {"absent"}, .ttl = absl::Hours(1)}).status()),
            reason::kNoSuchTable);
}

TEST_F(SnapshotStoreTest, SomeTablesMayFitWhereTheWholeDoesNot) {
  database_.file.Run(
      "CREATE TABLE small(a);\nINSERT INTO t VALUES (randomblob(3000000));\n"
      "INSERT INTO small VALUES (1)");
  Restart(/*quota_bytes=*/2'000'000);
  EXPECT_EQ(ReasonOf(Create().status()), reason::kLimit);
  const CreateSnapshotSpec large{.tables = {"t"}, .ttl = absl::Hours(1)};
  EXPECT_EQ(ReasonOf(Create(large).status()), reason::kLimit);
  EXPECT_THAT(Files(), IsEmpty());
  const auto made = Create({.tables = {"small"}, .ttl = absl::Hours(1)});
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_THAT(Files(), SizeIs(2));
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
  std::ofstream(folder() + "/20260101t000000-0000000d.db.zst") << "bytes";
  std::ofstream(folder() + "/20260101t000000-0000000e.db.whole.part-journal") << "half";
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
