#include "server/engine/restore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/engine/commit_sequence.h"
#include "server/engine/snapshot.h"
#include "server/engine/test_files.h"
#include "server/engine/test_write.h"

namespace sluice::engine {
namespace {

namespace fs = std::filesystem;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RestoreTest : public testing::Test {
 protected:
  RestoreTest() : folder_(scratch_.folder() + "/served") {
    fs::create_directory(folder_);
    WriteBytes(Path("data.db"), Holding("'old'"));
    Start();
  }
  ~RestoreTest() override { Stop(); }

  void Start(bool read_only = false) {
    Stop();
    registry_ = std::make_unique<Registry>(RegistryOptions{.paths = {folder_},
                                                           .read_only = read_only,
                                                           .read_connections_max = 4,
                                                           .restore_drain = drain_},
                                           &metrics_);
    snapshots_ = std::make_unique<SnapshotStore>(
        SnapshotStoreOptions{.folder = scratch_.folder() + "/kept", .quota_bytes = quota_});
    uploads_ = std::make_unique<UploadStore>(int64_t{64} << 20);
    restorer_ = std::make_unique<Restorer>(registry_.get(), snapshots_.get(), uploads_.get());
    restorer_->Recover();
    registry_->Scan(absl::Now());
    registry_->Scan(absl::Now() + absl::Seconds(5));
  }
  void Stop() {
    restorer_.reset();
    uploads_.reset();
    if (registry_ != nullptr) registry_->Close(Deadline::After(absl::Seconds(5)));
    registry_.reset();
    snapshots_.reset();
  }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  std::string Holding(const std::string& value) const {
    return MakeDatabase(scratch_.folder(),
                        "CREATE TABLE t(a); INSERT INTO t VALUES (" + value + ")");
  }
  Upload Uploaded(const std::string& bytes, const std::string& name = "data", bool create = false) {
    auto upload = restorer_->CreateUpload(name, {.size_bytes = static_cast<int64_t>(bytes.size()),
                                                 .sha256 = Sha256(bytes),
                                                 .ttl = absl::Hours(1),
                                                 .create = create});
    if (!upload.ok()) ADD_FAILURE() << upload.status();
    if (!upload.ok()) return {};
    const auto written = uploads_->Write(name, upload->id, 0, bytes);
    EXPECT_TRUE(written.ok()) << written.status();
    return *upload;
  }
  absl::StatusOr<std::optional<RestoreResult>> Restore(const Upload& upload,
                                                       const RestoreSpec& spec = {},
                                                       const Interrupt& interrupt = Interrupt()) {
    return restorer_->RestoreUpload(upload.database, upload.id, spec, interrupt);
  }
  std::string Rows(const std::string& name = "data") {
    const auto database = registry_->Find(name);
    if (!database.ok()) return ReasonOf(database.status());
    CollectingSink sink;
    const auto page =
        ListRows(**database, {.rows = {.table = "t"}, .rows_max = 99, .bytes_max = size_t{1} << 30},
                 Interrupt(), sink);
    return page.ok() ? sink.text() : page.status().ToString();
  }
  std::string Token() {
    const auto lease = (*registry_->Find("data"))->Acquire(Interrupt());
    return *ReadCommitToken(**lease);
  }

  const sqlite::TestDatabase scratch_;
  const std::string folder_;
  int64_t quota_ = int64_t{64} << 20;
  absl::Duration drain_ = limits::kRestoreDrainTimeMax;
  Metrics metrics_;
  std::unique_ptr<Registry> registry_;
  std::unique_ptr<SnapshotStore> snapshots_;
  std::unique_ptr<UploadStore> uploads_;
  std::unique_ptr<Restorer> restorer_;
};

TEST_F(RestoreTest, PutsTheNewInPlaceAndKeepsTheOld) {
  ASSERT_TRUE(InsertNow(*registry_->Find("data"), "t", "a", 7).ok());
  const std::string before = Token();
  const Upload upload = Uploaded(Holding("'new'"));
  const auto restored = Restore(upload);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(Rows(), "'new'");
  EXPECT_EQ(Token(), (*restored)->commit_token);
  EXPECT_NE(Token().substr(0, 16), before.substr(0, 16));
  // What was there is a snapshot that stays, commits of its log included.
  const auto kept = snapshots_->Find("data", (*restored)->replaced_snapshot);
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->expires, Never());
  EXPECT_EQ(kept->commit_token, before);
  // Sent again it is answered alike.
  const auto again = Restore(upload);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ((*again)->commit_token, (*restored)->commit_token);
  ASSERT_TRUE(InsertNow(*registry_->Find("data"), "t", "a", 8).ok());
  // Back to it, and forth again over a restart.
  const auto back = restorer_->RestoreSnapshot("data", kept->id, {}, Interrupt());
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(Rows(), "'old';7");
  Start();
  EXPECT_EQ(Rows(), "'old';7");
  EXPECT_THAT(snapshots_->List("data"), SizeIs(2));
  ASSERT_TRUE(restorer_->RestoreSnapshot("data", (*back)->replaced_snapshot, {}, Interrupt()).ok());
  EXPECT_EQ(Rows(), "'new';8");
}

TEST_F(RestoreTest, ACompressedSnapshotIsPutBackAndOneOfSomeTablesIsNot) {
  const auto create = [&](const CreateSnapshotSpec& spec) {
    std::string id;
    absl::Notification done;
    snapshots_->Create(*registry_->Find("data"), spec, [&](const auto& made) {
      if (made.ok()) id = made->id;
      done.Notify();
    });
    done.WaitForNotification();
    return id;
  };
  const std::string whole = create({.compressed = true, .ttl = absl::Hours(1)});
  const std::string some = create({.tables = {"t"}, .ttl = absl::Hours(1)});
  ASSERT_TRUE(InsertNow(*registry_->Find("data"), "t", "a", 8).ok());
  const auto refused = restorer_->RestoreSnapshot("data", some, {}, Interrupt());
  EXPECT_EQ(ReasonOf(refused.status()), reason::kUnsupported);
  EXPECT_EQ(Rows(), "'old';8");
  const auto back = restorer_->RestoreSnapshot("data", whole, {}, Interrupt());
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(Rows(), "'old'");
}

TEST_F(RestoreTest, ARestoreThatOnlyChecksChangesNothing) {
  const Upload upload = Uploaded(Holding("'new'"));
  const auto checked = Restore(upload, {.validate_only = true});
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_FALSE(checked->has_value());
  EXPECT_EQ(Rows(), "'old'");
  EXPECT_EQ(uploads_->Find("data", upload.id)->state, Upload::State::kReceived);
  EXPECT_EQ(ReasonOf(uploads_->Write("data", upload.id, 0, "x").status()), reason::kUnsupported);
  ASSERT_TRUE(Restore(upload).ok());
  EXPECT_EQ(Rows(), "'new'");
}

TEST_F(RestoreTest, WhatIsNotWholeOrNotSoundChangesNothing) {
  const std::string bytes = Holding("'new'");
  const auto upload =
      restorer_->CreateUpload("data", {.size_bytes = static_cast<int64_t>(bytes.size()),
                                       .sha256 = Sha256(bytes),
                                       .ttl = absl::Hours(1)});
  ASSERT_TRUE(uploads_->Write("data", upload->id, 0, bytes.substr(0, 100)).ok());
  const absl::Status status = Restore(*upload).status();
  EXPECT_EQ(ReasonOf(status), reason::kUploadIncomplete);
  EXPECT_EQ(MetadataOf(status, "offset"), "100");
  EXPECT_EQ(ReasonOf(Restore(Uploaded(std::string(8192, 'x'))).status()), reason::kCorrupt);
  EXPECT_EQ(ReasonOf(Restore({.id = "none", .database = "data"}).status()), reason::kNoSuchUpload);
  EXPECT_EQ(Rows(), "'old'");
  EXPECT_THAT(snapshots_->List("data"), IsEmpty());
}

TEST_F(RestoreTest, ReadersFinishOnTheOldFileBeforeTheSwap) {
  const Upload upload = Uploaded(Holding("'new'"));
  auto reading = Snapshot::Open(*registry_->Find("data"), Interrupt());
  ASSERT_TRUE(reading.ok());
  std::thread restoring([&] { EXPECT_TRUE(Restore(upload).ok()); });
  while (registry_->Find("data").ok()) absl::SleepFor(absl::Milliseconds(1));
  // Whoever comes now is told to come again.
  EXPECT_GT(RetryAfterOf(registry_->Find("data").status()), absl::ZeroDuration());
  std::string read(static_cast<size_t>((*reading)->size_bytes()), '\0');
  ASSERT_TRUE((*reading)->Read(read.data(), read.size()).ok());
  EXPECT_THAT(read, testing::HasSubstr("old"));
  reading->reset();
  restoring.join();
  EXPECT_EQ(Rows(), "'new'");
}

// One that looks at its interrupt now and then, as all that is slow does.
struct SlowReader final : Revocable {};

TEST_F(RestoreTest, AReaderThatIsSlowerThanItMayBeIsEnded) {
  drain_ = absl::Milliseconds(300);
  Start();
  const Upload upload = Uploaded(Holding("'new'"));
  SlowReader slow;
  auto reading =
      Snapshot::Open(*registry_->Find("data"), Interrupt(Deadline::Infinite(), nullptr, &slow));
  ASSERT_TRUE(reading.ok());
  std::string page(static_cast<size_t>((*reading)->page_size_bytes()), '\0');
  absl::Status ended;
  std::thread reader([&] {
    while (ended.ok()) {
      (*reading)->Seek(0);
      ended = (*reading)->Read(page.data(), page.size()).status();
      absl::SleepFor(absl::Milliseconds(5));
    }
    reading->reset();
  });
  const absl::Time begun = absl::Now();
  const auto restored = Restore(upload);
  reader.join();
  ASSERT_TRUE(restored.ok()) << restored.status();
  // It had its time, and on the old file.
  EXPECT_GE(absl::Now() - begun, drain_);
  EXPECT_THAT(page, testing::HasSubstr("SQLite format 3"));
  EXPECT_EQ(ReasonOf(ended), reason::kNotServed);
  EXPECT_GT(RetryAfterOf(ended), absl::ZeroDuration());
  EXPECT_EQ(Rows(), "'new'");
}

TEST_F(RestoreTest, ReadersThatStayKeepTheOldFile) {
  const Upload upload = Uploaded(Holding("'new'"));
  {
    const auto reading = Snapshot::Open(*registry_->Find("data"), Interrupt());
    const Interrupt soon(Deadline::After(absl::Seconds(1)));
    EXPECT_EQ(ReasonOf(Restore(upload, {}, soon).status()), reason::kDeadline);
    EXPECT_EQ(Rows(), "'old'");
    EXPECT_TRUE(InsertNow(*registry_->Find("data"), "t", "a", 1).ok());
    EXPECT_THAT(snapshots_->List("data"), IsEmpty());
  }
  ASSERT_TRUE(Restore(upload).ok());
  EXPECT_EQ(Rows(), "'new'");
}

TEST_F(RestoreTest, AnotherProcessOnTheFileKeepsItThere) {
  const Upload upload = Uploaded(Holding("'new'"));
  {
    sqlite::RawConnection other(Path("data.db"));
    other.Run("BEGIN; SELECT * FROM t");
    EXPECT_EQ(ReasonOf(Restore(upload).status()), reason::kOverloaded);
    EXPECT_EQ(Rows(), "'old'");
    EXPECT_TRUE(InsertNow(*registry_->Find("data"), "t", "a", 1).ok());
  }
  ASSERT_TRUE(Restore(upload).ok());
  EXPECT_EQ(Rows(), "'new'");
}

TEST_F(RestoreTest, ADamagedDatabaseIsReplacedToo) {
  Stop();
  WriteBytes(Path("data.db"), "this is no database at all");
  WriteBytes(Path("data.db-wal"), "nor is this its log");
  Start();
  EXPECT_EQ(Rows(), reason::kNotServed);
  const auto restored = Restore(Uploaded(Holding("'new'")));
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(Rows(), "'new'");
  EXPECT_FALSE((*restored)->replaced_snapshot.empty());
}

TEST_F(RestoreTest, MakesANewDatabaseThatIsThereAtOnce) {
  const auto restored = Restore(Uploaded(Holding("'new'"), "fresh", /*create=*/true));
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(Rows("fresh"), "'new'");
  EXPECT_EQ((*restored)->replaced_snapshot, "");
  const CreateUploadSpec spec{
      .size_bytes = 512, .sha256 = std::string(32, 's'), .ttl = absl::Hours(1), .create = true};
  EXPECT_EQ(ReasonOf(restorer_->CreateUpload("fresh", spec).status()), reason::kDatabaseExists);
  CreateUploadSpec not_new = spec;
  not_new.create = false;
  EXPECT_EQ(ReasonOf(restorer_->CreateUpload("absent", not_new).status()), reason::kNoSuchDatabase);
  registry_->Scan(absl::Now());
  EXPECT_EQ(Rows("fresh"), "'new'");
}

TEST_F(RestoreTest, KeepsToTheRoomOfSnapshotsOrDiscards) {
  quota_ = 100;
  Start();
  const Upload upload = Uploaded(Holding("'new'"));
  EXPECT_EQ(ReasonOf(Restore(upload).status()), reason::kLimit);
  EXPECT_EQ(Rows(), "'old'");
  const auto restored = Restore(upload, {.discard_replaced = true});
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(Rows(), "'new'");
  EXPECT_THAT(snapshots_->List("data"), IsEmpty());
  for (const auto& file : fs::directory_iterator(UploadFolderFor(Path("data.db")))) {
    EXPECT_NE(file.path().extension(), ".old");
  }
}

TEST_F(RestoreTest, AServerThatChangesNothingRestoresNothing) {
  Start(/*read_only=*/true);
  for (const bool create : {false, true}) {
    const auto upload = restorer_->CreateUpload(
        create ? "fresh" : "data", {.size_bytes = 512, .ttl = absl::Hours(1), .create = create});
    EXPECT_EQ(ReasonOf(upload.status()), reason::kReadOnly);
  }
}

TEST_F(RestoreTest, WhatWasReplacedWhenTheServerWasKilledIsKeptAtTheNextStart) {
  const Upload upload = Uploaded(Holding("'new'"));
  const auto id = snapshots_->Announce("data", 4096);
  std::string next;
  std::string old;
  {
    auto hold = uploads_->Take("data", upload.id);
    Upload about_to = hold->upload();
    about_to.bytes_checked = true;
    about_to.result = {.commit_token = "new-0", .replaced_snapshot = *id};
    ASSERT_TRUE(hold->Save(about_to).ok());
    next = hold->path();
    old = hold->old_path(*id);
  }
  Stop();
  fs::rename(Path("data.db"), old);
  fs::rename(next, Path("data.db"));
  Start();
  EXPECT_EQ(Rows(), "'new'");
  restorer_.reset();
  const auto kept = snapshots_->Find("data", *id);
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->state, KeptSnapshot::State::kReady);
}

TEST_F(RestoreTest, WritesThatWaitAreRefusedAndNeverLandInTheNewFile) {
  const Upload upload = Uploaded(Holding("0"));
  std::atomic<bool> stop{false};
  std::atomic<int> kept{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([&] {
      while (!stop) {
        const auto database = registry_->Find("data");
        const absl::Status status =
            database.ok() ? InsertNow(*database, "t", "a", 1) : database.status();
        EXPECT_TRUE(status.ok() || absl::IsUnavailable(status)) << status;
        ++(status.ok() ? kept : refused);
        EXPECT_TRUE(status.ok() || RetryAfterOf(status) > absl::ZeroDuration()) << status;
      }
    });
  }
  while (kept < 20) absl::SleepFor(absl::Milliseconds(1));
  const auto restored = Restore(upload);
  stop = true;
  for (std::thread& writer : writers) writer.join();
  ASSERT_TRUE(restored.ok()) << restored.status();
  // Every write that was answered is in the one or in the other.
  const auto snapshot = snapshots_->Open("data", (*restored)->replaced_snapshot);
  ASSERT_TRUE(snapshot.ok());
  const auto old =
      sqlite::Connection::Open({.path = snapshots_->PathOf((*restored)->replaced_snapshot),
                                .mode = sqlite::OpenOptions::Mode::kImmutable});
  const auto lease = (*registry_->Find("data"))->Acquire(Interrupt());
  const int64_t before = *(*old)->QueryInteger("SELECT count(*) - 1 FROM t");
  const int64_t after = *(*lease)->QueryInteger("SELECT count(*) - 1 FROM t");
  EXPECT_EQ(before + after, kept);
}

}  // namespace
}  // namespace sluice::engine
