// The recursion behind gateway/json_to_wire.h; nothing else includes this.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"

#include "gateway/field_table.h"
#include "gateway/json_reader.h"
#include "gateway/json_to_wire.h"

namespace sluice::gateway {

// Every method takes one JSON value and appends to the buffer; false after a failure.
class JsonToWireReader {
 public:
  JsonToWireReader(FieldTables* tables, absl::string_view json, const JsonParseOptions& options,
                   std::string* out)
      : tables_(tables), json_(json), options_(options), out_(out) {}

  // The bytes of a message, without tag or length.
  bool ReadMessage(const MessageTable& table);
  // A field with its tags.
  bool ReadField(const FieldEntry& field);
  bool ReadEnd() { return json_.ReadEnd(); }
  // INVALID_ARGUMENT with the failure and its place.
  absl::Status Error() const;

 private:
  // The names seen in one object.
  class Names {
   public:
    // False when it was there.
    bool Add(const std::string& name);

   private:
    std::vector<std::string> few_;
    absl::flat_hash_set<std::string> many_;
  };
  // Which fields of a message have been set.
  struct Seen {
    std::vector<bool> fields;
    std::vector<bool> oneofs;
  };

  bool Fail(absl::string_view what) { return json_.Fail(what); }
  // Adds to the front of the path of the failure; returns false.
  bool At(absl::string_view step);

  bool ReadFields(const MessageTable& table, bool skip_type);
  bool ReadMember(const MessageTable& table, const std::string& name, Seen* seen);
  bool MarkSeen(const FieldEntry& field, bool null, Seen* seen);
  static bool TakesNull(const FieldEntry& field);

  bool ReadSingular(const FieldEntry& field);
  bool ReadRepeated(const FieldEntry& field);
  bool ReadElements(const FieldEntry& field, bool packed);
  bool ReadMap(const FieldEntry& field);
  bool ReadMapKey(const FieldEntry& key, const std::string& text);
  // Without its tag.
  bool ReadScalar(const FieldEntry& field);
  bool ReadNumber(const FieldEntry& field);
  bool ReadBool();
  bool ReadEnum(const FieldEntry& field);
  bool ReadText(std::string* text);
  bool ReadNested(const MessageTable& table);

  bool ReadWellKnown(const MessageTable& table);
  bool ReadTextForm(bool (*append)(absl::string_view, std::string*), absl::string_view what);
  bool ReadStruct();
  bool ReadValue();
  bool ReadValueNumber();
  void AppendTagged(absl::string_view tag, absl::string_view value);
  bool ReadListValue();
  bool ReadAny();
  bool FindAnyType(std::string* type_url);
  bool ReadAnyValue(const MessageTable& inner);

  FieldTables* const tables_;
  JsonReader json_;
  const JsonParseOptions options_;
  std::string* const out_;
  std::string path_;
  int depth_ = 0;
  // Lists and objects around a google.protobuf.Value.
  int value_depth_ = 0;
};

}  // namespace sluice::gateway
