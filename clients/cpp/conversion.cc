#include "clients/cpp/conversion.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/error_details.h"
#include "clients/cpp/rpc_status.h"
#include "clients/cpp/utf8.h"

namespace sluice::client {
namespace {

// Beyond it a JSON number, which is a double here, does not carry an integer exactly.
constexpr int64_t kExactIntegerMax = (int64_t{1} << 53) - 1;

// What a message may make this client allocate, since columns of NULL say nothing but the number of
// rows: a row counts as a byte at least where the server fills a message, 128 KiB with up to 2 000
// columns.
constexpr size_t kPackedRowsMax = size_t{72} << 20;
constexpr size_t kPackedValuesMax = size_t{1} << 28;

absl::Status Malformed(absl::string_view what) {
  return ClientError(absl::StatusCode::kDataLoss, client_reason::kMalformedAnswer,
                     absl::StrCat("malformed answer: ", what));
}

struct ProtoWriter {
  v1::Value* out;
  void operator()(const Null&) const { out->set_null(google::protobuf::NULL_VALUE); }
  void operator()(int64_t integer) const { out->set_integer(integer); }
  void operator()(double real) const { out->set_real(real); }
  void operator()(const std::string& text) const {
    // protobuf refuses other bytes in a string field.
    IsValidUtf8(text) ? out->set_text(text) : out->set_raw_text(text);
  }
  void operator()(const Blob& blob) const { out->set_blob(blob.bytes); }
  void operator()(const RawText& text) const { out->set_raw_text(text.bytes); }
};

google::protobuf::Value* Tagged(google::protobuf::Value* out, const char* tag) {
  return &(*out->mutable_struct_value()->mutable_fields())[tag];
}

struct NaturalWriter {
  google::protobuf::Value* out;

  absl::Status operator()(const Null&) const {
    out->set_null_value(google::protobuf::NULL_VALUE);
    return absl::OkStatus();
  }
  absl::Status operator()(int64_t integer) const {
    if (integer >= -kExactIntegerMax && integer <= kExactIntegerMax) {
      out->set_number_value(static_cast<double>(integer));
    } else {
      Tagged(out, "$integer")->set_string_value(absl::StrCat(integer));
    }
    return absl::OkStatus();
  }
  absl::Status operator()(double real) const {
    if (std::isnan(real)) return absl::InvalidArgumentError("NaN is not a value of SQLite");
    if (std::isinf(real)) {
      out->set_string_value(real > 0 ? "Infinity" : "-Infinity");
    } else if (std::trunc(real) == real) {
      // Without a fraction it would be read as an INTEGER.
      Tagged(out, "$real")->set_number_value(real);
    } else {
      out->set_number_value(real);
    }
    return absl::OkStatus();
  }
  absl::Status operator()(const std::string& text) const {
    if (!IsValidUtf8(text)) return (*this)(RawText{text});
    const bool ambiguous = text == "Infinity" || text == "-Infinity";
    (ambiguous ? Tagged(out, "$text") : out)->set_string_value(text);
    return absl::OkStatus();
  }
  absl::Status operator()(const Blob& blob) const {
    Tagged(out, "$base64")->set_bool_value(true);
    Tagged(out, "encoded")->set_string_value(absl::Base64Escape(blob.bytes));
    return absl::OkStatus();
  }
  absl::Status operator()(const RawText& text) const {
    Tagged(out, "$raw_text")->set_string_value(absl::Base64Escape(text.bytes));
    return absl::OkStatus();
  }
};

absl::StatusOr<Value> FromProto(v1::Value* value) {
  switch (value->kind_case()) {
    case v1::Value::kNull:
      return Value();
    case v1::Value::kInteger:
      return Value(value->integer());
    case v1::Value::kReal:
      return Value(value->real());
    case v1::Value::kText:
      return Value(std::move(*value->mutable_text()));
    case v1::Value::kBlob:
      return Value(Blob{std::move(*value->mutable_blob())});
    case v1::Value::kRawText:
      return Value(RawText{std::move(*value->mutable_raw_text())});
    case v1::Value::KIND_NOT_SET:
      break;
  }
  return Malformed("a value has no kind");
}

// Whether the column has a value for each of `count` rows, checked before memory is taken for them.
bool Fits(const v1::PackedColumn& column, size_t count) {
  for (const int size :
       {column.integers_size(), column.reals_size(), column.texts_size(), column.blobs_size()}) {
    if (size != 0 && static_cast<size_t>(size) != count) return false;
  }
  const auto within = [count](uint32_t row) { return row < count; };
  return column.others_size() == column.other_rows_size() &&
         std::all_of(column.nulls().begin(), column.nulls().end(), within) &&
         std::all_of(column.other_rows().begin(), column.other_rows().end(), within);
}

// Moves a column into place `at` of the rows, which hold NULL there.
absl::Status Unpack(v1::PackedColumn* column, size_t at, std::vector<Row>* rows) {
  const auto place = [&](size_t row) -> Value& { return (*rows)[row].values[at]; };
  size_t row = 0;
  for (const int64_t value : column->integers()) place(row++) = value;
  for (const double value : column->reals()) place(row++) = value;
  for (std::string& value : *column->mutable_texts()) place(row++) = std::move(value);
  for (std::string& value : *column->mutable_blobs()) place(row++) = Blob{std::move(value)};
  for (const uint32_t null : column->nulls()) place(null) = Value();
  for (int i = 0; i < column->others_size(); ++i) {
    auto value = FromProto(column->mutable_others(i));
    if (!value.ok()) return std::move(value).status();
    place(column->other_rows(i)) = *std::move(value);
  }
  return absl::OkStatus();
}

}  // namespace

void ToProto(const Value& value, v1::Value* out) { std::visit(ProtoWriter{out}, value.variant()); }

absl::Status ToNatural(const Value& value, google::protobuf::Value* out) {
  return std::visit(NaturalWriter{out}, value.variant());
}

absl::Status ToNatural(const Object& object, google::protobuf::Struct* out) {
  for (const auto& [name, value] : object) {
    if (!IsValidUtf8(name)) {
      // protobuf would only log, and send what the server cannot read.
      return absl::InvalidArgumentError("the names of columns must be UTF-8");
    }
    if (auto status = ToNatural(value, &(*out->mutable_fields())[name]); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Value> FromProto(v1::Value value) { return FromProto(&value); }

absl::StatusOr<Row> FromProto(v1::Row row, size_t column_count) {
  if (static_cast<size_t>(row.values_size()) != column_count) {
    return Malformed("a row has another number of values than there are columns");
  }
  Row result;
  result.values.reserve(column_count);
  for (v1::Value& cell : *row.mutable_values()) {
    auto value = FromProto(&cell);
    if (!value.ok()) return std::move(value).status();
    result.values.push_back(*std::move(value));
  }
  result.key = std::move(*row.mutable_key());
  result.etag = std::move(*row.mutable_etag());
  return result;
}

std::vector<Column> FromProto(google::protobuf::RepeatedPtrField<v1::Column> columns) {
  std::vector<Column> result;
  result.reserve(static_cast<size_t>(columns.size()));
  for (v1::Column& column : columns) {
    result.push_back(
        {std::move(*column.mutable_name()), std::move(*column.mutable_declared_type())});
  }
  return result;
}

absl::StatusOr<std::vector<Row>> FromProto(google::protobuf::RepeatedPtrField<v1::Row> rows,
                                           size_t column_count) {
  std::vector<Row> result;
  result.reserve(static_cast<size_t>(rows.size()));
  for (v1::Row& message : rows) {
    auto row = FromProto(std::move(message), column_count);
    if (!row.ok()) return std::move(row).status();
    result.push_back(*std::move(row));
  }
  return result;
}

absl::StatusOr<std::vector<Row>> FromProto(v1::PackedRows packed, size_t column_count) {
  const size_t count = packed.row_count();
  if (count == 0) return std::vector<Row>();
  if (count > kPackedRowsMax || count > kPackedValuesMax / std::max<size_t>(column_count, 1)) {
    return Malformed("a message says that it has more rows than it can hold");
  }
  if (static_cast<size_t>(packed.columns_size()) != column_count) {
    return Malformed("there is another number of packed columns than of columns");
  }
  for (const v1::PackedColumn& column : packed.columns()) {
    if (!Fits(column, count)) return Malformed("a packed column does not fit its rows");
  }
  std::vector<Row> rows(count);
  for (Row& row : rows) row.values.resize(column_count);
  for (size_t i = 0; i < column_count; ++i) {
    auto status = Unpack(packed.mutable_columns(static_cast<int>(i)), i, &rows);
    if (!status.ok()) return status;
  }
  if (packed.keys_size() == 0) return rows;
  if (static_cast<size_t>(packed.keys_size()) != count) return Malformed("a row has no key");
  for (size_t i = 0; i < count; ++i) {
    rows[i].key = std::move(*packed.mutable_keys(static_cast<int>(i)));
  }
  return rows;
}

QueryStats FromProto(const v1::QueryStats& stats) {
  return {stats.row_count(), stats.vm_steps(), stats.elapsed_us()};
}

}  // namespace sluice::client
