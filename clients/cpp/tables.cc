// The calls of Client that change tables.
#include "clients/cpp/client.h"
#include "clients/cpp/run.h"

namespace sluice {

using client::Run;

absl::StatusOr<v1::CreateTableResponse> Client::CreateTable(
    const v1::CreateTableRequest& request) const {
  return Run(core_.get(), core_->catalog, &v1::CatalogService::Stub::CreateTable, request);
}

absl::StatusOr<v1::AlterTableResponse> Client::AlterTable(
    const v1::AlterTableRequest& request) const {
  return Run(core_.get(), core_->catalog, &v1::CatalogService::Stub::AlterTable, request);
}

absl::StatusOr<v1::DropTableResponse> Client::DropTable(const v1::DropTableRequest& request) const {
  return Run(core_.get(), core_->catalog, &v1::CatalogService::Stub::DropTable, request);
}

}  // namespace sluice
