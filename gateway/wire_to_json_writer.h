// The recursion behind gateway/wire_to_json.h; nothing else includes this.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "gateway/field_table.h"
#include "gateway/wire.h"

namespace sluice::gateway {

// Every method appends to the buffer and returns false after Fail.
class WireToJsonWriter {
 public:
  WireToJsonWriter(FieldTables* tables, std::string* out) : tables_(tables), out_(out) {}

  bool WriteMessage(const MessageTable& table, absl::string_view wire);
  bool WriteOneField(const MessageTable& table, const FieldEntry& field, absl::string_view wire);
  const std::string& error() const { return error_; }

 private:
  // One appearance of a field on the wire.
  struct Occurrence {
    const FieldEntry* field = nullptr;
    WireType type = WireType::kVarint;
    // The value, with its length where it has one.
    absl::string_view value;
    // Replaced by a later member of its oneof.
    bool dead = false;
  };
  using Occurrences = std::vector<Occurrence>;

  bool Fail(absl::string_view what);
  bool FailField(const FieldEntry& field, absl::string_view what);

  bool WriteFields(const MessageTable& table, absl::string_view wire, bool* first);
  // `*in_order` turns false, with nothing lost, when the message needs the other way.
  bool WriteInOrder(const MessageTable& table, absl::string_view wire, bool* first, bool* in_order);
  bool WriteInAnyOrder(const MessageTable& table, absl::string_view wire, bool* first);
  bool WriteOccurrences(const FieldEntry& field, const Occurrence* begin, const Occurrence* end);
  bool Collect(const MessageTable& table, absl::string_view wire, Occurrences* occurrences);
  void WriteKey(const FieldEntry& field, bool* first);
  void WriteUnset(const MessageTable& table, size_t begin, size_t end, bool* first);

  bool WriteScalar(const FieldEntry& field, WireReader* reader);
  bool WriteEnum(const FieldEntry& field, uint64_t value);
  bool WritePacked(const FieldEntry& field, absl::string_view bytes, bool* first_element);
  bool WriteElement(const FieldEntry& field, WireType type, WireReader* reader,
                    bool* first_element);
  bool WriteRun(const FieldEntry& field, WireType type, WireReader* reader);

  struct MapItem {
    std::string quoted_key;
    std::string text_key;
    int64_t integer_key = 0;
    uint64_t unsigned_key = 0;
    bool has_value = false;
    WireType value_type = WireType::kVarint;
    absl::string_view value;
  };
  bool ReadMapItem(const FieldEntry& field, absl::string_view entry, MapItem* item);
  bool ReadMapKey(const FieldEntry& key, WireReader* reader, MapItem* item);
  bool WriteMap(const FieldEntry& field, std::vector<MapItem>* items);
  bool ReadMapRun(const FieldEntry& field, WireReader* reader, std::vector<MapItem>* items);

  bool WriteWellKnown(const MessageTable& table, absl::string_view wire);
  bool ReadSecondsAndNanos(absl::string_view wire, int64_t* seconds, int32_t* nanos);
  void WriteFraction(int64_t nanos);
  bool WriteTimestamp(absl::string_view wire);
  bool WriteDuration(absl::string_view wire);
  bool WriteFieldMask(absl::string_view wire);
  bool WriteCamelPath(absl::string_view path);
  bool WriteStruct(const MessageTable& table, absl::string_view wire);
  bool WriteValue(const MessageTable& table, absl::string_view wire);
  bool WriteListValue(const MessageTable& table, absl::string_view wire);
  bool WriteWrapper(const MessageTable& table, absl::string_view wire);
  bool WriteAny(absl::string_view wire);

  FieldTables* const tables_;
  std::string* const out_;
  std::string error_;
  int depth_ = 0;
  // Inside a message that took the slow way everything does, so that no part is tried twice at
  // every level of its nesting.
  bool any_order_ = false;
};

}  // namespace sluice::gateway
