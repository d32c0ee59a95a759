// What the JSON reader and writer need of a message type, flat and looked up without reflection:
// built once per type from its descriptor.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

#include "server/base/mutex.h"

namespace sluice::gateway {

struct MessageTable;

// Types whose JSON is not that of their fields.
enum class WellKnown : uint8_t {
  kNone,
  kTimestamp,
  kDuration,
  kFieldMask,
  kStruct,
  kValue,
  kListValue,
  kWrapper,
  kAny,
};

struct EnumTable {
  // google.protobuf.NullValue: `null` in JSON.
  bool is_null_value = false;
  absl::flat_hash_map<int32_t, std::string> quoted_names;
  absl::flat_hash_map<std::string, int32_t> numbers;
};

struct FieldEntry {
  enum class Shape : uint8_t { kSingular, kRepeated, kMap };

  const google::protobuf::FieldDescriptor* descriptor = nullptr;
  uint32_t number = 0;
  google::protobuf::FieldDescriptor::Type type = google::protobuf::FieldDescriptor::TYPE_INT32;
  Shape shape = Shape::kSingular;
  bool packed = false;
  // Left out when it is not set: a member of a oneof (`optional` included).
  bool omitted_when_unset = false;
  // Index of the oneof it belongs to; -1 outside, and for `optional`.
  int oneof = -1;
  // Place among the message's fields in their order of declaration.
  uint32_t index = 0;
  // `,"name":`; without its comma for the first field of an object.
  std::string key;
  // What stands after the key when the field is not set.
  std::string unset;
  // For messages, groups and maps (their entry).
  const MessageTable* message = nullptr;
  const EnumTable* enumeration = nullptr;
};

struct MessageTable {
  const google::protobuf::Descriptor* descriptor = nullptr;
  WellKnown well_known = WellKnown::kNone;
  // In the order of declaration.
  std::vector<FieldEntry> fields;

  const FieldEntry* ByNumber(uint32_t number) const {
    if (number < dense_.size()) return dense_[number];
    const auto found = sparse_.find(number);
    return found == sparse_.end() ? nullptr : found->second;
  }
  // By JSON name, lowerCamelCase name or the proto file's name.
  const FieldEntry* ByName(absl::string_view name) const {
    const auto found = names_.find(name);
    return found == names_.end() ? nullptr : found->second;
  }

 private:
  friend class FieldTables;
  std::vector<const FieldEntry*> dense_;
  absl::flat_hash_map<uint32_t, const FieldEntry*> sparse_;
  absl::flat_hash_map<std::string, const FieldEntry*> names_;
};

// Makes tables and keeps them. Thread-safe; tables are immutable and live as long as this object,
// which must not outlive the descriptors.
class FieldTables {
 public:
  explicit FieldTables(const google::protobuf::DescriptorPool* pool) : pool_(pool) {}
  FieldTables(const FieldTables&) = delete;
  FieldTables& operator=(const FieldTables&) = delete;

  const MessageTable* For(const google::protobuf::Descriptor* descriptor);
  // The table of what a google.protobuf.Any says it holds (`type.googleapis.com/pkg.Message`); from
  // the pool, else from the types compiled in. Null when neither knows it.
  const MessageTable* ForTypeUrl(absl::string_view type_url);

 private:
  const MessageTable* Make(const google::protobuf::Descriptor* descriptor)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  const EnumTable* MakeEnum(const google::protobuf::EnumDescriptor* descriptor)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FillField(const google::protobuf::FieldDescriptor* field, FieldEntry* entry)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const google::protobuf::DescriptorPool* const pool_;
  Mutex mutex_;
  absl::flat_hash_map<const google::protobuf::Descriptor*, std::unique_ptr<MessageTable>> messages_
      ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<const google::protobuf::EnumDescriptor*, std::unique_ptr<EnumTable>> enums_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::gateway
