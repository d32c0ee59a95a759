// The calls of Client that change tables.
#include <algorithm>

#include "clients/cpp/client.h"
#include "clients/cpp/run.h"

namespace sluice {

namespace {

// The server takes five minutes for a change of a table, once it has its turn.
constexpr absl::Duration kDeadlineMin = absl::Minutes(6);

template <typename Request, typename Response>
absl::StatusOr<Response> Change(client::Core* core,
                                client::Method<v1::CatalogService::Stub, Request, Response> method,
                                const Request& request) {
  return client::RunWithin(std::max(core->options.deadline, kDeadlineMin), core, core->catalog,
                           method, request);
}

}  // namespace

absl::StatusOr<v1::CreateTableResponse> Client::CreateTable(
    const v1::CreateTableRequest& request) const {
  return Change(core_.get(), &v1::CatalogService::Stub::CreateTable, request);
}

absl::StatusOr<v1::AlterTableResponse> Client::AlterTable(
    const v1::AlterTableRequest& request) const {
  return Change(core_.get(), &v1::CatalogService::Stub::AlterTable, request);
}

absl::StatusOr<v1::DropTableResponse> Client::DropTable(const v1::DropTableRequest& request) const {
  return Change(core_.get(), &v1::CatalogService::Stub::DropTable, request);
}

}  // namespace sluice
