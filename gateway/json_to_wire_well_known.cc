// The types whose JSON is not that of their fields, read.
#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "gateway/json_to_wire_reader.h"
#include "gateway/scalar_wire.h"
#include "gateway/well_known_text.h"
#include "gateway/wire.h"

namespace sluice::gateway {
namespace {

using google::protobuf::FieldDescriptor;

constexpr int kDepthMax = 100;
// 2^53 − 1: up to here a double is the integer that was written.
constexpr double kSafeIntegerMax = 9007199254740991;

// Fields of google/protobuf/struct.proto and any.proto.
constexpr uint32_t kValueNull = 1;
constexpr uint32_t kValueNumber = 2;
constexpr uint32_t kValueString = 3;
constexpr uint32_t kValueBool = 4;
constexpr uint32_t kValueStruct = 5;
constexpr uint32_t kValueList = 6;
constexpr uint32_t kStructFields = 1;
constexpr uint32_t kListValues = 1;
constexpr uint32_t kMapKey = 1;
constexpr uint32_t kMapValue = 2;
constexpr uint32_t kAnyTypeUrl = 1;
constexpr uint32_t kAnyValue = 2;

}  // namespace

bool JsonToWireReader::ReadWellKnown(const MessageTable& table) {
  value_depth_ = 0;
  switch (table.well_known) {
    case WellKnown::kTimestamp:
      return ReadTextForm(&AppendTimestampText, "a time that is not RFC 3339 or is out of range");
    case WellKnown::kDuration:
      return ReadTextForm(&AppendDurationText, "a duration that is not of the form 1.5s");
    case WellKnown::kFieldMask:
      return ReadTextForm(&AppendFieldMaskText, "a malformed field mask");
    case WellKnown::kStruct:
      return ReadStruct();
    case WellKnown::kValue:
      return ReadValue();
    case WellKnown::kListValue:
      return ReadListValue();
    case WellKnown::kWrapper:
      return ReadSingular(table.fields[0]);
    case WellKnown::kAny:
      return ReadAny();
    case WellKnown::kNone:
      break;
  }
  return Fail("malformed JSON");
}

bool JsonToWireReader::ReadTextForm(bool (*append)(absl::string_view, std::string*),
                                    absl::string_view what) {
  std::string text;
  return ReadText(&text) && (append(text, out_) || Fail(what));
}

bool JsonToWireReader::ReadStruct() {
  if (json_.Peek() != JsonReader::Kind::kObject) return Fail("expected an object");
  if (!json_.Expect('{')) return false;
  if (json_.TryTake('}')) return true;
  if (++depth_ > kDepthMax) return Fail("nested too deeply");
  ++value_depth_;
  Names names;
  std::string name;
  do {
    if (!json_.ReadString(&name) || !json_.Expect(':')) return false;
    if (!names.Add(name)) return Fail("the same name twice"), At(name);
    AppendTag(kStructFields, WireType::kBytes, out_);
    const size_t entry = BeginLength(out_);
    AppendBytesField(kMapKey, name, out_);
    AppendTag(kMapValue, WireType::kBytes, out_);
    const size_t value = BeginLength(out_);
    if (!ReadValue()) return At(name);
    EndLength(value, out_);
    EndLength(entry, out_);
  } while (json_.TryTake(','));
  --depth_;
  --value_depth_;
  return json_.Expect('}');
}

bool JsonToWireReader::ReadListValue() {
  if (json_.Peek() != JsonReader::Kind::kArray) return Fail("expected an array");
  if (!json_.Expect('[')) return false;
  if (json_.TryTake(']')) return true;
  if (++depth_ > kDepthMax) return Fail("nested too deeply");
  ++value_depth_;
  size_t index = 0;
  do {
    AppendTag(kListValues, WireType::kBytes, out_);
    const size_t value = BeginLength(out_);
    if (!ReadValue()) return At(absl::StrCat("[", index, "]"));
    EndLength(value, out_);
    ++index;
  } while (json_.TryTake(','));
  --depth_;
  --value_depth_;
  return json_.Expect(']');
}

bool JsonToWireReader::ReadValue() {
  switch (json_.Peek()) {
    case JsonReader::Kind::kNull:
      AppendTag(kValueNull, WireType::kVarint, out_);
      AppendVarint(0, out_);
      return json_.ReadNull();
    case JsonReader::Kind::kTrue:
    case JsonReader::Kind::kFalse:
      AppendTag(kValueBool, WireType::kVarint, out_);
      return ReadBool();
    case JsonReader::Kind::kNumber:
      return ReadValueNumber();
    case JsonReader::Kind::kString: {
      std::string text;
      if (!json_.ReadString(&text)) return false;
      AppendBytesField(kValueString, text, out_);
      return true;
    }
    case JsonReader::Kind::kObject:
    case JsonReader::Kind::kArray: {
      const bool object = json_.Peek() == JsonReader::Kind::kObject;
      AppendTag(object ? kValueStruct : kValueList, WireType::kBytes, out_);
      const size_t length = BeginLength(out_);
      if (!(object ? ReadStruct() : ReadListValue())) return false;
      EndLength(length, out_);
      return true;
    }
    case JsonReader::Kind::kOther:
      break;
  }
  return Fail("malformed JSON");
}

bool JsonToWireReader::ReadValueNumber() {
  absl::string_view number;
  if (!json_.ReadNumber(&number)) return false;
  std::string plain;
  AppendTag(kValueNumber, WireType::kFixed64, &plain);
  if (!AppendNumberText(FieldDescriptor::TYPE_DOUBLE, number, &plain)) {
    return Fail("a number out of range");
  }
  double value = 0;
  int64_t integer = 0;
  const bool tags = options_.exact_numbers && value_depth_ <= 1 && absl::SimpleAtod(number, &value);
  if (tags && number.find_first_of(".eE") != absl::string_view::npos) {
    if (std::trunc(value) == value) {
      AppendTagged("$real", plain);
      return true;
    }
  } else if (tags && std::fabs(value) > kSafeIntegerMax && absl::SimpleAtoi(number, &integer)) {
    std::string text;
    AppendBytesField(kValueString, number, &text);
    AppendTagged("$integer", text);
    return true;
  }
  *out_ += plain;
  return true;
}

void JsonToWireReader::AppendTagged(absl::string_view tag, absl::string_view value) {
  std::string entry;
  AppendBytesField(kMapKey, tag, &entry);
  AppendBytesField(kMapValue, value, &entry);
  std::string fields;
  AppendBytesField(kStructFields, entry, &fields);
  AppendBytesField(kValueStruct, fields, out_);
}

bool JsonToWireReader::FindAnyType(std::string* type_url) {
  JsonReader ahead = json_;
  bool found = false;
  std::string name;
  if (!ahead.Expect('{')) return Fail("expected an object");
  if (ahead.TryTake('}')) return true;
  do {
    if (!ahead.ReadString(&name) || !ahead.Expect(':')) return Fail("malformed JSON");
    if (name != "@type") {
      if (!ahead.SkipValue(kDepthMax - depth_)) return Fail("malformed JSON");
      continue;
    }
    if (found) return Fail("@type twice");
    found = true;
    if (ahead.Peek() != JsonReader::Kind::kString || !ahead.ReadString(type_url)) {
      return Fail("@type must be a string");
    }
  } while (ahead.TryTake(','));
  return ahead.Expect('}') && found ? true : Fail("an object without @type");
}

bool JsonToWireReader::ReadAnyValue(const MessageTable& inner) {
  if (inner.well_known == WellKnown::kNone) return ReadFields(inner, /*skip_type=*/true);
  if (!json_.Expect('{')) return false;
  std::string name;
  bool found = false;
  do {
    if (!json_.ReadString(&name) || !json_.Expect(':')) return false;
    if (name == "@type") {
      if (!json_.SkipValue(1)) return false;
    } else if (name == "value" && !found) {
      found = true;
      if (!ReadMessage(inner)) return At(name);
    } else {
      return Fail("unknown field, or value twice"), At(name);
    }
  } while (json_.TryTake(','));
  return found ? json_.Expect('}') : Fail("an object without value");
}

bool JsonToWireReader::ReadAny() {
  std::string type_url;
  if (json_.Peek() != JsonReader::Kind::kObject) return Fail("expected an object");
  if (!FindAnyType(&type_url)) return false;
  if (type_url.empty()) return json_.SkipValue(1);
  const MessageTable* inner = tables_->ForTypeUrl(type_url);
  if (inner == nullptr) return Fail("unknown @type");
  AppendBytesField(kAnyTypeUrl, type_url, out_);
  AppendTag(kAnyValue, WireType::kBytes, out_);
  const size_t length = BeginLength(out_);
  if (!ReadAnyValue(*inner)) return false;
  EndLength(length, out_);
  return true;
}

}  // namespace sluice::gateway
