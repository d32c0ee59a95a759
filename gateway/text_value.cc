#include "gateway/text_value.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "gateway/scalar_wire.h"
#include "gateway/utf8.h"
#include "gateway/well_known_text.h"
#include "gateway/wire.h"

namespace sluice::gateway {
namespace {

using google::protobuf::FieldDescriptor;

bool AppendBoolText(absl::string_view text, std::string* out) {
  for (const absl::string_view word : {"1", "t", "T", "TRUE", "true", "True"}) {
    if (text == word) return AppendVarint(1, out), true;
  }
  for (const absl::string_view word : {"0", "f", "F", "FALSE", "false", "False"}) {
    if (text == word) return AppendVarint(0, out), true;
  }
  return false;
}

// In URLs a number may have a plus sign and leading zeros.
std::string JsonNumberSpelling(absl::string_view text) {
  const bool negative = absl::StartsWith(text, "-");
  if (negative || absl::StartsWith(text, "+")) text.remove_prefix(1);
  while (text.size() > 1 && text[0] == '0' &&
         absl::ascii_isdigit(static_cast<unsigned char>(text[1]))) {
    text.remove_prefix(1);
  }
  return absl::StrCat(negative ? "-" : "", text);
}

absl::string_view SpecialSpelling(absl::string_view text) {
  if (absl::EqualsIgnoreCase(text, "nan")) return "NaN";
  const bool negative = absl::StartsWith(text, "-");
  if (negative || absl::StartsWith(text, "+")) text.remove_prefix(1);
  if (!absl::EqualsIgnoreCase(text, "inf") && !absl::EqualsIgnoreCase(text, "infinity")) return "";
  return negative ? "-Infinity" : "Infinity";
}

bool AppendScalarText(const FieldEntry& field, absl::string_view text, std::string* out) {
  switch (field.type) {
    case FieldDescriptor::TYPE_BOOL:
      return AppendBoolText(text, out);
    case FieldDescriptor::TYPE_ENUM:
      return AppendEnumName(*field.enumeration, text, out) ||
             (field.enumeration->is_null_value && text == "null" && (AppendVarint(0, out), true)) ||
             AppendNumberText(field.type, JsonNumberSpelling(text), out);
    case FieldDescriptor::TYPE_STRING:
      if (!IsUtf8(text)) return false;
      AppendVarint(text.size(), out);
      out->append(text.data(), text.size());
      return true;
    case FieldDescriptor::TYPE_BYTES: {
      const size_t length = BeginLength(out);
      if (!AppendBase64Decoded(text, out)) return false;
      EndLength(length, out);
      return true;
    }
    case FieldDescriptor::TYPE_MESSAGE:
    case FieldDescriptor::TYPE_GROUP:
      return false;
    default:
      return AppendNumberText(field.type, JsonNumberSpelling(text), out) ||
             AppendSpecialNumber(field.type, SpecialSpelling(text), out);
  }
}

// The content of a message that a text stands for.
absl::Status AppendMessageText(FieldTables* tables, const MessageTable& table,
                               absl::string_view text, const JsonParseOptions& json,
                               std::string* out) {
  bool ok = false;
  switch (table.well_known) {
    case WellKnown::kTimestamp:
      ok = AppendTimestampText(text, out);
      break;
    case WellKnown::kDuration:
      ok = AppendDurationText(text, out);
      break;
    case WellKnown::kFieldMask:
      ok = AppendFieldMaskText(text, out);
      break;
    case WellKnown::kWrapper:
      return AppendTextField(tables, table.fields[0], text, json, out);
    case WellKnown::kStruct:
    case WellKnown::kValue:
    case WellKnown::kListValue:
      return JsonToWire(tables, table, text, json, out);
    case WellKnown::kAny:
    case WellKnown::kNone:
      return absl::InvalidArgumentError("a message has no text form");
  }
  return ok ? absl::OkStatus() : absl::InvalidArgumentError("malformed value");
}

}  // namespace

absl::Status AppendTextField(FieldTables* tables, const FieldEntry& field, absl::string_view text,
                             const JsonParseOptions& json, std::string* out) {
  AppendTag(field.number, WireTypeOf(field.type), out);
  if (field.message == nullptr) {
    return AppendScalarText(field, text, out) ? absl::OkStatus()
                                              : absl::InvalidArgumentError("malformed value");
  }
  const size_t length = BeginLength(out);
  if (const absl::Status status = AppendMessageText(tables, *field.message, text, json, out);
      !status.ok()) {
    return status;
  }
  EndLength(length, out);
  return absl::OkStatus();
}

bool AppendTextMapKey(const FieldEntry& key, absl::string_view text, std::string* out) {
  AppendTag(key.number, WireTypeOf(key.type), out);
  return AppendScalarText(key, text, out);
}

void AppendNested(const FieldPath& path, std::string field, std::string* out) {
  for (size_t i = path.size() - 1; i > 0; --i) {
    std::string outer;
    AppendBytesField(path[i - 1]->number, field, &outer);
    field = std::move(outer);
  }
  *out += field;
}

}  // namespace sluice::gateway
