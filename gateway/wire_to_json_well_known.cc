// Maps and the types whose JSON is not that of their fields.
#include <algorithm>
#include <bit>
#include <cmath>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"

#include "gateway/json_writer.h"
#include "gateway/well_known_text.h"
#include "gateway/wire_to_json_writer.h"
#include "server/base/check.h"

namespace sluice::gateway {
namespace {

using google::protobuf::FieldDescriptor;

}  // namespace

bool WireToJsonWriter::ReadMapKey(const FieldEntry& key, WireReader* reader, MapItem* item) {
  item->quoted_key.clear();
  if (key.type == FieldDescriptor::TYPE_STRING) {
    absl::string_view text;
    if (!reader->ReadBytes(&text)) return Fail("malformed message");
    item->text_key = std::string(text);
    return AppendJsonString(text, &item->quoted_key) || FailField(key, "text that is not UTF-8");
  }
  // The key's JSON is written where the result is written, then taken back.
  const size_t start = out_->size();
  if (!WriteScalar(key, reader)) return false;
  item->quoted_key = out_->substr(start);
  out_->resize(start);
  absl::string_view digits = item->quoted_key;
  if (digits.front() == '"') digits = digits.substr(1, digits.size() - 2);
  if (key.type == FieldDescriptor::TYPE_BOOL) {
    item->unsigned_key = digits == "true" ? 1 : 0;
  } else if (digits.front() == '-') {
    CHECK(absl::SimpleAtoi(digits, &item->integer_key));
  } else {
    CHECK(absl::SimpleAtoi(digits, &item->unsigned_key));
  }
  if (item->quoted_key.front() != '"') item->quoted_key = absl::StrCat("\"", digits, "\"");
  return true;
}

bool WireToJsonWriter::ReadMapItem(const FieldEntry& field, absl::string_view entry,
                                   MapItem* item) {
  const FieldEntry& key = field.message->fields[0];
  item->quoted_key = key.type == FieldDescriptor::TYPE_STRING ? "\"\""
                     : key.type == FieldDescriptor::TYPE_BOOL ? "\"false\""
                                                              : "\"0\"";
  Occurrences occurrences;
  if (!Collect(*field.message, entry, &occurrences)) return false;
  for (const Occurrence& occurrence : occurrences) {
    if (occurrence.field == &key) {
      WireReader reader(occurrence.value);
      if (!ReadMapKey(key, &reader, item)) return false;
    } else {
      item->has_value = true;
      item->value_type = occurrence.type;
      item->value = occurrence.value;
    }
  }
  return true;
}

bool WireToJsonWriter::ReadMapRun(const FieldEntry& field, WireReader* reader,
                                  std::vector<MapItem>* items) {
  while (true) {
    absl::string_view entry;
    if (!reader->ReadBytes(&entry)) return Fail("malformed message");
    if (!ReadMapItem(field, entry, &items->emplace_back())) return false;
    WireReader ahead = *reader;
    uint32_t number = 0;
    WireType type = WireType::kVarint;
    if (ahead.AtEnd() || !ahead.ReadTag(&number, &type) || number != field.number ||
        type != WireType::kBytes) {
      return true;
    }
    *reader = ahead;
  }
}

bool WireToJsonWriter::WriteMap(const FieldEntry& field, std::vector<MapItem>* items) {
  const auto key_of = [](const MapItem& item) {
    return std::tie(item.integer_key, item.unsigned_key, item.text_key);
  };
  std::stable_sort(items->begin(), items->end(),
                   [&](const MapItem& a, const MapItem& b) { return key_of(a) < key_of(b); });
  const FieldEntry& value = field.message->fields[1];
  out_->push_back('{');
  bool first = true;
  for (size_t i = 0; i < items->size(); ++i) {
    const MapItem& item = (*items)[i];
    // Of equal keys the last one counts.
    if (i + 1 < items->size() && key_of((*items)[i + 1]) == key_of(item)) continue;
    absl::StrAppend(out_, first ? "" : ",", item.quoted_key, ":");
    first = false;
    if (item.has_value) {
      WireReader reader(item.value);
      if (!WriteScalar(value, &reader)) return false;
    } else if (value.message != nullptr) {
      if (!WriteMessage(*value.message, "")) return false;
    } else {
      *out_ += value.unset;
    }
  }
  out_->push_back('}');
  return true;
}

bool WireToJsonWriter::WriteWellKnown(const MessageTable& table, absl::string_view wire) {
  switch (table.well_known) {
    case WellKnown::kTimestamp:
      return WriteTimestamp(wire);
    case WellKnown::kDuration:
      return WriteDuration(wire);
    case WellKnown::kFieldMask:
      return WriteFieldMask(wire);
    case WellKnown::kStruct:
      return WriteStruct(table, wire);
    case WellKnown::kValue:
      return WriteValue(table, wire);
    case WellKnown::kListValue:
      return WriteListValue(table, wire);
    case WellKnown::kWrapper:
      return WriteWrapper(table, wire);
    case WellKnown::kAny:
      return WriteAny(wire);
    case WellKnown::kNone:
      break;
  }
  CHECK(false);
}

bool WireToJsonWriter::ReadSecondsAndNanos(absl::string_view wire, int64_t* seconds,
                                           int32_t* nanos) {
  WireReader reader(wire);
  while (!reader.AtEnd()) {
    uint32_t number = 0;
    WireType type = WireType::kVarint;
    if (!reader.ReadTag(&number, &type)) return Fail("malformed message");
    if (type != WireType::kVarint || number > 2) {
      if (!reader.Skip(number, type)) return Fail("malformed message");
      continue;
    }
    uint64_t value = 0;
    if (!reader.ReadVarint(&value)) return Fail("malformed message");
    if (number == 1) *seconds = static_cast<int64_t>(value);
    if (number == 2) *nanos = static_cast<int32_t>(value);
  }
  return true;
}

void WireToJsonWriter::WriteFraction(int64_t nanos) {
  if (nanos == 0) return;
  if (nanos % 1'000'000 == 0) {
    absl::StrAppendFormat(out_, ".%03d", nanos / 1'000'000);
  } else if (nanos % 1'000 == 0) {
    absl::StrAppendFormat(out_, ".%06d", nanos / 1'000);
  } else {
    absl::StrAppendFormat(out_, ".%09d", nanos);
  }
}

bool WireToJsonWriter::WriteTimestamp(absl::string_view wire) {
  int64_t seconds = 0;
  int32_t nanos = 0;
  if (!ReadSecondsAndNanos(wire, &seconds, &nanos)) return false;
  if (seconds < kTimestampSecondsMin || seconds > kTimestampSecondsMax || nanos < 0 ||
      nanos > kNanosMax) {
    return Fail("a timestamp out of range");
  }
  const absl::CivilSecond time = absl::CivilSecond(1970, 1, 1) + seconds;
  absl::StrAppendFormat(out_, "\"%04d-%02d-%02dT%02d:%02d:%02d", time.year(), time.month(),
                        time.day(), time.hour(), time.minute(), time.second());
  WriteFraction(nanos);
  *out_ += "Z\"";
  return true;
}

bool WireToJsonWriter::WriteDuration(absl::string_view wire) {
  int64_t seconds = 0;
  int32_t nanos = 0;
  if (!ReadSecondsAndNanos(wire, &seconds, &nanos)) return false;
  if (seconds < -kDurationSecondsMax || seconds > kDurationSecondsMax || nanos < -kNanosMax ||
      nanos > kNanosMax || (seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0)) {
    return Fail("a duration out of range");
  }
  absl::StrAppend(out_, seconds < 0 || nanos < 0 ? "\"-" : "\"", std::abs(seconds));
  WriteFraction(std::abs(static_cast<int64_t>(nanos)));
  *out_ += "s\"";
  return true;
}

bool WireToJsonWriter::WriteCamelPath(absl::string_view path) {
  for (size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    if (absl::ascii_isupper(static_cast<unsigned char>(c))) return Fail("a malformed field mask");
    if (c != '_') {
      out_->push_back(c);
      continue;
    }
    if (++i == path.size() || !absl::ascii_islower(static_cast<unsigned char>(path[i]))) {
      return Fail("a malformed field mask");
    }
    out_->push_back(absl::ascii_toupper(static_cast<unsigned char>(path[i])));
  }
  return true;
}

bool WireToJsonWriter::WriteFieldMask(absl::string_view wire) {
  const size_t start = out_->size();
  WireReader reader(wire);
  bool first = true;
  while (!reader.AtEnd()) {
    uint32_t number = 0;
    WireType type = WireType::kVarint;
    if (!reader.ReadTag(&number, &type)) return Fail("malformed message");
    if (number != 1 || type != WireType::kBytes) {
      if (!reader.Skip(number, type)) return Fail("malformed message");
      continue;
    }
    absl::string_view path;
    if (!reader.ReadBytes(&path)) return Fail("malformed message");
    if (!first) out_->push_back(',');
    first = false;
    if (!WriteCamelPath(path)) return false;
  }
  const std::string paths = out_->substr(start);
  out_->resize(start);
  return AppendJsonString(paths, out_) || Fail("text that is not UTF-8");
}

bool WireToJsonWriter::WriteStruct(const MessageTable& table, absl::string_view wire) {
  Occurrences occurrences;
  if (!Collect(table, wire, &occurrences)) return false;
  return WriteOccurrences(table.fields[0], occurrences.data(),
                          occurrences.data() + occurrences.size());
}

bool WireToJsonWriter::WriteListValue(const MessageTable& table, absl::string_view wire) {
  Occurrences occurrences;
  if (!Collect(table, wire, &occurrences)) return false;
  return WriteOccurrences(table.fields[0], occurrences.data(),
                          occurrences.data() + occurrences.size());
}

bool WireToJsonWriter::WriteValue(const MessageTable& table, absl::string_view wire) {
  Occurrences occurrences;
  if (!Collect(table, wire, &occurrences)) return false;
  std::erase_if(occurrences, [](const Occurrence& o) { return o.dead; });
  if (occurrences.empty()) {
    *out_ += "null";
    return true;
  }
  const FieldEntry& kind = *occurrences.back().field;
  if (kind.type == FieldDescriptor::TYPE_DOUBLE) {
    WireReader reader(occurrences.back().value);
    uint64_t bits = 0;
    if (!reader.ReadFixed64(&bits)) return Fail("malformed message");
    const double number = std::bit_cast<double>(bits);
    if (!std::isfinite(number)) return Fail("google.protobuf.Value: NaN or infinity");
    AppendDouble(number, out_);
    return true;
  }
  return WriteOccurrences(kind, occurrences.data(), occurrences.data() + occurrences.size());
}

bool WireToJsonWriter::WriteWrapper(const MessageTable& table, absl::string_view wire) {
  return WriteOneField(table, table.fields[0], wire);
}

bool WireToJsonWriter::WriteAny(absl::string_view wire) {
  absl::string_view type_url;
  absl::string_view value;
  WireReader reader(wire);
  while (!reader.AtEnd()) {
    uint32_t number = 0;
    WireType type = WireType::kVarint;
    if (!reader.ReadTag(&number, &type)) return Fail("malformed message");
    const bool known = type == WireType::kBytes && number <= 2;
    if (!(known ? reader.ReadBytes(number == 1 ? &type_url : &value) : reader.Skip(number, type))) {
      return Fail("malformed message");
    }
  }
  if (type_url.empty() && value.empty()) {
    *out_ += "{}";
    return true;
  }
  *out_ += "{\"@type\":";
  if (!AppendJsonString(type_url, out_)) return Fail("text that is not UTF-8");
  const MessageTable* inner = tables_->ForTypeUrl(type_url);
  bool first = false;
  if (inner == nullptr) {
    *out_ += ",\"value\":";
    AppendBase64(value, out_);
  } else if (inner->well_known != WellKnown::kNone) {
    *out_ += ",\"value\":";
    if (!WriteMessage(*inner, value)) return false;
  } else if (!WriteFields(*inner, value, &first)) {
    return false;
  }
  out_->push_back('}');
  return true;
}

}  // namespace sluice::gateway
