#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/catalog.h"
#include "server/rpc/services.h"
#include "server/rpc/table_changes.h"
#include "server/wire/catalog_messages.h"
#include "server/wire/requests.h"
#include "server/wire/settings_messages.h"
#include "sluice/v1/catalog.grpc.pb.h"

namespace sluice::rpc {
namespace {

using Generated = v1::CatalogService;
using Raw = Generated::WithRawMethod_ListDatabases<Generated::WithRawMethod_GetDatabase<
    Generated::WithRawMethod_ListTables<Generated::WithRawMethod_GetTable<
        Generated::WithRawMethod_CreateTable<Generated::WithRawMethod_AlterTable<
            Generated::WithRawMethod_DropTable<Generated::Service>>>>>>>;

class CatalogServiceRpc : public RpcService {
 public:
  explicit CatalogServiceRpc(const ServiceContext& context) : context_(context) {}

  grpc::Service* service() override { return &raw_; }

  void AddMethods(ServerParts& parts) override {
    const char* const name = Generated::service_full_name();
    const auto add = [&](const char* method, auto request, UnaryHandler handler) {
      parts.AddUnary(&raw_, name, method, request, RunOn::kWorkers, std::move(handler));
    };
    add("ListDatabases", &Raw::RequestListDatabases,
        Unary<v1::ListDatabasesRequest>([this](auto& call, const auto& request, auto* response) {
          return ListDatabases(call, request, response);
        }));
    add("GetDatabase", &Raw::RequestGetDatabase,
        Unary<v1::GetDatabaseRequest>([this](auto& call, const auto& request, auto* response) {
          return GetDatabase(call, request, response);
        }));
    add("ListTables", &Raw::RequestListTables,
        Unary<v1::ListTablesRequest>([this](auto& call, const auto& request, auto* response) {
          return ListTables(call, request, response);
        }));
    add("GetTable", &Raw::RequestGetTable,
        Unary<v1::GetTableRequest>([this](auto& call, const auto& request, auto* response) {
          return GetTable(call, request, response);
        }));
    AddChanges(parts, name);
  }

 private:
  // Their answers come from the writer.
  void AddChanges(ServerParts& parts, const char* name) {
    const auto add = [&](const char* method, auto request, UnaryHandler handler) {
      parts.AddUnary(&raw_, name, method, request, RunOn::kQueue, std::move(handler),
                     /*outlives_handler=*/true);
    };
    add("CreateTable", &Raw::RequestCreateTable,
        DeferredUnary<v1::CreateTableRequest>([this](auto& call, const auto& request) {
          return ChangeTable<engine::CreateTableSpec>(context_, call, request);
        }));
    add("AlterTable", &Raw::RequestAlterTable,
        DeferredUnary<v1::AlterTableRequest>([this](auto& call, const auto& request) {
          return ChangeTable<engine::AlterTableSpec>(context_, call, request);
        }));
    add("DropTable", &Raw::RequestDropTable,
        DeferredUnary<v1::DropTableRequest>([this](auto& call, const auto& request) {
          return ChangeTable<engine::DropTableSpec>(context_, call, request);
        }));
  }

  static absl::StatusOr<int64_t> PageSize(int32_t asked) {
    return wire::ParsePageSize(asked, limits::kPageRowsDefault, limits::kPageRowsMax);
  }

  // The name after which a page begins; empty for the first page.
  absl::StatusOr<std::string> After(const std::string& scope, const std::string& token) const {
    return token.empty() ? absl::StatusOr<std::string>("") : context_.tokens->Open(scope, token);
  }

  // What the database can say of itself; one that cannot be read now is described by the registry
  // alone.
  static void Fill(const engine::ListedDatabase& listed, const Interrupt& interrupt,
                   v1::Database* message) {
    wire::FillListed(listed, message);
    if (listed.database == nullptr) return;
    const auto description = engine::DescribeDatabase(*listed.database, interrupt);
    if (description.ok()) wire::FillDatabase(*description, message);
  }

  absl::Status ListDatabases(UnaryCall& call, const v1::ListDatabasesRequest& request,
                             wire::Buffer* out) {
    const std::string scope = wire::MakeScope({"ListDatabases"});
    ASSIGN_OR_RETURN(const int64_t page_size, PageSize(request.page_size()));
    ASSIGN_OR_RETURN(const std::string after, After(scope, request.page_token()));
    v1::ListDatabasesResponse response;
    for (const engine::ListedDatabase& listed : context_.registry->List()) {
      if (listed.name <= after) continue;
      if (response.databases_size() == page_size) {
        response.set_next_page_token(
            context_.tokens->Seal(scope, response.databases().rbegin()->name()));
        break;
      }
      v1::Database* const database = response.add_databases();
      Fill(listed, call.interrupt(), database);
      wire::AddSettings(context_.settings->Database(listed.name), database);
    }
    *out = Serialize(response);
    return absl::OkStatus();
  }

  absl::Status GetDatabase(UnaryCall& call, const v1::GetDatabaseRequest& request,
                           wire::Buffer* out) {
    ASSIGN_OR_RETURN(const engine::ListedDatabase listed,
                     context_.registry->Describe(request.database()));
    v1::GetDatabaseResponse response;
    Fill(listed, call.interrupt(), response.mutable_database());
    wire::AddSettings(context_.settings->Database(listed.name), response.mutable_database());
    *out = Serialize(response);
    return absl::OkStatus();
  }

  absl::Status ListTables(UnaryCall& call, const v1::ListTablesRequest& request,
                          wire::Buffer* out) {
    const std::string scope =
        wire::MakeScope({"ListTables", request.database(), request.show_hidden() ? "hidden" : ""});
    ASSIGN_OR_RETURN(const int64_t page_size, PageSize(request.page_size()));
    ASSIGN_OR_RETURN(const std::string after, After(scope, request.page_token()));
    ASSIGN_OR_RETURN(const auto database, context_.registry->Find(request.database()));
    ASSIGN_OR_RETURN(const auto schema, engine::ReadSchema(*database, call.interrupt()));
    v1::ListTablesResponse response;
    for (const engine::Table& table : schema->tables()) {
      if (table.name <= after) continue;
      const auto& settings = context_.settings->Table(database->name(), table.name);
      if ((table.hidden || settings.hidden) && !request.show_hidden()) continue;
      if (response.tables_size() == page_size) {
        response.set_next_page_token(
            context_.tokens->Seal(scope, response.tables().rbegin()->name()));
        break;
      }
      v1::Table* const message = response.add_tables();
      wire::FillTableSummary(table, message);
      wire::AddSettings(settings, message);
    }
    *out = Serialize(response);
    return absl::OkStatus();
  }

  absl::Status GetTable(UnaryCall& call, const v1::GetTableRequest& request, wire::Buffer* out) {
    ASSIGN_OR_RETURN(const auto database, context_.registry->Find(request.database()));
    ASSIGN_OR_RETURN(const auto description,
                     engine::DescribeTable(*database, request.table(), call.interrupt()));
    v1::GetTableResponse response;
    wire::FillTable(description, response.mutable_table());
    wire::AddSettings(context_.settings->Table(database->name(), description.table->name),
                      response.mutable_table());
    *out = Serialize(response);
    return absl::OkStatus();
  }

  const ServiceContext& context_;
  Raw raw_;
};

}  // namespace

std::unique_ptr<RpcService> MakeCatalogService(const ServiceContext& context) {
  return std::make_unique<CatalogServiceRpc>(context);
}

}  // namespace sluice::rpc
