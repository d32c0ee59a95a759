#include "server/engine/init_database.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "server/base/error.h"
#include "server/engine/new_file.h"
#include "server/engine/test_served.h"

namespace sluice::engine {
namespace {

class InitDatabaseTest : public testing::Test {
 protected:
  InitDatabaseTest() : file_("CREATE TABLE there(a)") {}

  absl::Status Open(const InitSpec& init, bool read_only = false) {
    served_.reset();
    auto opened = Database::Open({.name = "test",
                                  .path = file_.path(),
                                  .read_only = read_only,
                                  .read_connections_max = 1,
                                  .init = &init},
                                 &metrics_);
    if (opened.ok()) served_ = *std::move(opened);
    return opened.status();
  }
  std::string Names() {
    return Ask(
        file_,
        "SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_schema ORDER BY name)");
  }

  Metrics metrics_;
  const sqlite::TestDatabase file_;
  std::shared_ptr<Database> served_;
};

TEST_F(InitDatabaseTest, MakesWhatIsNotThereOnce) {
  InitSpec init;
  init.tables = {{.name = "THERE", .sql = "CREATE TABLE there(b)"},
                 {.name = "dogs", .definition = {.name = "dogs", .columns = {{.name = "id"}}}},
                 {.name = "log",
                  .sql = "CREATE TABLE log(a); -- one\nCREATE INDEX by_a ON log(a);"
                         "CREATE TRIGGER t AFTER INSERT ON dogs BEGIN"
                         " INSERT INTO log VALUES (1); INSERT INTO log VALUES (2); END;"
                         "INSERT INTO dogs VALUES (7) "}};
  init.views = {{.name = "seen", .select = "SELECT * FROM log"}};
  ASSERT_TRUE(Open(init).ok());
  EXPECT_EQ(Names(), "'by_a dogs log seen t there'");
  EXPECT_EQ(Ask(file_, "SELECT * FROM seen"), "1;2");
  ASSERT_TRUE(Open(init).ok());
  EXPECT_EQ(Ask(file_, "SELECT count(*) FROM log"), "2");
  EXPECT_EQ(Ask(file_, "SELECT name FROM pragma_table_info('there')"), "'a'");
}

TEST_F(InitDatabaseTest, MakesAllOrNothing) {
  InitSpec init;
  init.tables = {{.name = "good", .sql = "CREATE TABLE good(a)"}};
  for (const char* sql : {"CREATE TABLE bad(", "CREATE TABLE other(a)",
                          "CREATE TABLE bad(a); COMMIT", "INSERT INTO nowhere VALUES (1)"}) {
    init.tables.resize(1);
    init.tables.push_back({.name = "bad", .sql = sql});
    const absl::Status opened = Open(init);
    EXPECT_TRUE(absl::StrContains(opened.message(), "init of bad")) << opened;
    EXPECT_EQ(Names(), "'there'");
  }
}

TEST_F(InitDatabaseTest, LeavesReadOnlyFilesAlone) {
  InitSpec init;
  init.tables = {{.name = "made", .sql = "CREATE TABLE made(a)"}};
  ASSERT_TRUE(Open(init, /*read_only=*/true).ok());
  EXPECT_EQ(Names(), "'there'");
}

class NewFileTest : public testing::Test {
 protected:
  NewFileTest() {
    std::string folder = absl::StrCat(testing::TempDir(), "/new-XXXXXX");
    CHECK(mkdtemp(folder.data()) != nullptr);
    folder_ = folder;
  }
  ~NewFileTest() override { std::filesystem::remove_all(folder_); }
  std::string Path(const char* name) const { return absl::StrCat(folder_, "/", name); }
  std::string Files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return absl::StrJoin(names, " ");
  }

  std::string folder_;
};

TEST_F(NewFileTest, IsAWholeDatabaseInWalMode) {
  const auto made = MakeDatabaseFile(Path("new.db"));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_TRUE(*made);
  EXPECT_EQ(Files(), "new.db");
  const auto hold = FileHold::Open(Path("new.db"), /*exclusive=*/true);
  ASSERT_TRUE(hold.ok()) << hold.status();
  const auto header = hold->ReadHeader();
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_TRUE(header->wal);
}

TEST_F(NewFileTest, LeavesWhatIsThere) {
  std::ofstream(Path("old.db")) << "old";
  const auto made = MakeDatabaseFile(Path("old.db"));
  ASSERT_TRUE(made.ok());
  EXPECT_FALSE(*made);
  EXPECT_EQ(std::filesystem::file_size(Path("old.db")), 3);
}

TEST_F(NewFileTest, SaysWhyItCannotBeMade) {
  std::filesystem::create_directory(Path("folder.db"));
  std::filesystem::create_symlink(Path("nowhere"), Path("link.db"));
  for (const char* name : {"folder.db", "link.db", "no/such.db"}) {
    const auto made = MakeDatabaseFile(Path(name));
    EXPECT_EQ(made.status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
  EXPECT_EQ(Files(), "folder.db link.db");
}

}  // namespace
}  // namespace sluice::engine
