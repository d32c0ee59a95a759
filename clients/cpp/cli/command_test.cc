// The command as its users see it: the program run against a fake server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "clients/cpp/cli/command_fixture.h"

namespace sluice::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ProcessOptions;

// --- query ---

TEST_F(CommandTest, WritesNdjsonToAPipe) {
  ServeEveryClass();
  const auto result = Run({"query", "db", "SELECT 1"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out,
            "{\"null\":null,\"integer\":9223372036854775807,\"real\":5.0,\"text\":\"a\\\"b,c\\nd\","
            "\"blob\":{\"$base64\":true,\"encoded\":\"AP8=\"},\"raw\":{\"$raw_text\":\"wyg=\"}}\n"
            "{\"null\":null,\"integer\":-1,\"real\":\"-Infinity\",\"text\":\"\","
            "\"blob\":{\"$base64\":true,\"encoded\":\"\"},\"raw\":{\"$raw_text\":\"gA==\"}}\n");
}

TEST_F(CommandTest, WritesATableToATerminal) {
  server_.stream_query = testing::CountingStream(2, 1);
  ProcessOptions options;
  options.terminal_width = 60;
  const auto result = Run({"query", "db", "SELECT 1"}, options);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "n  name\r\n─  ─────\r\n0  row 0\r\n1  row 1\r\n(2 rows)\r\n");
}

TEST_F(CommandTest, SendsParametersWithTheirTypes) {
  v1::StreamQueryRequest seen;
  server_.stream_query = [&](grpc::ServerContext* context, const v1::StreamQueryRequest& request,
                             grpc::ServerWriter<v1::StreamQueryResponse>* writer) {
    seen = request;
    return testing::CountingStream(0, 1)(context, request, writer);
  };
  EXPECT_EQ(
      Run({"query", "db", "SQL", "--param", "a=1", "-p", "b=text:1", "-p", "c=-2.5"}).exit_code, 0);
  EXPECT_EQ(seen.named_params().at("a").integer(), 1);
  EXPECT_EQ(seen.named_params().at("b").text(), "1");
  EXPECT_EQ(seen.named_params().at("c").real(), -2.5);
  EXPECT_EQ(Run({"query", "db", "SQL", "-p", "-5", "-p", "[x]", "-p", "null"}).exit_code, 0);
  ASSERT_EQ(seen.params_size(), 3);
  EXPECT_EQ(seen.params(0).integer(), -5);
  EXPECT_EQ(seen.params(1).text(), "[x]");
  EXPECT_EQ(Run({"query", "db", "SQL", "--params-json", "[9007199254740993]"}).exit_code, 0);
  EXPECT_EQ(seen.params(0).integer(), 9007199254740993);
}

TEST_F(CommandTest, ReadsTheStatementFromTheStandardInput) {
  std::string seen;
  server_.stream_query = [&](grpc::ServerContext* context, const v1::StreamQueryRequest& request,
                             grpc::ServerWriter<v1::StreamQueryResponse>* writer) {
    seen = request.sql();
    return testing::CountingStream(0, 1)(context, request, writer);
  };
  ProcessOptions options;
  options.input = "-- a comment\nSELECT 1";
  EXPECT_EQ(Run({"query", "db", "-"}, options).exit_code, 0);
  EXPECT_EQ(seen, options.input);
}

TEST_F(CommandTest, SaysThatAStreamWasCutAfterTheRowsBefore) {
  server_.stream_query = testing::CountingStream(3, 3, /*cut=*/true);
  const auto result = Run({"query", "db", "SQL"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("row 2"));
  EXPECT_THAT(result.err, HasSubstr("the stream was cut"));
}

TEST_F(CommandTest, EndsQuietlyWhenItsReaderGoes) {
  server_.stream_query = testing::CountingStream(1'000'000, 1'000);
  ProcessOptions options;
  options.read_at_most = 100;
  const auto result = Run({"query", "db", "SQL"}, options);
  EXPECT_EQ(result.exit_code, -SIGPIPE);
  EXPECT_EQ(result.err, "");
}

TEST_F(CommandTest, CancelsTheStreamOnCtrlC) {
  std::atomic<bool> cancelled = false;
  server_.stream_query = [&](grpc::ServerContext* context, const auto&,
                             grpc::ServerWriter<v1::StreamQueryResponse>* writer) {
    v1::StreamQueryResponse message;
    *message.add_columns() = testing::MakeColumn("text");
    for (int i = 0; i < 1'000; ++i) {
      *message.add_rows() = testing::MakeRow({std::string(200, 'x')});
    }
    while (writer->Write(message)) message.clear_columns();
    cancelled = context->IsCancelled();
    return grpc::Status::CANCELLED;
  };
  ProcessOptions options;
  options.signal_after_output = SIGINT;
  const auto result = Run({"query", "db", "SQL"}, options);
  EXPECT_EQ(result.exit_code, 130);
  server_.Stop();
  EXPECT_TRUE(cancelled);
}

TEST_F(CommandTest, ShowsWhereTheStatementIsWrong) {
  server_.stream_query = [](auto*, const auto&, auto*) {
    return testing::Refusal(grpc::StatusCode::INVALID_ARGUMENT, "near \"FORM\": syntax error",
                            "SQL_ERROR", {{"offset", "12"}});
  };
  EXPECT_EQ(Run({"query", "db", "SELECT 'é'\nFORM t\nLIMIT 1"}).err,
            "error: near \"FORM\": syntax error (SQL_ERROR, offset 12)\n  FORM t\n  ^\n");
  EXPECT_THAT(Run({"query", "db", "short"}).err, Not(HasSubstr("^")));
}

// --- ls, describe, rows ---

TEST_F(CommandTest, ListsDatabasesAndTables) {
  server_.list_databases = [](const auto&, v1::ListDatabasesResponse* response) {
    auto* database = response->add_databases();
    database->set_name("proj");
    database->set_state(v1::Database::STATE_SERVING);
    database->set_size_bytes(8'123'456);
    return grpc::Status::OK;
  };
  server_.list_tables = [](const v1::ListTablesRequest& request, v1::ListTablesResponse* response) {
    response->add_tables()->set_name(request.show_hidden() ? "hidden" : "area");
    response->mutable_tables(0)->set_kind(v1::Table::KIND_TABLE);
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"ls", "-o", "csv"}).out,
            "database,state,size,tables,views,note\r\nproj,serving,8.1 MB,0,0,\"\"\r\n");
  EXPECT_THAT(Run({"ls"}).out, HasSubstr("\"sizeBytes\":\"8123456\""));
  EXPECT_THAT(Run({"ls", "-o", "json"}).out, HasSubstr("{\"databases\":[\n{\"name\":\"proj\""));
  EXPECT_THAT(Run({"ls", "proj"}).out, HasSubstr("\"name\":\"area\""));
  EXPECT_THAT(Run({"ls", "proj", "--hidden", "-o", "table"}).out, HasSubstr("hidden  table"));
}

TEST_F(CommandTest, DescribesATable) {
  server_.get_table = [](const v1::GetTableRequest&, v1::GetTableResponse* response) {
    auto* table = response->mutable_table();
    table->set_name("t");
    table->set_kind(v1::Table::KIND_TABLE);
    table->add_primary_key("id");
    auto* column = table->add_columns();
    column->set_name("id");
    column->set_declared_type("INTEGER");
    column->set_primary_key_position(1);
    column->set_not_null(true);
    table->mutable_row_count()->set_kind(v1::RowCount::KIND_CAPPED);
    table->mutable_row_count()->set_value(10'000);
    return grpc::Status::OK;
  };
  const auto result = Run({"describe", "db", "t", "-o", "table"});
  EXPECT_THAT(result.out, AllOf(HasSubstr("t             table\n"), HasSubstr("at least 10000"),
                                HasSubstr("id      INTEGER  key 1, not null")));
  EXPECT_THAT(Run({"describe", "db", "t"}).out, HasSubstr("\"primaryKey\":[\"id\"]"));
}

TEST_F(CommandTest, ShowsRowsUpToTheLimit) {
  server_.list_rows = [](const v1::ListRowsRequest& request, v1::ListRowsResponse* response) {
    *response->add_columns() = testing::MakeColumn("n");
    for (int n = 0; n < request.page_size(); ++n) {
      *response->add_rows() = testing::MakeRow({n}, "k" + std::to_string(n));
    }
    response->set_next_page_token(request.page_token() + "x");
    return grpc::Status::OK;
  };
  const auto result = Run({"rows", "db", "t", "--limit", "2", "--keys"});
  EXPECT_EQ(result.out, "{\"_key\":\"k0\",\"n\":0}\n{\"_key\":\"k1\",\"n\":1}\n");
  EXPECT_THAT(result.err, HasSubstr("more than 2 rows"));
  EXPECT_THAT(Run({"rows", "db", "t", "-n", "1", "-o", "json"}).out,
              HasSubstr("\"truncated\":true"));
}

TEST_F(CommandTest, ShowsOneRowByItsKey) {
  server_.get_row = [](const v1::GetRowRequest& request, v1::GetRowResponse* response) {
    if (request.key() != "EPSG,7030") {
      return testing::Refusal(grpc::StatusCode::NOT_FOUND, "no row has that key", "NO_SUCH_ROW");
    }
    *response->add_columns() = testing::MakeColumn("name");
    *response->mutable_row() = testing::MakeRow({"WGS 84"}, request.key());
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"rows", "db", "t", "--key", "EPSG,7030"}).out, "{\"name\":\"WGS 84\"}\n");
  const auto missing = Run({"rows", "db", "t", "--key", "x"});
  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_EQ(missing.err, "error: no row has that key (NO_SUCH_ROW)\n");
}

// --- insert ---

TEST_F(CommandTest, InsertsWithTheAdminTokenOfThisMachine) {
  v1::InsertRowsRequest seen;
  server_.insert_rows = [&](const v1::InsertRowsRequest& request,
                            v1::InsertRowsResponse* response) {
    seen = request;
    response->set_inserted_count(request.objects_size());
    response->add_keys("MINE,1");
    return grpc::Status::OK;
  };
  std::system(("mkdir -p " + folder_.path() + "/.local/state/sluice").c_str());
  testing::WriteFile(folder_ / ".local/state/sluice/admin-token", "s3cret\n");
  const auto result =
      Run({"insert", "proj", "unit", "code=1", "name=smoot", "factor=1.7018", "x=null"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "{\"insertedCount\":1,\"keys\":[\"MINE,1\"]}\n");
  EXPECT_EQ(server_.authorization(), "Bearer s3cret");
  const auto& fields = seen.objects(0).fields();
  EXPECT_EQ(fields.at("code").number_value(), 1);
  EXPECT_EQ(fields.at("name").string_value(), "smoot");
  EXPECT_EQ(fields.at("factor").number_value(), 1.7018);
  EXPECT_TRUE(fields.at("x").has_null_value());
  EXPECT_EQ(
      Run({"insert", "proj", "unit", "--json", "{\"a\":1}", "--json", "{\"b\":2}", "-o", "table"})
          .out,
      "inserted 2 rows: MINE,1\n");
}

TEST_F(CommandTest, InsertsLinesInBatches) {
  int calls = 0;
  server_.insert_rows = [&](const v1::InsertRowsRequest& request,
                            v1::InsertRowsResponse* response) {
    ++calls;
    response->set_inserted_count(request.objects_size());
    return grpc::Status::OK;
  };
  ProcessOptions options;
  for (int i = 0; i < 2'500; ++i) options.input += "{\"a\":" + std::to_string(i) + "}\n\n";
  const auto result = Run({"insert", "db", "t", "-"}, options);
  EXPECT_EQ(result.out, "{\"insertedCount\":2500,\"keys\":[]}\n") << result.err;
  EXPECT_EQ(calls, 3);
}

TEST_F(CommandTest, NamesTheLineThatIsMalformed) {
  ProcessOptions options;
  options.input = "{\"a\":1}\n{\"a\":[]}\n";
  const auto result = Run({"insert", "db", "t", "-"}, options);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("line 2: a: an array is no value of SQLite"));
  EXPECT_EQ(server_.call_count(), 0);
}

// --- snapshot, health ---

TEST_F(CommandTest, TakesASnapshot) {
  testing::FakeSnapshot snapshot(512, 10);
  server_.download = snapshot.Answer();
  const std::string file = folder_ / "copy.db";
  const auto result = Run({"snapshot", "get", "db", "-o", file});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, HasSubstr(snapshot.sha256_hex()));
  EXPECT_EQ(testing::ReadFile(file), snapshot.bytes());
  const auto again = Run({"snapshot", "get", "db", "-o", file});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.err, AllOf(HasSubstr("exists already"), HasSubstr("--force")));
  EXPECT_EQ(Run({"snapshot", "get", "db", "-o", file, "--force"}).exit_code, 0);
  EXPECT_EQ(Run({"snapshot", "get", "../db"}).exit_code, 2);
  EXPECT_EQ(Run({"snapshot", "get", "db", "-o", "-"}).exit_code, 2);
}

TEST_F(CommandTest, RefreshesNothingThatIsNoDatabaseUnlessForced) {
  const std::string file = folder_ / "notes.txt";
  testing::WriteFile(file, "precious notes, longer than a header");
  const auto refused = Run({"snapshot", "get", "db", "--refresh", file});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("no SQLite database"), HasSubstr("--force")));
  EXPECT_EQ(testing::ReadFile(file), "precious notes, longer than a header");
  EXPECT_EQ(server_.call_count(), 0);
}

TEST_F(CommandTest, SendsNoTokenUnencryptedToAnotherMachine) {
  const auto refused = Run({"ls", "--address", "192.0.2.1:7070", "--token", "secret"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("--allow-plaintext"), Not(HasSubstr("secret"))));
  const auto allowed = Run({"ls", "--address", "192.0.2.1:7070", "--token", "secret",
                            "--allow-plaintext", "--deadline", "1ms"});
  EXPECT_NE(allowed.exit_code, 2) << allowed.err;
}

TEST_F(CommandTest, TellsWhatWasNotDeleted) {
  server_.delete_rows = [](const v1::DeleteRowsRequest&, v1::DeleteRowsResponse*) {
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"delete", "db", "t", "1", "--allow-missing", "--token", "t"}).out,
            "{\"deletedCount\":0,\"keys\":[]}\n");
  EXPECT_EQ(Run({"delete", "db", "t", "1", "--allow-missing", "--token", "t", "-o", "table"}).out,
            "deleted 0 rows\n");
}

TEST_F(CommandTest, SaysWhatIsWrongWithANumberOrATime) {
  EXPECT_THAT(Run({"rows", "db", "t", "--limit", "-1"}).err,
              AllOf(HasSubstr("-1 is no number of rows"), Not(HasSubstr("00000"))));
  EXPECT_THAT(Run({"snapshot", "create", "db", "--ttl", "400d"}).err,
              HasSubstr("no unit for days"));
  EXPECT_THAT(Run({"snapshot", "create", "db", "--ttl", "9600h"}).err, HasSubstr("720h"));
}

TEST_F(CommandTest, TellsHealth) {
  server_.check = [](const grpc::health::v1::HealthCheckRequest& request,
                     grpc::health::v1::HealthCheckResponse* response) {
    response->set_status(request.service().empty()
                             ? grpc::health::v1::HealthCheckResponse::SERVING
                             : grpc::health::v1::HealthCheckResponse::NOT_SERVING);
    return grpc::Status::OK;
  };
  EXPECT_EQ(Run({"health", "-o", "table"}).out, "SERVING\n");
  const auto down = Run({"health", "sluice.v1.RowService"});
  EXPECT_EQ(down.exit_code, 5);
  EXPECT_EQ(down.out, "{\"status\":\"NOT_SERVING\"}\n");
}

// --- failures ---

TEST_F(CommandTest, EndsWithTheCodeOfTheFailure) {
  const struct {
    grpc::StatusCode code;
    int exit_code;
  } kCases[] = {{grpc::StatusCode::NOT_FOUND, 3},         {grpc::StatusCode::UNAUTHENTICATED, 4},
                {grpc::StatusCode::PERMISSION_DENIED, 4}, {grpc::StatusCode::UNAVAILABLE, 5},
                {grpc::StatusCode::DEADLINE_EXCEEDED, 6}, {grpc::StatusCode::INVALID_ARGUMENT, 1}};
  for (const auto& one : kCases) {
    server_.get_database = [&](const auto&, auto*) {
      return testing::Refusal(one.code, "refused", "REASON", {{"database", "db"}}, "f");
    };
    const auto result = Run({"describe", "db"});
    EXPECT_EQ(result.exit_code, one.exit_code);
    EXPECT_THAT(result.err, HasSubstr("error: refused (REASON, database db)\n  f: is wrong\n"));
    EXPECT_EQ(result.out, "");
  }
}

TEST_F(CommandTest, SaysHowToStartAServerWhenThereIsNone) {
  server_.Stop();
  const auto result = Run({"ls"});
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("hint: is a server running at 127.0.0.1:"), HasSubstr("sluiced")));
}

TEST_F(CommandTest, KeepsItsDeadline) {
  server_.stream_query = [](grpc::ServerContext* context, const auto&, auto*) {
    while (!context->IsCancelled()) std::this_thread::yield();
    return grpc::Status::CANCELLED;
  };
  EXPECT_EQ(Run({"query", "db", "SQL", "--deadline", "0.05"}).exit_code, 6);
}

TEST_F(CommandTest, RefusesWrongUsage) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {},
           {"bogus"},
           {"query", "db"},
           {"ls", "--bogus"},
           {"ls", "-o", "xml"},
           {"ls", "--deadline", "soon"},
           {"ls", "--deadline", "-1"},
           {"rows", "db", "t", "--limit", "-1"},
           {"insert", "db", "t"},
           {"insert", "db", "t", "novalue"},
           {"insert", "db", "t", "a=1", "a=2"},
           {"insert", "db", "t", "-", "--request-id", "id"},
           {"insert", "db", "t", "a=1", "--on-conflict", "pray"},
           {"update", "db", "t", "1"},
           {"update", "db", "t", "1", "a=1", "--json", "{}"},
           {"update", "db", "t", "a=1"},
           {"update", "db", "t", "1", "a=1", "--max", "5"},
           {"update", "db", "t", "--where", "a = 1"},
           {"update", "db", "t", "a=1", "--where", "a = 1", "--if-match", "e"},
           {"delete", "db", "t"},
           {"delete", "db", "t", "1", "--where", "a = 1"},
           {"delete", "db", "t", "--all", "--where", "a = 1"},
           {"delete", "db", "t", "1", "--max", "5"},
           {"delete", "db", "t", "1", "2", "--if-match", "e"},
           {"exec", "db"},
           {"query", "db", "SQL", "-p", "a=1", "-p", "2"},
           {"query", "db", "SQL", "--params-json", "{"},
           {"snapshot"}}) {
    const auto result = Run(arguments);
    EXPECT_EQ(result.exit_code, 2) << ::testing::PrintToString(arguments);
    EXPECT_NE(result.err, "");
    EXPECT_EQ(result.out, "");
  }
  EXPECT_EQ(server_.call_count(), 0);
}

TEST_F(CommandTest, NamesACommandThatIsNotThere) {
  EXPECT_THAT(Run({"bogus"}).err, HasSubstr("bogus"));
}

TEST_F(CommandTest, PrintsHelpAndVersion) {
  EXPECT_EQ(Run({"version"}).out, "sluice " SLUICE_VERSION "\n");
  EXPECT_EQ(Run({"--version"}).exit_code, 0);
  const auto help = Run({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, AllOf(HasSubstr("Exit codes"), HasSubstr("blob:HEX")));
}

TEST_F(CommandTest, RefusesJsonObjectsWithTwoColumnsOfOneName) {
  server_.stream_query = [](auto*, const auto&,
                            grpc::ServerWriter<v1::StreamQueryResponse>* writer) {
    v1::StreamQueryResponse message;
    *message.add_columns() = testing::MakeColumn("a");
    *message.add_columns() = testing::MakeColumn("a");
    message.mutable_stats();
    writer->Write(message);
    return grpc::Status::OK;
  };
  const auto result = Run({"query", "db", "SQL"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("-o csv"));
  EXPECT_EQ(Run({"query", "db", "SQL", "-o", "csv"}).out, "a,a\r\n");
}

// --- curl ---

TEST_F(CommandTest, PrintsTheHttpCallInsteadOfCalling) {
  EXPECT_EQ(Run({"--curl", "ls"}).out, "curl -sS http://127.0.0.1:7072/v1/databases\n");
  EXPECT_EQ(Run({"describe", "a b", "c/d", "--curl", "--http", "http://h:1"}).out,
            "curl -sS http://h:1/v1/databases/a%20b/tables/c%2Fd\n");
  EXPECT_EQ(Run({"query", "db", "SELECT 'x'", "-p", "1", "--curl", "-o", "csv"}).out,
            "curl -sS -H 'Content-Type: application/json' -d "
            R"('{"sql":"SELECT '\''x'\''","params":[1],"format":"csv"}')"
            " http://127.0.0.1:7072/v1/databases/db/query\n");
  EXPECT_THAT(Run({"query", "d", "x", "--with", "a", "--curl"}).out, HasSubstr(R"(ses":["a"],")"));
  EXPECT_THAT(
      Run({"exec", "db", "add", "--stored", "-p", "n=5", "--token", "x", "--curl"}).out,
      AllOf(HasSubstr("/queries/add:run"), HasSubstr(R"({"params":{"n":{"integer":"5"}})")));
  const auto insert = Run({"insert", "db", "t", "a=1", "--token", "secret", "--curl"});
  EXPECT_THAT(insert.out, AllOf(HasSubstr("rows:insert"), HasSubstr(R"({"objects":[{"a":1}]})"),
                                HasSubstr("$SLUICE_TOKEN"), Not(HasSubstr("secret"))));
  EXPECT_THAT(insert.err, HasSubstr("SLUICE_TOKEN, which does not hold that of --token"));
  EXPECT_THAT(Run({"describe", "db", "..", "--curl"}).out, HasSubstr("curl -sS --path-as-is http"));
  const auto body_of = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--token", "secret", "--curl"});
    return Run(arguments).out;
  };
  EXPECT_THAT(body_of({"insert", "db", "t", "a=1", "--on-conflict", "update", "--target", "a",
                       "--dry-run", "--request-id", "id"}),
              HasSubstr(R"('{"objects":[{"a":1}],"onConflict":{"action":"ACTION_UPDATE",)"
                        R"("target":["a"]},"validateOnly":true,"requestId":"id"}')"));
  EXPECT_THAT(
      body_of({"upsert", "db", "t", "a=1", "--target", "a"}),
      AllOf(HasSubstr(R"('{"objects":[{"a":1}],"target":["a"]}')"), HasSubstr("/rows:upsert")));
  EXPECT_THAT(body_of({"update", "db", "t", "k,1", "a=x", "--if-match", "e"}),
              AllOf(HasSubstr("-X PATCH"), HasSubstr(R"('{"object":{"a":"x"},"ifMatch":"e"}')"),
                    HasSubstr("/tables/t/rows/k%2C1")));
  EXPECT_THAT(
      body_of({"delete", "db", "t", "1", "2", "--allow-missing"}),
      AllOf(HasSubstr(R"('{"keys":["1","2"],"allowMissing":true}')"), HasSubstr("/rows:delete")));
  EXPECT_THAT(body_of({"update", "db", "t", "a=1", "--where", "b = 2", "--max", "5"}),
              AllOf(HasSubstr(R"('{"filter":"b = 2","maxAffected":5,"return":"RETURN_NONE",)"
                              R"("objects":[{"a":1}]}')"),
                    HasSubstr("/rows:update")));
  EXPECT_THAT(body_of({"delete", "db", "t", "--all"}),
              HasSubstr(R"('{"allRows":true,"return":"RETURN_NONE"}')"));
  EXPECT_THAT(body_of({"rows", "db", "t", "--at-least", "ab-1"}),
              HasSubstr("min_commit_token=ab-1"));
  EXPECT_THAT(body_of({"query", "db", "SELECT 1", "--at-least", "ab-1"}),
              HasSubstr(R"({"minCommitToken":"ab-1","sql":)"));
  EXPECT_THAT(body_of({"exec", "db", "UPDATE t SET a = :x", "-p", "x=1"}),
              AllOf(HasSubstr(R"("namedParams":{"x":{"integer":"1"}})"), HasSubstr("db:execute")));
  EXPECT_EQ(Run({"snapshot", "get", "db", "--curl"}).out,
            "curl -fS -o db.db http://127.0.0.1:7072/v1/databases/db/content\n");
  EXPECT_EQ(server_.call_count(), 0);
}

}  // namespace
}  // namespace sluice::cli
