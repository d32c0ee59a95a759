#include "server/wire/values.h"

#include <cmath>
#include <limits>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/wire/utf8.h"

namespace sluice::wire {
namespace {

using sqlite::ValueView;
constexpr double kSafeIntegerMax = 9007199254740991;  // 2^53 − 1
constexpr char kForms[] =
    "must be null, a number, a text, a boolean or one of {\"$base64\":true,\"encoded\":…}, "
    "{\"$integer\":\"…\"}, {\"$real\":…}, {\"$text\":\"…\"}, {\"$raw_text\":\"…\"}";

using JsonValue = google::protobuf::Value;

bool IsInfinity(absl::string_view text) { return text == "Infinity" || text == "-Infinity"; }

ValueView Infinity(absl::string_view text) {
  const double infinity = std::numeric_limits<double>::infinity();
  return ValueView::Real(text[0] == '-' ? -infinity : infinity);
}

absl::StatusOr<ValueView> ParseNumber(double number, absl::string_view field) {
  if (std::isnan(number)) return BadField(field, "NaN is not a value");
  if (std::trunc(number) != number) return ValueView::Real(number);
  if (std::fabs(number) <= kSafeIntegerMax) return ValueView::Integer(static_cast<int64_t>(number));
  return BadField(field,
                  "a JSON number beyond ±(2^53−1) is not exact: use {\"$integer\":\"…\"} or "
                  "{\"$real\":…}");
}

absl::StatusOr<ValueView> ParseReal(const JsonValue& real, absl::string_view field) {
  if (real.kind_case() == JsonValue::kNumberValue && !std::isnan(real.number_value())) {
    return ValueView::Real(real.number_value());
  }
  if (real.kind_case() == JsonValue::kStringValue && IsInfinity(real.string_value())) {
    return Infinity(real.string_value());
  }
  return BadField(field, "$real must be a number, \"Infinity\" or \"-Infinity\"");
}

}  // namespace

absl::StatusOr<ValueView> ParseValue(const v1::Value& value, absl::string_view field) {
  switch (value.kind_case()) {
    case v1::Value::kNull:
      return ValueView::Null();
    case v1::Value::kInteger:
      return ValueView::Integer(value.integer());
    case v1::Value::kReal:
      if (std::isnan(value.real())) return BadField(field, "NaN is not a value");
      return ValueView::Real(value.real());
    case v1::Value::kText:
      return ValueView::Text(value.text());
    case v1::Value::kBlob:
      return ValueView::Blob(value.blob());
    case v1::Value::kRawText:
      return ValueView::Text(value.raw_text());
    case v1::Value::KIND_NOT_SET:
      break;
  }
  return BadField(field, "has no kind; SQL NULL is {\"null\":null}");
}

void FillValue(const ValueView& value, v1::Value* message) {
  const std::string bytes(value.bytes);
  switch (value.type) {
    case sqlite::StorageClass::kNull:
      return message->set_null(google::protobuf::NULL_VALUE);
    case sqlite::StorageClass::kInteger:
      return message->set_integer(value.integer);
    case sqlite::StorageClass::kReal:
      return message->set_real(value.real);
    case sqlite::StorageClass::kText:
      return IsValidUtf8(bytes) ? message->set_text(bytes) : message->set_raw_text(bytes);
    case sqlite::StorageClass::kBlob:
      return message->set_blob(bytes);
  }
}

absl::StatusOr<ValueView> NaturalValues::Parse(const JsonValue& value, absl::string_view field) {
  switch (value.kind_case()) {
    case JsonValue::kNullValue:
      return ValueView::Null();
    case JsonValue::kNumberValue:
      return ParseNumber(value.number_value(), field);
    case JsonValue::kBoolValue:
      return ValueView::Integer(value.bool_value() ? 1 : 0);
    case JsonValue::kStringValue:
      if (IsInfinity(value.string_value())) return Infinity(value.string_value());
      return ValueView::Text(value.string_value());
    case JsonValue::kStructValue:
      return ParseTagged(value.struct_value(), field);
    default:
      return BadField(field, kForms);
  }
}

absl::StatusOr<ValueView> NaturalValues::ParseTagged(const google::protobuf::Struct& tagged,
                                                     absl::string_view field) {
  const auto& fields = tagged.fields();
  const auto base64 = fields.find("$base64");
  const auto encoded = fields.find("encoded");
  if (fields.size() == 2 && base64 != fields.end() && base64->second.bool_value() &&
      encoded != fields.end()) {
    return ParseBase64(encoded->second, /*text=*/false, field);
  }
  if (fields.size() != 1) return BadField(field, kForms);
  const auto& [tag, value] = *fields.begin();
  if (tag == "$real") return ParseReal(value, field);
  if (tag == "$raw_text") return ParseBase64(value, /*text=*/true, field);
  if (tag == "$text" && value.kind_case() == JsonValue::kStringValue) {
    return ValueView::Text(value.string_value());
  }
  int64_t integer = 0;
  if (tag == "$integer" && absl::SimpleAtoi(value.string_value(), &integer)) {
    return ValueView::Integer(integer);
  }
  return BadField(field, kForms);
}

absl::StatusOr<ValueView> NaturalValues::ParseBase64(const JsonValue& encoded, bool text,
                                                     absl::string_view field) {
  std::string& bytes = decoded_.emplace_back();
  if (encoded.kind_case() != JsonValue::kStringValue ||
      !absl::Base64Unescape(encoded.string_value(), &bytes)) {
    return BadField(field, "is not base64");
  }
  return text ? ValueView::Text(bytes) : ValueView::Blob(bytes);
}

}  // namespace sluice::wire
