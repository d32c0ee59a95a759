// Databases on disks that fail, and whose power fails: no answered write is lost, none is half
// done, and the file is sound. SLUICE_FAULT_SEEDS says how many disks (200), SLUICE_FAULT_SEED the
// first one's number.
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <fstream>
#include <random>

#include "absl/strings/numbers.h"
#include "absl/synchronization/blocking_counter.h"
#include "server/base/error.h"
#include "server/engine/test_served.h"
#include "server/engine/write.h"
#include "server/sqlite/test_power_vfs.h"

namespace sluice::engine {
namespace {

using sqlite::PowerVfs;

constexpr char kSchema[] =
    "CREATE TABLE debit(id INTEGER PRIMARY KEY, note TEXT);\n"
    "CREATE TABLE credit(id INTEGER PRIMARY KEY, note TEXT)";
constexpr int kWavesMax = 30;
constexpr int kWaveMax = 8;
constexpr int kNoteBytesMax = 9000;

int FromEnvironment(const char* name, int otherwise) {
  const char* const text = std::getenv(name);
  int number = 0;
  return text != nullptr && absl::SimpleAtoi(text, &number) ? number : otherwise;
}

// A write of one row to each of two tables, and its answer.
struct Entry {
  int64_t id = 0;
  std::string note;
  CollectingSink debit;
  CollectingSink credit;
  absl::Status answer = absl::UnknownError("not answered");

  Mutation MutationOf(absl::string_view table, CollectingSink* sink) const {
    Mutation mutation{.table = table, .returned = Mutation::Return::kNone, .sink = sink};
    mutation.column_sets = {{"id", "note"}};
    mutation.rows.push_back(
        {.values = {sqlite::ValueView::Integer(id), sqlite::ValueView::Text(note)}});
    return mutation;
  }
};

// One disk from its making to its failing.
class Life {
 public:
  explicit Life(uint64_t seed) : random_(seed), file_(kSchema), disk_(seed) {
    // Every fourth disk only loses its power.
    faulty_ = seed % 4 != 0;
    disk_.CutAfter(Below(400));
  }

  PowerVfs::Image Live() {
    auto opened = Database::Open({.name = "test", .path = file_.path(), .read_connections_max = 4},
                                 &metrics_);
    // The power may fail while it is opened.
    if (!opened.ok()) return disk_.Cut();
    for (int wave = 0; wave < kWavesMax && !disk_.is_cut(); ++wave) {
      if (faulty_ && Below(3) == 0) {
        disk_.FailAfter(Below(20), static_cast<PowerVfs::Fault>(Below(4)));
      }
      Write(*opened, 1 + Below(kWaveMax));
      if (Below(4) == 0) Checkpoint();
    }
    // Before the database is closed, which would leave less to be lost.
    return disk_.Cut();
  }

  const std::deque<Entry>& entries() const { return entries_; }
  const std::string& path() const { return file_.path(); }

 private:
  int Below(int end) { return static_cast<int>(random_() % static_cast<uint64_t>(end)); }

  void Write(const std::shared_ptr<Database>& database, int count) {
    absl::BlockingCounter answers(count);
    for (int i = 0; i < count; ++i) {
      Entry& entry = entries_.emplace_back();
      entry.id = static_cast<int64_t>(entries_.size());
      entry.note = std::string(static_cast<size_t>(Below(kNoteBytesMax)), 'n');
      WriteSpec spec;
      spec.success.push_back(entry.MutationOf("debit", &entry.debit));
      spec.success.push_back(entry.MutationOf("credit", &entry.credit));
      const absl::Status taken =
          SubmitWrite(database, std::move(spec), Interrupt(), [&](const auto& outcome) {
            entry.answer = outcome.status();
            answers.DecrementCount();
          });
      if (taken.ok()) continue;
      entry.answer = taken;
      answers.DecrementCount();
    }
    answers.Wait();
  }

  void Checkpoint() {
    const auto connection = sqlite::Connection::Open(
        {.path = file_.path(), .mode = sqlite::OpenOptions::Mode::kReadWrite});
    if (connection.ok()) (*connection)->Checkpoint(Below(2) == 0).IgnoreError();
  }

  std::mt19937_64 random_;
  const sqlite::TestDatabase file_;
  PowerVfs disk_;
  Metrics metrics_;
  std::deque<Entry> entries_;
  bool faulty_ = false;
};

// Writes the image to files and says where its database is.
std::string Restore(const PowerVfs::Image& image, const std::string& path,
                    const std::string& folder) {
  const std::string restored = folder + "/restored.db";
  for (const auto& [name, bytes] : image) {
    std::ofstream(restored + name.substr(path.size()), std::ios::binary) << bytes;
  }
  return restored;
}

void ExpectKept(const std::string& path, const std::deque<Entry>& entries, uint64_t seed) {
  auto opened =
      sqlite::Connection::Open({.path = path, .mode = sqlite::OpenOptions::Mode::kReadWrite});
  ASSERT_TRUE(opened.ok()) << opened.status();
  const auto ask = [&](absl::string_view sql, const Entry& entry) {
    auto statement = (*opened)->Prepare(sql);
    CHECK(statement.ok());
    statement->Bind(1, sqlite::ValueView::Integer(entry.id));
    statement->Bind(2, sqlite::ValueView::Text(entry.note));
    const auto row = statement->Step();
    EXPECT_TRUE(row.ok()) << row.status();
    return row.ok() && *row && statement->column(0).integer == 1;
  };
  for (const Entry& entry : entries) {
    const bool debited = ask("SELECT count(*) FROM debit WHERE id = ? AND note = ?", entry);
    const bool credited = ask("SELECT count(*) FROM credit WHERE id = ? AND note = ?", entry);
    EXPECT_EQ(debited, credited) << "write " << entry.id << " of seed " << seed << " is half done";
    if (entry.answer.ok()) {
      EXPECT_TRUE(debited) << "write " << entry.id << " of seed " << seed << " is lost";
    } else if (ReasonOf(entry.answer) != reason::kCommitOutcomeUnknown) {
      EXPECT_FALSE(debited) << "write " << entry.id << " of seed " << seed << " is there after "
                            << entry.answer;
    }
  }
  auto check = (*opened)->Prepare("PRAGMA integrity_check");
  ASSERT_TRUE(check.ok()) << check.status();
  ASSERT_TRUE(*check->Step());
  EXPECT_EQ(TextOf(check->column(0)), "'ok'") << "seed " << seed;
}

TEST(PowerLossTest, NoAnsweredWriteIsLostAndNoneIsHalfDone) {
  const int first = FromEnvironment("SLUICE_FAULT_SEED", 1);
  const int seeds = FromEnvironment("SLUICE_FAULT_SEEDS", 200);
  int answered = 0;
  int failed = 0;
  for (int seed = first; seed < first + seeds; ++seed) {
    std::deque<Entry> entries;
    const sqlite::TestDatabase place;
    std::string restored;
    {
      Life life(static_cast<uint64_t>(seed));
      const PowerVfs::Image image = life.Live();
      restored = Restore(image, life.path(), place.folder());
      entries = life.entries();
    }
    ExpectKept(restored, entries, static_cast<uint64_t>(seed));
    for (const Entry& entry : entries) ++(entry.answer.ok() ? answered : failed);
    if (HasFatalFailure() || HasNonfatalFailure()) break;
  }
  // The disks are neither too good nor too bad to tell anything.
  EXPECT_GT(answered, seeds);
  EXPECT_GT(failed, seeds / 2);
}

}  // namespace
}  // namespace sluice::engine
