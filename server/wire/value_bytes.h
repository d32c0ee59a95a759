// A Value message, written by hand.
#pragma once

#include <cstring>

#include "server/sqlite/value.h"
#include "server/wire/proto_writer.h"
#include "server/wire/utf8.h"

namespace sluice::wire {

// Field numbers of sluice.v1.Value, as the bytes that begin a field.
inline constexpr char kValueNull = 1 << 3;
inline constexpr char kValueInteger = 2 << 3;
inline constexpr char kValueReal = 3 << 3 | 1;
inline constexpr char kValueText = 4 << 3 | 2;
inline constexpr char kValueBlob = 5 << 3 | 2;
inline constexpr char kValueRawText = 6 << 3 | 2;

// Bytes of the Value message.
inline size_t ValueSize(const sqlite::ValueView& value) {
  switch (value.type) {
    case sqlite::StorageClass::kInteger:
      return 1 + VarintSize(ZigZag(value.integer));
    case sqlite::StorageClass::kReal:
      return 1 + sizeof(double);
    case sqlite::StorageClass::kText:
    case sqlite::StorageClass::kBlob:
      return 1 + VarintSize(value.bytes.size()) + value.bytes.size();
    case sqlite::StorageClass::kNull:
      return 2;
  }
  return 0;
}

// Writes ValueSize(value) bytes and gives their end.
inline char* WriteValue(char* out, const sqlite::ValueView& value) {
  switch (value.type) {
    case sqlite::StorageClass::kInteger:
      *out++ = kValueInteger;
      return WriteVarint(out, ZigZag(value.integer));
    case sqlite::StorageClass::kReal:
      *out++ = kValueReal;
      std::memcpy(out, &value.real, sizeof(double));
      return out + sizeof(double);
    case sqlite::StorageClass::kText:
    case sqlite::StorageClass::kBlob:
      *out++ = value.type == sqlite::StorageClass::kBlob ? kValueBlob
               : IsValidUtf8(value.bytes)                ? kValueText
                                                         : kValueRawText;
      out = WriteVarint(out, value.bytes.size());
      if (!value.bytes.empty()) std::memcpy(out, value.bytes.data(), value.bytes.size());
      return out + value.bytes.size();
    case sqlite::StorageClass::kNull:
      *out++ = kValueNull;
      *out++ = 0;
      return out;
  }
  return out;
}

// What WriteValueField needs beside the value's bytes.
inline constexpr size_t kValueFieldBytesMax = 2 + 2 * kVarintBytesMax;

// Writes a field whose value is a Value, with a tag of one byte, and gives its end. The length of a
// number is filled in afterwards: nothing is looked at twice.
inline char* WriteValueField(char* out, char tag, const sqlite::ValueView& value) {
  *out++ = tag;
  if (value.type == sqlite::StorageClass::kText || value.type == sqlite::StorageClass::kBlob) {
    return WriteValue(WriteVarint(out, ValueSize(value)), value);
  }
  char* const end = WriteValue(out + 1, value);
  *out = static_cast<char>(end - out - 1);
  return end;
}

}  // namespace sluice::wire
