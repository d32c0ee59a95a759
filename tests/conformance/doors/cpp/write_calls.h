// The client's writing calls.
#pragma once

#include "clients/cpp/client.h"
#include "sluice/v1/load.pb.h"
#include "sluice/v1/write.pb.h"
#include "tests/conformance/doors/cpp/json_text.h"

namespace sluice::conformance {

Answer InsertRows(const Client& client, const v1::InsertRowsRequest& request);
Answer UpsertRows(const Client& client, const v1::UpsertRowsRequest& request);
Answer UpdateRows(const Client& client, const v1::UpdateRowsRequest& request);
Answer DeleteRows(const Client& client, const v1::DeleteRowsRequest& request);
// A load of one message.
Answer LoadRows(const Client& client, const v1::LoadRowsRequest& request);
Answer UpdateRow(const Client& client, const v1::UpdateRowRequest& request);
Answer DeleteRow(const Client& client, const v1::DeleteRowRequest& request);

}  // namespace sluice::conformance
