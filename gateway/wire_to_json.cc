#include "gateway/wire_to_json.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "absl/strings/str_cat.h"

#include "gateway/json_writer.h"
#include "gateway/scalar_wire.h"
#include "gateway/wire_to_json_writer.h"

namespace sluice::gateway {
namespace {

using google::protobuf::FieldDescriptor;

constexpr int kDepthMax = 100;

// Whether a field can have that type on the wire; others are unknown fields, as parsers treat them.
bool Fits(const FieldEntry& field, WireType type) {
  const WireType own = WireTypeOf(field.type);
  return type == own || (type == WireType::kBytes && field.shape == FieldEntry::Shape::kRepeated &&
                         own != WireType::kEndGroup);
}

}  // namespace

bool WireToJsonWriter::Fail(absl::string_view what) {
  if (error_.empty()) error_ = std::string(what);
  return false;
}

bool WireToJsonWriter::FailField(const FieldEntry& field, absl::string_view what) {
  return Fail(absl::StrCat(field.descriptor->full_name(), ": ", what));
}

bool WireToJsonWriter::WriteMessage(const MessageTable& table, absl::string_view wire) {
  if (++depth_ > kDepthMax) return Fail("nested too deeply");
  bool ok = true;
  if (table.well_known != WellKnown::kNone) {
    ok = WriteWellKnown(table, wire);
  } else {
    out_->push_back('{');
    bool first = true;
    ok = WriteFields(table, wire, &first);
    out_->push_back('}');
  }
  --depth_;
  return ok;
}

bool WireToJsonWriter::WriteOneField(const MessageTable& table, const FieldEntry& field,
                                     absl::string_view wire) {
  Occurrences occurrences;
  if (!Collect(table, wire, &occurrences)) return false;
  std::erase_if(occurrences, [&](const Occurrence& o) { return o.dead || o.field != &field; });
  if (occurrences.empty()) {
    *out_ += field.unset;
    return true;
  }
  return WriteOccurrences(field, occurrences.data(), occurrences.data() + occurrences.size());
}

bool WireToJsonWriter::WriteFields(const MessageTable& table, absl::string_view wire, bool* first) {
  if (any_order_) return WriteInAnyOrder(table, wire, first);
  const size_t start = out_->size();
  const bool was_first = *first;
  bool in_order = true;
  if (!WriteInOrder(table, wire, first, &in_order)) return false;
  if (in_order) return true;
  out_->resize(start);
  *first = was_first;
  any_order_ = true;
  const bool ok = WriteInAnyOrder(table, wire, first);
  any_order_ = false;
  return ok;
}

void WireToJsonWriter::WriteKey(const FieldEntry& field, bool* first) {
  const size_t skip = *first ? 1 : 0;
  *first = false;
  out_->append(field.key, skip, std::string::npos);
}

void WireToJsonWriter::WriteUnset(const MessageTable& table, size_t begin, size_t end,
                                  bool* first) {
  for (size_t i = begin; i < end; ++i) {
    const FieldEntry& field = table.fields[i];
    if (field.omitted_when_unset) continue;
    WriteKey(field, first);
    *out_ += field.unset;
  }
}

bool WireToJsonWriter::WriteInOrder(const MessageTable& table, absl::string_view wire, bool* first,
                                    bool* in_order) {
  WireReader reader(wire);
  size_t next = 0;
  uint64_t oneofs = 0;
  while (!reader.AtEnd()) {
    uint32_t number = 0;
    WireType type = WireType::kVarint;
    if (!reader.ReadTag(&number, &type)) return Fail("malformed message");
    const FieldEntry* field = table.ByNumber(number);
    if (field == nullptr || !Fits(*field, type)) {
      if (!reader.Skip(number, type)) return Fail("malformed message");
      continue;
    }
    const uint64_t oneof = field->oneof < 0 ? 0 : uint64_t{1} << std::min(field->oneof, 63);
    if (field->index < next || (oneofs & oneof) != 0) {
      *in_order = false;
      return true;
    }
    oneofs |= oneof;
    WriteUnset(table, next, field->index, first);
    next = field->index + 1;
    WriteKey(*field, first);
    const bool ok = field->shape == FieldEntry::Shape::kSingular ? WriteScalar(*field, &reader)
                                                                 : WriteRun(*field, type, &reader);
    if (!ok) return false;
  }
  WriteUnset(table, next, table.fields.size(), first);
  return true;
}

bool WireToJsonWriter::Collect(const MessageTable& table, absl::string_view wire,
                               Occurrences* occurrences) {
  WireReader reader(wire);
  while (!reader.AtEnd()) {
    uint32_t number = 0;
    WireType type = WireType::kVarint;
    if (!reader.ReadTag(&number, &type)) return Fail("malformed message");
    const char* const begin = reader.position();
    if (!reader.Skip(number, type)) return Fail("malformed message");
    const FieldEntry* field = table.ByNumber(number);
    if (field == nullptr || !Fits(*field, type)) continue;
    const auto size = static_cast<size_t>(reader.position() - begin);
    occurrences->push_back({field, type, absl::string_view(begin, size), false});
  }
  // The last member of a oneof clears the others, and what came before them of its own.
  std::vector<std::pair<const FieldEntry*, bool>> members;
  for (auto it = occurrences->rbegin(); it != occurrences->rend(); ++it) {
    if (it->field->oneof < 0) continue;
    const auto oneof = static_cast<size_t>(it->field->oneof);
    if (members.size() <= oneof) members.resize(oneof + 1);
    auto& [last, switched] = members[oneof];
    if (last == nullptr) last = it->field;
    switched = switched || last != it->field;
    it->dead = switched;
  }
  return true;
}

bool WireToJsonWriter::WriteInAnyOrder(const MessageTable& table, absl::string_view wire,
                                       bool* first) {
  Occurrences occurrences;
  if (!Collect(table, wire, &occurrences)) return false;
  std::erase_if(occurrences, [](const Occurrence& o) { return o.dead; });
  std::stable_sort(
      occurrences.begin(), occurrences.end(),
      [](const Occurrence& a, const Occurrence& b) { return a.field->index < b.field->index; });
  size_t next = 0;
  for (size_t i = 0; i < occurrences.size();) {
    const FieldEntry& field = *occurrences[i].field;
    size_t end = i;
    while (end < occurrences.size() && occurrences[end].field == &field) ++end;
    WriteUnset(table, next, field.index, first);
    next = field.index + 1;
    WriteKey(field, first);
    if (!WriteOccurrences(field, &occurrences[i], occurrences.data() + end)) return false;
    i = end;
  }
  WriteUnset(table, next, table.fields.size(), first);
  return true;
}

bool WireToJsonWriter::WriteOccurrences(const FieldEntry& field, const Occurrence* begin,
                                        const Occurrence* end) {
  if (field.shape == FieldEntry::Shape::kMap) {
    std::vector<MapItem> items;
    for (const Occurrence* o = begin; o != end; ++o) {
      WireReader reader(o->value);
      absl::string_view entry;
      if (!reader.ReadBytes(&entry)) return Fail("malformed message");
      if (!ReadMapItem(field, entry, &items.emplace_back())) return false;
    }
    return WriteMap(field, &items);
  }
  if (field.shape == FieldEntry::Shape::kRepeated) {
    out_->push_back('[');
    bool first = true;
    for (const Occurrence* o = begin; o != end; ++o) {
      WireReader reader(o->value);
      if (!WriteElement(field, o->type, &reader, &first)) return false;
    }
    out_->push_back(']');
    return true;
  }
  if (field.message != nullptr && end - begin > 1) {
    // Parsing what was concatenated is merging.
    std::string merged;
    for (const Occurrence* o = begin; o != end; ++o) {
      WireReader reader(o->value);
      absl::string_view bytes;
      if (!reader.ReadBytes(&bytes)) return Fail("malformed message");
      merged.append(bytes.data(), bytes.size());
    }
    return WriteMessage(*field.message, merged);
  }
  WireReader reader((end - 1)->value);
  return WriteScalar(field, &reader);
}

bool WireToJsonWriter::WriteEnum(const FieldEntry& field, uint64_t value) {
  if (field.enumeration->is_null_value) {
    *out_ += "null";
    return true;
  }
  const auto number = static_cast<int32_t>(value);
  const auto name = field.enumeration->quoted_names.find(number);
  if (name != field.enumeration->quoted_names.end()) {
    *out_ += name->second;
  } else {
    AppendInteger(number, out_);
  }
  return true;
}

bool WireToJsonWriter::WriteScalar(const FieldEntry& field, WireReader* reader) {
  uint64_t varint = 0;
  uint32_t fixed32 = 0;
  absl::string_view bytes;
  bool read = false;
  switch (WireTypeOf(field.type)) {
    case WireType::kVarint:
      read = reader->ReadVarint(&varint);
      break;
    case WireType::kFixed64:
      read = reader->ReadFixed64(&varint);
      break;
    case WireType::kFixed32:
      read = reader->ReadFixed32(&fixed32);
      break;
    default:
      read = reader->ReadBytes(&bytes);
  }
  if (!read) return Fail("malformed message");
  switch (field.type) {
    case FieldDescriptor::TYPE_DOUBLE:
      AppendDouble(std::bit_cast<double>(varint), out_);
      return true;
    case FieldDescriptor::TYPE_FLOAT:
      AppendFloat(std::bit_cast<float>(fixed32), out_);
      return true;
    case FieldDescriptor::TYPE_INT64:
    case FieldDescriptor::TYPE_SFIXED64:
      AppendQuotedInteger(static_cast<int64_t>(varint), out_);
      return true;
    case FieldDescriptor::TYPE_SINT64:
      AppendQuotedInteger(UnZigZag(varint), out_);
      return true;
    case FieldDescriptor::TYPE_UINT64:
    case FieldDescriptor::TYPE_FIXED64:
      AppendQuotedUnsigned(varint, out_);
      return true;
    case FieldDescriptor::TYPE_INT32:
      AppendInteger(static_cast<int32_t>(varint), out_);
      return true;
    case FieldDescriptor::TYPE_SINT32:
      AppendInteger(static_cast<int32_t>(UnZigZag(varint & UINT32_MAX)), out_);
      return true;
    case FieldDescriptor::TYPE_UINT32:
      AppendUnsigned(static_cast<uint32_t>(varint), out_);
      return true;
    case FieldDescriptor::TYPE_FIXED32:
      AppendUnsigned(fixed32, out_);
      return true;
    case FieldDescriptor::TYPE_SFIXED32:
      AppendInteger(static_cast<int32_t>(fixed32), out_);
      return true;
    case FieldDescriptor::TYPE_BOOL:
      *out_ += varint != 0 ? "true" : "false";
      return true;
    case FieldDescriptor::TYPE_ENUM:
      return WriteEnum(field, varint);
    case FieldDescriptor::TYPE_STRING:
      return AppendJsonString(bytes, out_) || FailField(field, "text that is not UTF-8");
    case FieldDescriptor::TYPE_BYTES:
      AppendBase64(bytes, out_);
      return true;
    case FieldDescriptor::TYPE_MESSAGE:
      return WriteMessage(*field.message, bytes);
    case FieldDescriptor::TYPE_GROUP:
      break;
  }
  return Fail("malformed message");
}

bool WireToJsonWriter::WritePacked(const FieldEntry& field, absl::string_view bytes,
                                   bool* first_element) {
  WireReader reader(bytes);
  while (!reader.AtEnd()) {
    if (!*first_element) out_->push_back(',');
    *first_element = false;
    if (!WriteScalar(field, &reader)) return false;
  }
  return true;
}

bool WireToJsonWriter::WriteElement(const FieldEntry& field, WireType type, WireReader* reader,
                                    bool* first_element) {
  if (type == WireType::kBytes && WireTypeOf(field.type) != WireType::kBytes) {
    absl::string_view packed;
    return reader->ReadBytes(&packed) ? WritePacked(field, packed, first_element)
                                      : Fail("malformed message");
  }
  if (!*first_element) out_->push_back(',');
  *first_element = false;
  return WriteScalar(field, reader);
}

bool WireToJsonWriter::WriteRun(const FieldEntry& field, WireType type, WireReader* reader) {
  if (field.shape == FieldEntry::Shape::kMap) {
    std::vector<MapItem> items;
    return ReadMapRun(field, reader, &items) && WriteMap(field, &items);
  }
  out_->push_back('[');
  bool first = true;
  while (true) {
    if (!WriteElement(field, type, reader, &first)) return false;
    WireReader ahead = *reader;
    uint32_t number = 0;
    if (ahead.AtEnd() || !ahead.ReadTag(&number, &type) || number != field.number ||
        !Fits(field, type)) {
      break;
    }
    *reader = ahead;
  }
  out_->push_back(']');
  return true;
}

absl::Status WireToJson(FieldTables* tables, const MessageTable& table, absl::string_view wire,
                        std::string* out) {
  WireToJsonWriter writer(tables, out);
  if (writer.WriteMessage(table, wire)) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("cannot write JSON: ", writer.error()));
}

absl::Status WireFieldToJson(FieldTables* tables, const MessageTable& table,
                             const FieldEntry& field, absl::string_view wire, std::string* out) {
  WireToJsonWriter writer(tables, out);
  if (writer.WriteOneField(table, field, wire)) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("cannot write JSON: ", writer.error()));
}

}  // namespace sluice::gateway
