#include "gateway/json_to_wire.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "gateway/json_to_wire_reader.h"
#include "gateway/scalar_wire.h"
#include "gateway/wire.h"
#include "server/base/error.h"

namespace sluice::gateway {
namespace {

using google::protobuf::FieldDescriptor;

constexpr int kDepthMax = 100;
// Names of one object that are compared one by one, before a set is worth it.
constexpr size_t kFewNames = 12;

bool CanPack(FieldDescriptor::Type type) { return WireTypeOf(type) != WireType::kBytes; }

}  // namespace

bool JsonToWireReader::Names::Add(const std::string& name) {
  if (many_.empty()) {
    if (std::find(few_.begin(), few_.end(), name) != few_.end()) return false;
    few_.push_back(name);
    if (few_.size() > kFewNames) many_.insert(few_.begin(), few_.end());
    return true;
  }
  return many_.insert(name).second;
}

bool JsonToWireReader::At(absl::string_view step) {
  const bool joins = path_.empty() || path_.front() == '[';
  path_ = absl::StrCat(step, joins ? "" : ".", path_);
  return false;
}

absl::Status JsonToWireReader::Error() const {
  absl::Status error = sluice::Error(
      absl::StatusCode::kInvalidArgument, reason::kBadRequest,
      absl::StrCat("malformed request: ", path_, path_.empty() ? "" : ": ", json_.error()));
  return path_.empty() ? error : WithField(std::move(error), path_, json_.error());
}

bool JsonToWireReader::ReadMessage(const MessageTable& table) {
  if (++depth_ > kDepthMax) return Fail("nested too deeply");
  const bool ok = table.well_known == WellKnown::kNone ? ReadFields(table, /*skip_type=*/false)
                                                       : ReadWellKnown(table);
  --depth_;
  return ok;
}

bool JsonToWireReader::ReadFields(const MessageTable& table, bool skip_type) {
  if (json_.Peek() != JsonReader::Kind::kObject) return Fail("expected an object");
  if (!json_.Expect('{')) return false;
  if (json_.TryTake('}')) return true;
  Seen seen;
  seen.fields.resize(table.fields.size());
  Names unknown;
  std::string name;
  do {
    if (!json_.ReadString(&name) || !json_.Expect(':')) return false;
    if (skip_type && name == "@type") {
      if (!json_.SkipValue(kDepthMax)) return false;
      continue;
    }
    if (table.ByName(name) != nullptr) {
      if (!ReadMember(table, name, &seen)) return false;
      continue;
    }
    if (!options_.ignore_unknown_fields) return Fail("unknown field"), At(name);
    if (!unknown.Add(name)) return Fail("the same name twice"), At(name);
    if (!json_.SkipValue(kDepthMax - depth_)) return At(name);
  } while (json_.TryTake(','));
  return json_.Expect('}');
}

bool JsonToWireReader::TakesNull(const FieldEntry& field) {
  if (field.shape != FieldEntry::Shape::kSingular) return false;
  if (field.message != nullptr) return field.message->well_known == WellKnown::kValue;
  return field.enumeration != nullptr && field.enumeration->is_null_value;
}

bool JsonToWireReader::MarkSeen(const FieldEntry& field, bool null, Seen* seen) {
  if (seen->fields[field.index]) return Fail("the same field twice");
  seen->fields[field.index] = true;
  if (field.oneof < 0 || null) return true;
  const auto oneof = static_cast<size_t>(field.oneof);
  if (seen->oneofs.size() <= oneof) seen->oneofs.resize(oneof + 1);
  if (seen->oneofs[oneof]) {
    return Fail(absl::StrCat("another member of the oneof ",
                             field.descriptor->containing_oneof()->name(), " is set already"));
  }
  seen->oneofs[oneof] = true;
  return true;
}

bool JsonToWireReader::ReadMember(const MessageTable& table, const std::string& name, Seen* seen) {
  const FieldEntry& field = *table.ByName(name);
  const bool unset = json_.Peek() == JsonReader::Kind::kNull && !TakesNull(field);
  if (!MarkSeen(field, unset, seen)) return At(name);
  const bool ok = unset ? json_.ReadNull() : ReadField(field);
  return ok || At(name);
}

bool JsonToWireReader::ReadField(const FieldEntry& field) {
  switch (field.shape) {
    case FieldEntry::Shape::kSingular:
      return ReadSingular(field);
    case FieldEntry::Shape::kRepeated:
      return ReadRepeated(field);
    case FieldEntry::Shape::kMap:
      return ReadMap(field);
  }
  return false;
}

bool JsonToWireReader::ReadSingular(const FieldEntry& field) {
  AppendTag(field.number, WireTypeOf(field.type), out_);
  return ReadScalar(field);
}

bool JsonToWireReader::ReadRepeated(const FieldEntry& field) {
  if (json_.Peek() != JsonReader::Kind::kArray) return Fail("expected an array");
  if (!json_.Expect('[')) return false;
  if (json_.TryTake(']')) return true;
  const bool packed = field.packed && CanPack(field.type);
  size_t length = 0;
  if (packed) {
    AppendTag(field.number, WireType::kBytes, out_);
    length = BeginLength(out_);
  }
  if (!ReadElements(field, packed)) return false;
  if (packed) EndLength(length, out_);
  return json_.Expect(']');
}

bool JsonToWireReader::ReadElements(const FieldEntry& field, bool packed) {
  size_t index = 0;
  do {
    if (!packed) AppendTag(field.number, WireTypeOf(field.type), out_);
    if (!ReadScalar(field)) return At(absl::StrCat("[", index, "]"));
    ++index;
  } while (json_.TryTake(','));
  return true;
}

bool JsonToWireReader::ReadMap(const FieldEntry& field) {
  if (json_.Peek() != JsonReader::Kind::kObject) return Fail("expected an object");
  if (!json_.Expect('{')) return false;
  if (json_.TryTake('}')) return true;
  const FieldEntry& key = field.message->fields[0];
  const FieldEntry& value = field.message->fields[1];
  Names names;
  std::string name;
  do {
    if (!json_.ReadString(&name) || !json_.Expect(':')) return false;
    const std::string step = absl::StrCat("[\"", name, "\"]");
    if (!names.Add(name)) return Fail("the same key twice"), At(step);
    AppendTag(field.number, WireType::kBytes, out_);
    const size_t length = BeginLength(out_);
    if (!ReadMapKey(key, name) || !ReadSingular(value)) return At(step);
    EndLength(length, out_);
  } while (json_.TryTake(','));
  return json_.Expect('}');
}

bool JsonToWireReader::ReadMapKey(const FieldEntry& key, const std::string& text) {
  if (key.type == FieldDescriptor::TYPE_STRING) {
    AppendBytesField(key.number, text, out_);
    return true;
  }
  AppendTag(key.number, WireTypeOf(key.type), out_);
  if (key.type == FieldDescriptor::TYPE_BOOL) {
    if (text != "true" && text != "false") return Fail("a key that is neither true nor false");
    AppendVarint(text == "true" ? 1 : 0, out_);
    return true;
  }
  return AppendNumberText(key.type, text, out_) || Fail("a key that is no number of its type");
}

bool JsonToWireReader::ReadText(std::string* text) {
  if (json_.Peek() != JsonReader::Kind::kString) return Fail("expected a string");
  return json_.ReadString(text);
}

bool JsonToWireReader::ReadNumber(const FieldEntry& field) {
  if (json_.Peek() == JsonReader::Kind::kNumber) {
    absl::string_view number;
    return json_.ReadNumber(&number) && (AppendNumberText(field.type, number, out_) ||
                                         Fail("a number that the field's type does not have"));
  }
  if (json_.Peek() != JsonReader::Kind::kString) return Fail("expected a number");
  std::string text;
  if (!json_.ReadString(&text)) return false;
  return AppendNumberText(field.type, text, out_) || AppendSpecialNumber(field.type, text, out_) ||
         Fail("a string that is no number of the field's type");
}

bool JsonToWireReader::ReadBool() {
  const JsonReader::Kind kind = json_.Peek();
  if (kind == JsonReader::Kind::kTrue && json_.ReadTrue()) {
    AppendVarint(1, out_);
    return true;
  }
  if (kind == JsonReader::Kind::kFalse && json_.ReadFalse()) {
    AppendVarint(0, out_);
    return true;
  }
  return Fail("expected true or false");
}

bool JsonToWireReader::ReadEnum(const FieldEntry& field) {
  switch (json_.Peek()) {
    case JsonReader::Kind::kNull:
      if (!field.enumeration->is_null_value) return Fail("expected an enum value");
      AppendVarint(0, out_);
      return json_.ReadNull();
    case JsonReader::Kind::kNumber: {
      absl::string_view number;
      return json_.ReadNumber(&number) &&
             (AppendNumberText(field.type, number, out_) || Fail("a number that no enum has"));
    }
    case JsonReader::Kind::kString: {
      std::string name;
      return json_.ReadString(&name) &&
             (AppendEnumName(*field.enumeration, name, out_) || Fail("unknown enum value"));
    }
    default:
      return Fail("expected an enum value");
  }
}

bool JsonToWireReader::ReadNested(const MessageTable& table) {
  const size_t length = BeginLength(out_);
  if (!ReadMessage(table)) return false;
  EndLength(length, out_);
  return true;
}

bool JsonToWireReader::ReadScalar(const FieldEntry& field) {
  switch (field.type) {
    case FieldDescriptor::TYPE_BOOL:
      return ReadBool();
    case FieldDescriptor::TYPE_ENUM:
      return ReadEnum(field);
    case FieldDescriptor::TYPE_MESSAGE:
      return ReadNested(*field.message);
    case FieldDescriptor::TYPE_GROUP:
      return Fail("a group has no JSON");
    case FieldDescriptor::TYPE_STRING:
    case FieldDescriptor::TYPE_BYTES: {
      std::string text;
      if (!ReadText(&text)) return false;
      const size_t length = BeginLength(out_);
      if (field.type == FieldDescriptor::TYPE_STRING) {
        *out_ += text;
      } else if (!AppendBase64Decoded(text, out_)) {
        return Fail("malformed base64");
      }
      EndLength(length, out_);
      return true;
    }
    default:
      return ReadNumber(field);
  }
}

absl::Status JsonToWire(FieldTables* tables, const MessageTable& table, absl::string_view json,
                        const JsonParseOptions& options, std::string* out) {
  JsonToWireReader reader(tables, json, options, out);
  return reader.ReadMessage(table) && reader.ReadEnd() ? absl::OkStatus() : reader.Error();
}

absl::Status JsonFieldToWire(FieldTables* tables, const FieldEntry& field, absl::string_view json,
                             const JsonParseOptions& options, std::string* out) {
  JsonToWireReader reader(tables, json, options, out);
  return reader.ReadField(field) && reader.ReadEnd() ? absl::OkStatus() : reader.Error();
}

}  // namespace sluice::gateway
