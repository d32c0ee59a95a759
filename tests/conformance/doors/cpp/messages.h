// Between the client's values and messages.
#pragma once

#include <vector>

#include "clients/cpp/client.h"
#include "clients/cpp/conversion.h"
#include "sluice/v1/value.pb.h"

namespace sluice::conformance {

inline Value FromMessage(const v1::Value& value) {
  switch (value.kind_case()) {
    case v1::Value::kInteger:
      return value.integer();
    case v1::Value::kReal:
      return value.real();
    case v1::Value::kText:
      return value.text();
    case v1::Value::kBlob:
      return Blob{value.blob()};
    case v1::Value::kRawText:
      return RawText{value.raw_text()};
    case v1::Value::kNull:
    case v1::Value::KIND_NOT_SET:
      break;
  }
  return Null{};
}

template <typename Response>
void AddColumns(const std::vector<Column>& columns, Response* out) {
  for (const auto& column : columns) {
    auto* added = out->add_columns();
    added->set_name(column.name);
    added->set_declared_type(column.declared_type);
  }
}

inline void ToMessage(const Row& row, v1::Row* out) {
  for (const auto& value : row.values) client::ToProto(value, out->add_values());
  out->set_key(row.key);
  out->set_etag(row.etag);
}

}  // namespace sluice::conformance
