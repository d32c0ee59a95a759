#include "gateway/field_table.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "gateway/json_writer.h"
#include "server/base/check.h"

namespace sluice::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

// Field numbers below this are looked up in an array.
constexpr int kDenseNumbers = 128;

WellKnown WellKnownOf(const std::string& name) {
  struct Named {
    absl::string_view name;
    WellKnown kind;
  };
  static constexpr Named kNamed[] = {
      {"google.protobuf.Timestamp", WellKnown::kTimestamp},
      {"google.protobuf.Duration", WellKnown::kDuration},
      {"google.protobuf.FieldMask", WellKnown::kFieldMask},
      {"google.protobuf.Struct", WellKnown::kStruct},
      {"google.protobuf.Value", WellKnown::kValue},
      {"google.protobuf.ListValue", WellKnown::kListValue},
      {"google.protobuf.DoubleValue", WellKnown::kWrapper},
      {"google.protobuf.FloatValue", WellKnown::kWrapper},
      {"google.protobuf.Int64Value", WellKnown::kWrapper},
      {"google.protobuf.UInt64Value", WellKnown::kWrapper},
      {"google.protobuf.Int32Value", WellKnown::kWrapper},
      {"google.protobuf.UInt32Value", WellKnown::kWrapper},
      {"google.protobuf.BoolValue", WellKnown::kWrapper},
      {"google.protobuf.StringValue", WellKnown::kWrapper},
      {"google.protobuf.BytesValue", WellKnown::kWrapper},
      {"google.protobuf.Any", WellKnown::kAny},
  };
  for (const Named& named : kNamed) {
    if (named.name == name) return named.kind;
  }
  return WellKnown::kNone;
}

std::string Quoted(absl::string_view text) {
  std::string quoted;
  AppendJsonString(text, &quoted);
  return quoted;
}

// What protojson's EmitUnpopulated writes for a field that is not set.
std::string UnsetJson(const FieldDescriptor* field) {
  if (field->is_map()) return "{}";
  if (field->is_repeated()) return "[]";
  std::string json;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return "null";
    case FieldDescriptor::CPPTYPE_BOOL:
      return field->default_value_bool() ? "true" : "false";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(field->default_value_int32());
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(field->default_value_uint32());
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat("\"", field->default_value_int64(), "\"");
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat("\"", field->default_value_uint64(), "\"");
    case FieldDescriptor::CPPTYPE_DOUBLE:
      AppendDouble(field->default_value_double(), &json);
      return json;
    case FieldDescriptor::CPPTYPE_FLOAT:
      AppendFloat(field->default_value_float(), &json);
      return json;
    case FieldDescriptor::CPPTYPE_ENUM:
      return field->enum_type()->full_name() == "google.protobuf.NullValue"
                 ? "null"
                 : Quoted(field->default_value_enum()->name());
    case FieldDescriptor::CPPTYPE_STRING:
      if (field->type() == FieldDescriptor::TYPE_BYTES) {
        AppendBase64(field->default_value_string(), &json);
        return json;
      }
      return Quoted(field->default_value_string());
  }
  CHECK(false);
}

}  // namespace

const MessageTable* FieldTables::For(const Descriptor* descriptor) {
  MutexLock lock(&mutex_);
  return Make(descriptor);
}

const MessageTable* FieldTables::ForTypeUrl(absl::string_view type_url) {
  const size_t slash = type_url.rfind('/');
  if (slash == absl::string_view::npos) return nullptr;
  const std::string name(type_url.substr(slash + 1));
  const Descriptor* descriptor = pool_->FindMessageTypeByName(name);
  if (descriptor == nullptr) {
    descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(name);
  }
  return descriptor == nullptr ? nullptr : For(descriptor);
}

const MessageTable* FieldTables::Make(const Descriptor* descriptor) {
  std::unique_ptr<MessageTable>& slot = messages_[descriptor];
  if (slot != nullptr) return slot.get();
  // In its slot before its fields: types may hold themselves.
  slot = std::make_unique<MessageTable>();
  MessageTable* table = slot.get();
  table->descriptor = descriptor;
  table->well_known = WellKnownOf(descriptor->full_name());
  table->fields.resize(static_cast<size_t>(descriptor->field_count()));
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    FieldEntry* entry = &table->fields[static_cast<size_t>(i)];
    entry->index = static_cast<uint32_t>(i);
    FillField(field, entry);
    if (field->number() < kDenseNumbers) {
      const auto number = static_cast<size_t>(field->number());
      if (table->dense_.size() <= number) table->dense_.resize(number + 1);
      table->dense_[number] = entry;
    } else {
      table->sparse_[entry->number] = entry;
    }
    table->names_[field->name()] = entry;
    table->names_[field->camelcase_name()] = entry;
    table->names_[field->json_name()] = entry;
  }
  return table;
}

void FieldTables::FillField(const FieldDescriptor* field, FieldEntry* entry) {
  entry->descriptor = field;
  entry->number = static_cast<uint32_t>(field->number());
  entry->type = field->type();
  if (field->is_map()) {
    entry->shape = FieldEntry::Shape::kMap;
  } else if (field->is_repeated()) {
    entry->shape = FieldEntry::Shape::kRepeated;
  }
  entry->packed = field->is_packed();
  entry->omitted_when_unset =
      field->containing_oneof() != nullptr ||
      (field->has_presence() && field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE);
  if (field->real_containing_oneof() != nullptr) entry->oneof = field->containing_oneof()->index();
  entry->key = absl::StrCat(",", Quoted(field->json_name()), ":");
  entry->unset = UnsetJson(field);
  if (field->message_type() != nullptr) entry->message = Make(field->message_type());
  if (field->enum_type() != nullptr) entry->enumeration = MakeEnum(field->enum_type());
}

const EnumTable* FieldTables::MakeEnum(const EnumDescriptor* descriptor) {
  std::unique_ptr<EnumTable>& slot = enums_[descriptor];
  if (slot != nullptr) return slot.get();
  slot = std::make_unique<EnumTable>();
  slot->is_null_value = descriptor->full_name() == "google.protobuf.NullValue";
  for (int i = 0; i < descriptor->value_count(); ++i) {
    const auto* value = descriptor->value(i);
    slot->quoted_names.emplace(value->number(), Quoted(value->name()));
    slot->numbers[value->name()] = value->number();
  }
  return slot.get();
}

}  // namespace sluice::gateway
