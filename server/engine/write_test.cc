#include "server/engine/write.h"

#include <gtest/gtest.h>

#include "server/base/error.h"
#include "server/engine/test_write.h"

namespace sluice::engine {
namespace {

using sqlite::ValueView;

constexpr char kSchema[] =
    "CREATE TABLE account(name TEXT PRIMARY KEY, balance INTEGER CHECK (balance >= 0));\n"
    "CREATE TABLE entry(id INTEGER PRIMARY KEY, account, amount);\n"
    "CREATE TABLE parent(a INTEGER PRIMARY KEY);\n"
    "CREATE TABLE late(a REFERENCES parent DEFERRABLE INITIALLY DEFERRED);\n"
    "CREATE TABLE breaks(a UNIQUE ON CONFLICT ROLLBACK);\n"
    "INSERT INTO breaks VALUES (1);\n"
    "INSERT INTO account VALUES ('ann', 10), ('bob', NULL)";

ValueView I(int64_t value) { return ValueView::Integer(value); }
ValueView T(absl::string_view value) { return ValueView::Text(value); }

RowKey Key(absl::string_view name) {
  RowKey key;
  key.parts.emplace_back(T(name));
  return key;
}

class WriteTest : public testing::Test {
 protected:
  WriteTest() : database_(kSchema) {}

  Mutation Insert(absl::string_view table, std::vector<absl::string_view> columns,
                  std::vector<ValueView> values) {
    Mutation mutation{.table = table, .sink = &sink_};
    mutation.column_sets = {std::move(columns)};
    mutation.rows.push_back({.values = std::move(values)});
    return mutation;
  }
  Mutation Entry(int64_t amount) {
    return Insert("entry", {"account", "amount"}, {T("ann"), I(amount)});
  }
  Mutation Balance(int64_t balance) {
    Mutation mutation{.kind = Mutation::Kind::kUpdate, .table = "account", .sink = &sink_};
    mutation.column_sets = {{"balance"}};
    mutation.rows.push_back({.values = {I(balance)}, .key = Key("ann")});
    return mutation;
  }
  absl::StatusOr<WriteOutcome> Write(WriteSpec spec) {
    spec.options.etag_secret = kSecret;
    return WriteNow(database_.served, std::move(spec));
  }
  // Whether `precondition` lets a write through; else the reason.
  std::string Try(Precondition precondition) {
    precondition.table = precondition.table.empty() ? "account" : precondition.table;
    WriteSpec spec;
    spec.preconditions.push_back(std::move(precondition));
    spec.success.push_back(Entry(0));
    spec.kept.validate_only = true;
    const auto outcome = Write(std::move(spec));
    return outcome.ok() ? "holds" : ReasonOf(outcome.status());
  }
  std::string Try(Precondition::Operator op, ValueView value, absl::string_view name = "ann") {
    Precondition precondition;
    precondition.key = Key(name);
    precondition.comparison = {.column = "balance", .op = op, .value = value};
    return Try(std::move(precondition));
  }
  WriteSpec WithId(Mutation mutation, std::string id, std::string fingerprint = "print",
                   std::string caller = "me") {
    WriteSpec spec;
    spec.success.push_back(std::move(mutation));
    spec.kept.receipt = ReceiptKey{std::move(caller), std::move(id), std::move(fingerprint)};
    spec.respond = [](const WriteOutcome& outcome) {
      return absl::StrCat("inserted ", outcome.results[0].inserted_count);
    };
    return spec;
  }
  std::string Entries() { return Ask(database_.file, "SELECT group_concat(amount) FROM entry"); }

  ServedDatabase database_;
  CollectingSink sink_;
};

TEST_F(WriteTest, ChangesSeveralTablesOrNone) {
  WriteSpec good;
  good.success.push_back(Balance(5));
  good.success.push_back(Entry(-5));
  const auto outcome = Write(std::move(good));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->results[0].updated_count, 1);
  EXPECT_EQ(outcome->results[1].inserted_count, 1);

  WriteSpec bad;
  bad.success.push_back(Entry(-7));
  bad.success.push_back(Balance(-2));
  const auto refused = Write(std::move(bad)).status();
  EXPECT_EQ(ReasonOf(refused), reason::kCheck);
  EXPECT_EQ(MetadataOf(refused, "mutation"), "1");
  EXPECT_EQ(MetadataOf(refused, "row"), "0");
  EXPECT_EQ(Entries(), "'-5'");
}

TEST_F(WriteTest, KnowsEveryKindOfPrecondition) {
  EXPECT_EQ(Try({.key = Key("ann")}), "holds");
  EXPECT_EQ(Try({.key = Key("ann"), .exists = false}), reason::kConflict);
  EXPECT_EQ(Try({.key = Key("zoe")}), reason::kConflict);
  EXPECT_EQ(Try({.key = Key("zoe"), .exists = false}), "holds");
  CollectingSink row;
  ASSERT_TRUE(ReadRow(*database_, "account", Key("ann"), row).ok());
  EXPECT_EQ(Try({.key = Key("ann"), .etag = row.etag}), "holds");
  EXPECT_EQ(Try({.key = Key("bob"), .etag = row.etag}), reason::kConflict);
  EXPECT_EQ(Try({.key = Key("zoe"), .etag = row.etag}), reason::kConflict);
  EXPECT_EQ(Try({.table = "nosuch", .key = Key("ann")}), reason::kNoSuchTable);
  EXPECT_EQ(Try({.table = "_sluice_commit", .key = Key("1")}), reason::kNoSuchTable);
}

TEST_F(WriteTest, ComparesColumnsAsSqlDoes) {
  using Operator = Precondition::Operator;
  EXPECT_EQ(Try(Operator::kEqual, I(10)), "holds");
  EXPECT_EQ(Try(Operator::kEqual, T("10")), "holds");
  EXPECT_EQ(Try(Operator::kEqual, I(11)), reason::kConflict);
  EXPECT_EQ(Try(Operator::kNotEqual, I(11)), "holds");
  EXPECT_EQ(Try(Operator::kLess, I(11)), "holds");
  EXPECT_EQ(Try(Operator::kLess, I(10)), reason::kConflict);
  EXPECT_EQ(Try(Operator::kLessOrEqual, I(10)), "holds");
  EXPECT_EQ(Try(Operator::kGreater, I(9)), "holds");
  EXPECT_EQ(Try(Operator::kGreaterOrEqual, I(11)), reason::kConflict);
  EXPECT_EQ(Try(Operator::kEqual, ValueView::Null(), "bob"), "holds");
  EXPECT_EQ(Try(Operator::kNotEqual, ValueView::Null()), "holds");
  EXPECT_EQ(Try(Operator::kLess, I(1), "bob"), reason::kConflict);
  EXPECT_EQ(Try(Operator::kNotEqual, I(1), "zoe"), reason::kConflict);
  Precondition unknown{.key = Key("ann")};
  unknown.comparison = {.column = "nosuch", .op = Operator::kEqual, .value = I(1)};
  EXPECT_EQ(Try(std::move(unknown)), reason::kBadRequest);
}

TEST_F(WriteTest, RunsTheOtherBranchWhenAPreconditionDoesNotHold) {
  const auto spec = [&](absl::string_view name) {
    WriteSpec either;
    either.preconditions.push_back({.table = "account", .key = Key(name)});
    either.success.push_back(Entry(1));
    either.failure.push_back(Entry(2));
    either.failure.push_back(Entry(3));
    return either;
  };
  const auto failed = Write(spec("zoe"));
  ASSERT_TRUE(failed.ok()) << failed.status();
  EXPECT_FALSE(failed->succeeded);
  EXPECT_EQ(failed->results.size(), 2u);
  EXPECT_TRUE(Write(spec("ann"))->succeeded);
  EXPECT_EQ(Entries(), "'2,3,1'");
}

TEST_F(WriteTest, NamesThePreconditionThatDoesNotHold) {
  WriteSpec spec;
  spec.preconditions.push_back({.table = "account", .key = Key("ann")});
  spec.preconditions.push_back({.table = "account", .key = Key("zoe")});
  spec.success.push_back(Entry(1));
  const auto status = Write(std::move(spec)).status();
  EXPECT_EQ(ReasonOf(status), reason::kConflict);
  EXPECT_EQ(MetadataOf(status, "precondition"), "1");
}

TEST_F(WriteTest, ValidatesEverythingAndKeepsNothing) {
  WriteSpec good;
  good.success.push_back(Entry(1));
  good.kept.validate_only = true;
  const auto outcome = Write(std::move(good));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->results[0].inserted_count, 1);
  EXPECT_EQ(outcome->commit_token, "");
  EXPECT_EQ(sink_.keys.size(), 1u);

  WriteSpec bad;
  bad.success.push_back(Balance(-1));
  bad.kept.validate_only = true;
  EXPECT_EQ(ReasonOf(Write(std::move(bad)).status()), reason::kCheck);

  WriteSpec late;
  late.success.push_back(Insert("late", {"a"}, {I(5)}));
  late.kept.validate_only = true;
  EXPECT_EQ(ReasonOf(Write(std::move(late)).status()), reason::kForeignKey);
  EXPECT_EQ(Ask(database_.file, "SELECT count(*) FROM entry"), "0");
  EXPECT_EQ(Ask(database_.file, "SELECT count(*) FROM sqlite_schema WHERE name LIKE '_sluice%'"),
            "0");
}

TEST_F(WriteTest, FailsAsAWholeWhenARowEndsTheTransaction) {
  WriteSpec spec;
  spec.options.continue_on_error = true;
  Mutation mutation = Insert("breaks", {"a"}, {I(7)});
  mutation.rows.push_back({.values = {I(1)}});
  spec.success.push_back(std::move(mutation));
  EXPECT_EQ(ReasonOf(Write(std::move(spec)).status()), reason::kUnique);
  EXPECT_EQ(Ask(database_.file, "SELECT * FROM breaks"), "1");
}

TEST_F(WriteTest, AnswersTheSameRequestIdWithTheFirstAnswer) {
  const auto first = Write(WithId(Entry(1), "id-1"));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_FALSE(first->replayed_response.has_value());
  ASSERT_TRUE(Write(WithId(Entry(2), "id-2")).ok());
  const auto again = Write(WithId(Entry(1), "id-1"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->replayed_response, "inserted 1");
  EXPECT_EQ(again->commit_token, first->commit_token);
  EXPECT_FALSE(first->commit_token.empty());
  EXPECT_EQ(Entries(), "'1,2'");
}

TEST_F(WriteTest, RemembersReceiptsWhenTheDatabaseIsOpenedAnew) {
  ASSERT_TRUE(Write(WithId(Entry(1), "id-1")).ok());
  database_.Reopen();
  EXPECT_TRUE(Write(WithId(Entry(1), "id-1"))->replayed_response.has_value());
  EXPECT_EQ(Entries(), "'1'");
}

TEST_F(WriteTest, RefusesARequestIdThatAnotherRequestHasUsed) {
  ASSERT_TRUE(Write(WithId(Entry(1), "id-1")).ok());
  const auto reused = Write(WithId(Entry(1), "id-1", "another print")).status();
  EXPECT_EQ(ReasonOf(reused), reason::kRequestIdReused);
  EXPECT_TRUE(Write(WithId(Entry(2), "id-1", "print", "somebody else")).ok());
  EXPECT_EQ(Entries(), "'1,2'");
}

TEST_F(WriteTest, KeepsNoReceiptOfAWriteThatFailed) {
  EXPECT_EQ(ReasonOf(Write(WithId(Balance(-1), "id-1")).status()), reason::kCheck);
  const auto later = Write(WithId(Entry(1), "id-1", "another print"));
  ASSERT_TRUE(later.ok()) << later.status();
  EXPECT_FALSE(later->replayed_response.has_value());
}

TEST_F(WriteTest, ForgetsReceiptsWhoseTimeIsOver) {
  ASSERT_TRUE(Write(WithId(Entry(1), "id-1")).ok());
  ASSERT_TRUE(Write(WithId(Entry(1), "id-2")).ok());
  database_.file.Run("UPDATE _sluice_receipts SET kept_us = kept_us - 86400000000 - 1");
  EXPECT_FALSE(Write(WithId(Entry(2), "id-1"))->replayed_response.has_value());
  EXPECT_EQ(Ask(database_.file, "SELECT group_concat(request_id) FROM _sluice_receipts"), "'id-1'");
  EXPECT_EQ(Entries(), "'1,1,2'");
}

}  // namespace
}  // namespace sluice::engine
