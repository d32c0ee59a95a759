// The client against a fake server.
#include "clients/cpp/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <thread>

#include "clients/cpp/testing/fake_answers.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

class ClientTest : public ::testing::Test {
 protected:
  Client Connect(absl::Duration deadline = absl::Seconds(20)) {
    ClientOptions options;
    options.address = server_.address();
    options.token = "secret";
    options.deadline = deadline;
    options.stream_deadline = absl::Seconds(20);
    return *Client::Connect(options);
  }

  // Before the server, whose calls use them until it is gone.
  std::atomic<int> tries_ = 0;
  std::atomic<bool> end_ = false;
  testing::FakeServer server_;
};

// All rows of a stream, or the error.
absl::StatusOr<std::vector<Row>> Drain(RowStream* stream) {
  std::vector<Row> rows;
  while (true) {
    auto row = stream->Next();
    if (!row.ok()) return row.status();
    if (!row->has_value()) return rows;
    rows.push_back(**std::move(row));
  }
}

TEST_F(ClientTest, ListsTheDatabasesOfAllPages) {
  server_.list_databases = [](const v1::ListDatabasesRequest& request,
                              v1::ListDatabasesResponse* response) {
    response->add_databases()->set_name("page" + request.page_token());
    if (request.page_token() != "3") {
      response->set_next_page_token(request.page_token().empty() ? "2" : "3");
    }
    return grpc::Status::OK;
  };
  const auto databases = Connect().ListDatabases();
  ASSERT_TRUE(databases.ok());
  ASSERT_EQ(databases->size(), 3u);
  EXPECT_EQ((*databases)[2].name(), "page3");
  EXPECT_EQ(server_.authorization(), "Bearer secret");
}

TEST_F(ClientTest, GivesUpOnAPageThatNamesItself) {
  server_.list_tables = [](const v1::ListTablesRequest&, v1::ListTablesResponse* response) {
    response->set_next_page_token("again");
    return grpc::Status::OK;
  };
  const auto tables = Connect().ListTables("db");
  EXPECT_EQ(tables.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(DetailsOf(tables.status()).reason, client_reason::kMalformedAnswer);
}

TEST_F(ClientTest, DescribesATable) {
  server_.get_table = [](const v1::GetTableRequest& request, v1::GetTableResponse* response) {
    response->mutable_table()->set_name(request.database() + "." + request.table());
    return grpc::Status::OK;
  };
  EXPECT_EQ(Connect().GetTable("db", "a/b c")->name(), "db.a/b c");
}

TEST_F(ClientTest, QueriesWithValuesOfEveryClass) {
  v1::QueryRequest seen;
  server_.query = [&](const v1::QueryRequest& request, v1::QueryResponse* response) {
    seen = request;
    testing::FillEveryClass(response->mutable_columns(), response->mutable_rows());
    response->set_truncated(true);
    response->mutable_stats()->set_vm_steps(9);
    return grpc::Status::OK;
  };
  const auto result = Connect().Query(
      "db",
      {"SELECT ?, ?, ?, ?, ?, ?", {Null(), 42, 2.5, "text", Blob{"\xFF"}, std::string("\xFF")}});
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->rows.size(), 2u);
  const auto& values = result->rows[0].values;
  EXPECT_TRUE(values[0].is_null());
  EXPECT_EQ(values[1], Value(std::numeric_limits<int64_t>::max()));
  EXPECT_EQ(values[2], Value(5.0));
  EXPECT_EQ(values[3], Value("a\"b,c\nd"));
  EXPECT_EQ(values[4], Value(Blob{std::string("\0\xFF", 2)}));
  EXPECT_EQ(values[5], Value(RawText{"\xC3("}));
  EXPECT_EQ(result->rows[1].values[2], Value(-std::numeric_limits<double>::infinity()));
  EXPECT_TRUE(result->truncated);
  EXPECT_EQ(result->stats.vm_steps, 9);
  ASSERT_EQ(seen.params_size(), 6);
  EXPECT_EQ(seen.params(1).integer(), 42);
  EXPECT_EQ(seen.params(5).raw_text(), "\xFF");
}

TEST_F(ClientTest, SendsParametersByName) {
  v1::QueryRequest seen;
  server_.query = [&](const v1::QueryRequest& request, v1::QueryResponse*) {
    seen = request;
    return grpc::Status::OK;
  };
  ASSERT_TRUE(Connect().Query("db", {"SELECT :a", {}, {{"a", 1}}}).ok());
  EXPECT_EQ(seen.named_params().at("a").integer(), 1);
}

TEST_F(ClientTest, RefusesSqlThatIsNotUtf8BeforeSendingIt) {
  const auto result = Connect().Query("db", {"SELECT '\xFF'"});
  EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(server_.call_count(), 0);
}

TEST_F(ClientTest, RefusesAnAnswerWhoseRowsDoNotFitItsColumns) {
  server_.query = [](const v1::QueryRequest&, v1::QueryResponse* response) {
    *response->add_columns() = testing::MakeColumn("one");
    *response->add_rows() = testing::MakeRow({1, 2});
    return grpc::Status::OK;
  };
  EXPECT_EQ(Connect().Query("db", {"x"}).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(ClientTest, RefusesAValueWithoutAKind) {
  server_.query = [](const v1::QueryRequest&, v1::QueryResponse* response) {
    *response->add_columns() = testing::MakeColumn("one");
    response->add_rows()->add_values();
    return grpc::Status::OK;
  };
  EXPECT_EQ(Connect().Query("db", {"x"}).status().code(), absl::StatusCode::kDataLoss);
}

// --- streams ---

TEST_F(ClientTest, StreamsAllRowsAndThenTheStatistics) {
  server_.stream_query = testing::CountingStream(1'000, 7);
  auto stream = Connect().StreamQuery("db", {"x"});
  ASSERT_TRUE(stream.ok());
  EXPECT_EQ(stream->columns()[1].name, "name");
  EXPECT_FALSE(stream->stats().has_value());
  const auto rows = Drain(&*stream);
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), 1'000u);
  EXPECT_EQ((*rows)[999].values, (std::vector<Value>{999, "row 999"}));
  EXPECT_EQ(stream->stats()->row_count, 1'000);
  EXPECT_FALSE((*stream->Next()).has_value());
}

TEST_F(ClientTest, StreamsAResultWithoutRows) {
  server_.stream_query = testing::CountingStream(0, 1);
  auto stream = Connect().StreamQuery("db", {"x"});
  ASSERT_TRUE(stream.ok());
  EXPECT_EQ(stream->columns().size(), 2u);
  EXPECT_TRUE(Drain(&*stream)->empty());
}

TEST_F(ClientTest, TellsACutStreamFromOneThatEnds) {
  server_.stream_query = testing::CountingStream(10, 5, /*cut=*/true);
  auto stream = Connect().StreamQuery("db", {"x"});
  ASSERT_TRUE(stream.ok());
  const auto rows = Drain(&*stream);
  EXPECT_EQ(rows.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(DetailsOf(rows.status()).reason, client_reason::kCut);
  EXPECT_EQ(DetailsOf(rows.status()).domain, kClientDomain);
  EXPECT_EQ(stream->Next().status(), rows.status());
}

TEST_F(ClientTest, TellsAStreamWithoutAnyMessageFromAnEmptyResult) {
  server_.stream_query = [](auto*, const auto&, auto*) { return grpc::Status::OK; };
  EXPECT_EQ(Connect().StreamQuery("db", {"x"}).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(ClientTest, GivesAnErrorMidwayAfterTheRowsBeforeIt) {
  server_.stream_query = [](auto*, const auto&,
                            grpc::ServerWriter<v1::StreamQueryResponse>* writer) {
    v1::StreamQueryResponse message;
    *message.add_columns() = testing::MakeColumn("n");
    *message.add_rows() = testing::MakeRow({1});
    writer->Write(message);
    return testing::Refusal(grpc::StatusCode::DATA_LOSS, "damaged", "CORRUPT");
  };
  auto stream = Connect().StreamQuery("db", {"x"});
  ASSERT_TRUE(stream.ok());
  EXPECT_TRUE((*stream->Next()).has_value());
  EXPECT_EQ(DetailsOf(stream->Next().status()).reason, "CORRUPT");
}

TEST_F(ClientTest, CancelsAStreamThatIsDropped) {
  std::atomic<bool> cancelled = false;
  server_.stream_query = [&](grpc::ServerContext* context, const auto&,
                             grpc::ServerWriter<v1::StreamQueryResponse>* writer) {
    v1::StreamQueryResponse message;
    *message.add_columns() = testing::MakeColumn("n");
    *message.add_rows() = testing::MakeRow({1});
    while (writer->Write(message)) message.clear_columns();
    cancelled = context->IsCancelled();
    return grpc::Status::CANCELLED;
  };
  ASSERT_TRUE(Connect().StreamQuery("db", {"x"}).ok());
  server_.Stop();
  EXPECT_TRUE(cancelled);
}

TEST_F(ClientTest, CancelAllEndsAStreamInFlightAndLaterCalls) {
  server_.stream_query = [](grpc::ServerContext*, const auto&,
                            grpc::ServerWriter<v1::StreamQueryResponse>* writer) {
    v1::StreamQueryResponse message;
    *message.add_columns() = testing::MakeColumn("n");
    *message.add_rows() = testing::MakeRow({1});
    while (writer->Write(message)) message.clear_columns();
    return grpc::Status::CANCELLED;
  };
  const Client client = Connect();
  auto stream = client.StreamQuery("db", {"x"});
  ASSERT_TRUE(stream.ok());
  std::thread canceller([&] { client.CancelAll(); });
  EXPECT_EQ(Drain(&*stream).status().code(), absl::StatusCode::kCancelled);
  canceller.join();
  EXPECT_EQ(client.ListDatabases().status().code(), absl::StatusCode::kCancelled);
}

TEST_F(ClientTest, WalksThePagesOfATable) {
  server_.list_rows = [](const v1::ListRowsRequest& request, v1::ListRowsResponse* response) {
    *response->add_columns() = testing::MakeColumn("n");
    const int page = request.page_token().empty() ? 0 : std::stoi(request.page_token());
    for (int i = 0; i < request.page_size() && page < 3; ++i) {
      *response->add_rows() = testing::MakeRow({page * 10 + i}, std::to_string(i));
    }
    if (page < 3) response->set_next_page_token(std::to_string(page + 1));
    return grpc::Status::OK;
  };
  auto stream = Connect().ListRows("db", "t", 2);
  ASSERT_TRUE(stream.ok());
  const auto rows = Drain(&*stream);
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), 6u);
  EXPECT_EQ((*rows)[5].values[0], Value(21));
  EXPECT_EQ((*rows)[5].key, "1");
  EXPECT_FALSE(stream->stats().has_value());
}

TEST_F(ClientTest, TakesAMessageOfSeventyMegabytes) {
  server_.get_row = [](const v1::GetRowRequest&, v1::GetRowResponse* response) {
    *response->add_columns() = testing::MakeColumn("b");
    *response->mutable_row() = testing::MakeRow({Blob{std::string(size_t{64} << 20, 'x')}}, "1");
    response->mutable_row()->set_etag("tag");
    return grpc::Status::OK;
  };
  const auto row = Connect().GetRow("db", "t", "1");
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_EQ(row->row.values[0].blob()->bytes.size(), size_t{64} << 20);
  EXPECT_EQ(row->row.etag, "tag");
}

// --- writes ---

TEST_F(ClientTest, InsertsTypedRows) {
  v1::InsertRowsRequest seen;
  server_.insert_rows = [&](const v1::InsertRowsRequest& request,
                            v1::InsertRowsResponse* response) {
    seen = request;
    response->set_inserted_count(request.rows_size());
    response->add_keys("7");
    response->set_commit_token("c1");
    return grpc::Status::OK;
  };
  InsertRequest request;
  request.database = "db";
  request.table = "t";
  request.columns = {"a", "b"};
  request.rows = {{1, "x"}};
  const auto result = Connect().InsertRows(request);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->inserted_count, 1);
  EXPECT_THAT(result->keys, ElementsAre("7"));
  EXPECT_EQ(result->commit_token, "c1");
  EXPECT_THAT(seen.columns(), ElementsAre("a", "b"));
  EXPECT_EQ(seen.rows(0).values(1).text(), "x");
  EXPECT_EQ(seen.return_(), v1::RETURN_KEYS);
}

TEST_F(ClientTest, InsertsObjectsWithoutLosingExactness) {
  v1::InsertRowsRequest seen;
  server_.insert_rows = [&](const v1::InsertRowsRequest& request, v1::InsertRowsResponse*) {
    seen = request;
    return grpc::Status::OK;
  };
  InsertRequest request;
  request.objects = {{{"big", int64_t{1} << 60},
                      {"small", 3},
                      {"whole", 5.0},
                      {"part", 0.5},
                      {"inf", std::numeric_limits<double>::infinity()},
                      {"word", "Infinity"},
                      {"blob", Blob{"\xFF"}},
                      {"raw", RawText{"\xFF"}},
                      {"none", Null()}}};
  ASSERT_TRUE(Connect().InsertRows(request).ok());
  const auto& fields = seen.objects(0).fields();
  EXPECT_EQ(fields.at("big").struct_value().fields().at("$integer").string_value(),
            "1152921504606846976");
  EXPECT_EQ(fields.at("small").number_value(), 3);
  EXPECT_EQ(fields.at("whole").struct_value().fields().at("$real").number_value(), 5);
  EXPECT_EQ(fields.at("part").number_value(), 0.5);
  EXPECT_EQ(fields.at("inf").string_value(), "Infinity");
  EXPECT_EQ(fields.at("word").struct_value().fields().at("$text").string_value(), "Infinity");
  EXPECT_EQ(fields.at("blob").struct_value().fields().at("encoded").string_value(), "/w==");
  EXPECT_EQ(fields.at("raw").struct_value().fields().at("$raw_text").string_value(), "/w==");
  EXPECT_TRUE(fields.at("none").has_null_value());
}

TEST_F(ClientTest, RefusesAnObjectWithoutANaturalForm) {
  InsertRequest request;
  request.objects = {{{"a", std::numeric_limits<double>::quiet_NaN()}}};
  EXPECT_EQ(Connect().InsertRows(request).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(server_.call_count(), 0);
}

// --- errors and retries ---

TEST_F(ClientTest, GivesTheDetailsOfAnError) {
  server_.get_table = [](const v1::GetTableRequest&, v1::GetTableResponse*) {
    return testing::Refusal(grpc::StatusCode::NOT_FOUND, "no such table", "NO_SUCH_TABLE",
                            {{"table", "t"}}, "table", 3);
  };
  const auto status = Connect().GetTable("db", "t").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "no such table");
  const ErrorDetails details = DetailsOf(status);
  EXPECT_EQ(details.reason, "NO_SUCH_TABLE");
  EXPECT_EQ(details.domain, "sluice");
  EXPECT_THAT(details.metadata, ElementsAre(Pair("table", "t")));
  ASSERT_EQ(details.field_violations.size(), 1u);
  EXPECT_EQ(details.field_violations[0].field, "table");
  EXPECT_EQ(details.retry_delay, absl::Seconds(3));
}

TEST_F(ClientTest, AnErrorWithoutDetailsHasNone) {
  const auto status = Connect().GetDatabase("db").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(DetailsOf(status).reason, "");
  EXPECT_EQ(DetailsOf(absl::OkStatus()).retry_delay, std::nullopt);
}

TEST_F(ClientTest, SendsReadsAgainWhenTheServerIsUnavailable) {
  server_.query = [&](const v1::QueryRequest&, v1::QueryResponse*) {
    if (++tries_ < 3) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "busy");
    return grpc::Status::OK;
  };
  EXPECT_TRUE(Connect().Query("db", {"x"}).ok());
  EXPECT_EQ(tries_, 3);
}

TEST_F(ClientTest, GivesUpAfterFiveTries) {
  server_.list_databases = [&](const auto&, auto*) {
    ++tries_;
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "busy");
  };
  EXPECT_EQ(Connect().ListDatabases().status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(tries_, 5);
}

TEST_F(ClientTest, SendsAStreamAgainBeforeItsFirstMessage) {
  server_.stream_query = [&](grpc::ServerContext* context, const v1::StreamQueryRequest& request,
                             grpc::ServerWriter<v1::StreamQueryResponse>* writer) {
    if (++tries_ < 2) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "busy");
    return testing::CountingStream(3, 3)(context, request, writer);
  };
  auto stream = Connect().StreamQuery("db", {"x"});
  ASSERT_TRUE(stream.ok());
  EXPECT_EQ(Drain(&*stream)->size(), 3u);
}

TEST_F(ClientTest, AsksForPackedColumnsAndGivesRows) {
  server_.stream_query = [&](auto*, const v1::StreamQueryRequest& request, auto* writer) {
    EXPECT_EQ(request.layout(), v1::ROW_LAYOUT_COLUMNS);
    v1::StreamQueryResponse message;
    for (const char* name : {"a", "b", "c", "d", "e"})
      *message.add_columns() = testing::MakeColumn(name);
    v1::PackedRows* const packed = message.mutable_packed();
    packed->set_row_count(2);
    v1::PackedColumn* column = packed->add_columns();
    for (const int64_t integer : {-7, 0}) column->add_integers(integer);
    column->add_nulls(1);
    column = packed->add_columns();
    for (const char* text : {"", "x"}) column->add_texts(text);
    column->add_other_rows(0);
    column->add_others()->set_raw_text("\xFF");
    column = packed->add_columns();
    for (const double real : {0.5, 1.0}) column->add_reals(real);
    packed->add_columns();
    column = packed->add_columns();
    for (const char* blob : {"", "b"}) column->add_blobs(blob);
    message.mutable_stats();
    writer->Write(message);
    return grpc::Status::OK;
  };
  auto stream = Connect().StreamQuery("db", {"x"});
  ASSERT_TRUE(stream.ok());
  const auto rows = Drain(&*stream);
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ((*rows)[0].values, (std::vector<Value>{-7, RawText{"\xFF"}, 0.5, Null(), Blob{""}}));
  EXPECT_EQ((*rows)[1].values, (std::vector<Value>{Null(), "x", 1.0, Null(), Blob{"b"}}));
}

TEST_F(ClientTest, NeverSendsAnInsertAgain) {
  server_.insert_rows = [&](const auto&, auto*) {
    ++tries_;
    return testing::Refusal(grpc::StatusCode::UNAVAILABLE, "busy", "OVERLOADED", {}, "", 1);
  };
  EXPECT_EQ(Connect().InsertRows({}).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(tries_, 1);
}

TEST_F(ClientTest, DoesNotSendAgainWhatFailedForAnotherReason) {
  server_.query = [&](const auto&, auto*) {
    ++tries_;
    return grpc::Status(grpc::StatusCode::INTERNAL, "broken");
  };
  EXPECT_EQ(Connect().Query("db", {"x"}).status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(tries_, 1);
}

TEST_F(ClientTest, KeepsItsDeadline) {
  server_.query = [&](const auto&, auto*) {
    while (!end_) std::this_thread::yield();
    return grpc::Status::OK;
  };
  EXPECT_EQ(Connect(absl::Milliseconds(50)).Query("db", {"x"}).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  end_ = true;
}

TEST_F(ClientTest, SaysThatNobodyListens) {
  const Client client = Connect();
  server_.Stop();
  EXPECT_EQ(client.ListDatabases().status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(ClientTest, RefusesATokenThatNoHeaderCanCarry) {
  ClientOptions options;
  options.token = "a\nb";
  EXPECT_EQ(Client::Connect(options).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ClientTest, SendsNoTokenUnencryptedToAnotherMachine) {
  ClientOptions options;
  options.address = "db.example:7070";
  options.token = "secret";
  const auto refused = Client::Connect(options).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.message()), ::testing::HasSubstr("db.example:7070"));
  EXPECT_THAT(std::string(refused.message()), ::testing::Not(::testing::HasSubstr("secret")));
  options.allow_plaintext = true;
  EXPECT_TRUE(Client::Connect(options).ok());
}

TEST_F(ClientTest, AsksForHealth) {
  server_.check = [](const grpc::health::v1::HealthCheckRequest& request,
                     grpc::health::v1::HealthCheckResponse* response) {
    if (!request.service().empty()) return grpc::Status(grpc::StatusCode::NOT_FOUND, "no such");
    response->set_status(grpc::health::v1::HealthCheckResponse::SERVING);
    return grpc::Status::OK;
  };
  EXPECT_EQ(*Connect().CheckHealth(), Health::kServing);
  EXPECT_EQ(Connect().CheckHealth("other").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ClientTest, ServesManyThreadsAtOnce) {
  server_.query = [](const v1::QueryRequest&, v1::QueryResponse*) { return grpc::Status::OK; };
  const Client client = Connect();
  std::vector<std::thread> threads;
  std::atomic<int> answers = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, copy = client] {
      for (int call = 0; call < 25; ++call) answers += copy.Query("db", {"x"}).ok() ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(answers, 100);
}

}  // namespace
}  // namespace sluice
