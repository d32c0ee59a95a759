// Between the client's values and the contract's messages. Pure functions, safe from any thread.
//
// Answers are checked for what the rest of the client relies on: a value without a kind, or a row
// with another number of values than there are columns, is DATA_LOSS (`MALFORMED_ANSWER`).
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/row_stream.h"
#include "clients/cpp/value.h"
#include "google/protobuf/struct.pb.h"
#include "sluice/v1/query.pb.h"
#include "sluice/v1/value.pb.h"

namespace sluice::client {

void ToProto(const Value& value, v1::Value* out);
// Natural JSON (ExportQueryRequest.params): exact for every value. INVALID_ARGUMENT for NaN, which
// SQLite does not store.
absl::Status ToNatural(const Object& object, google::protobuf::Struct* out);
absl::Status ToNatural(const Value& value, google::protobuf::Value* out);

// Each takes the message apart.
absl::StatusOr<Value> FromProto(v1::Value value);
absl::StatusOr<Row> FromProto(v1::Row row, size_t column_count);
std::vector<Column> FromProto(google::protobuf::RepeatedPtrField<v1::Column> columns);
absl::StatusOr<std::vector<Row>> FromProto(google::protobuf::RepeatedPtrField<v1::Row> rows,
                                           size_t column_count);
absl::StatusOr<std::vector<Row>> FromProto(v1::PackedRows packed, size_t column_count);
QueryStats FromProto(const v1::QueryStats& stats);

}  // namespace sluice::client
