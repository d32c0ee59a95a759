// One SQLite value as the client sees it, and what a result is made of.
//
// Plain values: copyable, movable, safe to use from any thread as long as no two threads touch the
// same object. Nothing here fails.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"

namespace sluice {

// SQL NULL.
struct Null {
  friend bool operator==(const Null&, const Null&) { return true; }
};

// The bytes of a BLOB.
struct Blob {
  std::string bytes;
  friend bool operator==(const Blob& a, const Blob& b) { return a.bytes == b.bytes; }
};

// A TEXT that is not valid UTF-8, byte for byte.
struct RawText {
  std::string bytes;
  friend bool operator==(const RawText& a, const RawText& b) { return a.bytes == b.bytes; }
};

// A value with the storage class it has in the database: NULL, INTEGER, REAL, TEXT or BLOB. A
// column's declared type never changes it. The pointers that the accessors give live as long as the
// value and are null when it is of another class.
class Value {
 public:
  using Variant = std::variant<Null, int64_t, double, std::string, Blob, RawText>;

  // NULL.
  Value() = default;
  Value(Null) {}
  // INTEGER. An unsigned 64-bit number must be cast by the caller, who knows that it fits; a bool
  // too, since SQLite has none.
  template <typename T,
            typename = std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool> &&
                                        (std::is_signed_v<T> || sizeof(T) < 8)>>
  Value(T integer) : variant_(static_cast<int64_t>(integer)) {}
  Value(bool) = delete;
  // REAL.
  Value(double real) : variant_(real) {}
  // TEXT. Bytes that are not UTF-8 are sent as a RawText would be.
  Value(std::string text) : variant_(std::move(text)) {}
  Value(const char* text) : variant_(std::string(text)) {}
  Value(absl::string_view text) : variant_(std::string(text)) {}
  Value(Blob blob) : variant_(std::move(blob)) {}
  Value(RawText text) : variant_(std::move(text)) {}

  bool is_null() const { return std::holds_alternative<Null>(variant_); }
  const int64_t* integer() const { return std::get_if<int64_t>(&variant_); }
  const double* real() const { return std::get_if<double>(&variant_); }
  const std::string* text() const { return std::get_if<std::string>(&variant_); }
  const Blob* blob() const { return std::get_if<Blob>(&variant_); }
  const RawText* raw_text() const { return std::get_if<RawText>(&variant_); }
  // For std::visit.
  const Variant& variant() const { return variant_; }

  friend bool operator==(const Value& a, const Value& b) { return a.variant_ == b.variant_; }

 private:
  Variant variant_;
};

// A column of a result.
struct Column {
  // As SQLite reports it; names may repeat within a result.
  std::string name;
  // As written in the schema; empty for expressions. A hint only.
  std::string declared_type;
};

// One row of a result.
struct Row {
  // One for each column.
  std::vector<Value> values;
  // Names the row where it comes from a table with keys; empty otherwise. See row_key.h.
  std::string key;
  // Only GetRow fills it.
  std::string etag;
};

// A row with the columns it gives, by name.
using Object = std::map<std::string, Value>;

}  // namespace sluice
