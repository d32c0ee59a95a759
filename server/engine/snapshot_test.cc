#include "server/engine/snapshot.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "absl/synchronization/notification.h"
#include "server/base/error.h"
#include "server/engine/catalog.h"
#include "server/engine/test_write.h"
#include "server/sqlite/test_raw.h"

namespace sluice::engine {
namespace {

using Ticket = DownloadPlaces::Ticket;

// --- places ---

struct Visitor {
  explicit Visitor(DownloadPlaces& places) : ticket(places.Enqueue([this] { ++times_called; })) {}
  int times_called = 0;
  std::unique_ptr<Ticket> ticket;
};

TEST(DownloadPlacesTest, GivesFreePlacesAtOnceWithoutACall) {
  DownloadPlaces places(2);
  const Visitor first(places);
  const Visitor second(places);
  EXPECT_TRUE(first.ticket->ready());
  EXPECT_TRUE(second.ticket->ready());
  EXPECT_EQ(first.times_called + second.times_called, 0);
  const Visitor third(places);
  EXPECT_FALSE(third.ticket->ready());
}

TEST(DownloadPlacesTest, GivesPlacesOnInTheOrderOfArrival) {
  DownloadPlaces places(1);
  Visitor holder(places);
  Visitor first(places);
  Visitor second(places);
  holder.ticket.reset();
  EXPECT_TRUE(first.ticket->ready());
  EXPECT_FALSE(second.ticket->ready());
  EXPECT_EQ(first.times_called, 1);
  first.ticket.reset();
  EXPECT_TRUE(second.ticket->ready());
  EXPECT_EQ(second.times_called, 2);
  second.ticket.reset();
  EXPECT_TRUE(Visitor(places).ticket->ready());
}

TEST(DownloadPlacesTest, TellsEveryoneTheNewPositions) {
  DownloadPlaces places(1);
  Visitor holder(places);
  Visitor first(places);
  Visitor second(places);
  Visitor third(places);
  EXPECT_EQ(holder.ticket->position(), 0);
  EXPECT_EQ(first.ticket->position(), 1);
  EXPECT_EQ(third.ticket->position(), 3);
  second.ticket.reset();
  EXPECT_EQ(third.ticket->position(), 2);
  EXPECT_EQ(third.times_called, 1);
  EXPECT_EQ(first.times_called, 0);
  holder.ticket.reset();
  EXPECT_EQ(first.ticket->position(), 0);
  EXPECT_EQ(third.ticket->position(), 1);
  EXPECT_EQ(third.times_called, 2);
}

TEST(DownloadPlacesTest, PassesOverThoseWhoHaveLeft) {
  DownloadPlaces places(1);
  Visitor holder(places);
  Visitor first(places);
  Visitor second(places);
  Visitor third(places);
  second.ticket.reset();
  first.ticket.reset();
  holder.ticket.reset();
  EXPECT_EQ(first.times_called + second.times_called, 0);
  EXPECT_TRUE(third.ticket->ready());
  third.ticket.reset();
  EXPECT_TRUE(Visitor(places).ticket->ready());
}

TEST(DownloadPlacesTest, NeverGivesMorePlacesThanThereAre) {
  constexpr int kPlaces = 2;
  DownloadPlaces places(kPlaces);
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        const auto ticket = places.Enqueue([] {});
        // Every third one leaves, whether it waits or not.
        if (i % 3 == 0) continue;
        while (!ticket->ready()) std::this_thread::yield();
        const int now = ++inside;
        int before = most;
        while (now > before && !most.compare_exchange_weak(before, now)) {
        }
        --inside;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, kPlaces);
  const Visitor first(places);
  const Visitor second(places);
  EXPECT_TRUE(first.ticket->ready() && second.ticket->ready());
}

// --- snapshots ---

constexpr char kSchema[] =
    "CREATE TABLE t(a INTEGER PRIMARY KEY, b);\n"
    "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 500) "
    "SELECT i, hex(randomblob(100)) FROM n";

void InsertRow(const ServedDatabase& database, int64_t a) {
  ASSERT_TRUE(InsertNow(database.served, "t", "a", a).ok());
}

std::string ReadAll(Snapshot& snapshot, size_t capacity) {
  std::string bytes;
  std::string buffer(capacity, '\0');
  while (true) {
    const auto size = snapshot.Read(buffer.data(), buffer.size());
    EXPECT_TRUE(size.ok()) << size.status();
    if (!size.ok() || *size == 0) return bytes;
    bytes.append(buffer, 0, *size);
  }
}

TEST(SnapshotTest, IsTheStateOfItsMomentWhileWritesGoOn) {
  const ServedDatabase database(kSchema);
  InsertRow(database, 1000);
  const std::string token = DescribeDatabase(*database, Interrupt())->commit_token;
  auto snapshot = Snapshot::Open(database.served, Interrupt());
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  EXPECT_FALSE(token.empty());
  EXPECT_EQ((*snapshot)->commit_token(), token);
  const int64_t size_bytes = (*snapshot)->size_bytes();
  for (int64_t a = 1001; a < 1010; ++a) InsertRow(database, a);
  const std::string bytes = ReadAll(**snapshot, 10'000);
  EXPECT_EQ(static_cast<int64_t>(bytes.size()), size_bytes);
  EXPECT_EQ((*snapshot)->page_count() * (*snapshot)->page_size_bytes(), size_bytes);

  const std::string copy = database.file.folder() + "/copy";
  std::ofstream(copy, std::ios::binary) << bytes;
  const auto opened = sqlite::Connection::Open({.path = copy});
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ((*opened)->QueryValue("PRAGMA integrity_check")->view().bytes, "ok");
  EXPECT_EQ(*(*opened)->QueryInteger("SELECT max(a) FROM t"), 1000);
  EXPECT_EQ((*opened)->QueryValue("PRAGMA journal_mode")->view().bytes, "delete");
  EXPECT_NE(DescribeDatabase(*database, Interrupt())->commit_token, token);
}

TEST(SnapshotTest, HasNoTokenBeforeTheFirstWrite) {
  const ServedDatabase database(kSchema);
  const auto snapshot = Snapshot::Open(database.served, Interrupt());
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  EXPECT_EQ((*snapshot)->commit_token(), "");
}

TEST(SnapshotTest, EndsForACallerWhoIsGone) {
  const ServedDatabase database(kSchema);
  std::atomic<bool> cancelled{false};
  const auto snapshot =
      Snapshot::Open(database.served, Interrupt(Deadline::Infinite(), &cancelled));
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  std::string buffer(4096, '\0');
  EXPECT_EQ(*(*snapshot)->Read(buffer.data(), buffer.size()), 4096u);
  cancelled = true;
  EXPECT_EQ((*snapshot)->Read(buffer.data(), buffer.size()).status().code(),
            absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace sluice::engine
