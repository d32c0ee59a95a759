// SQLite's values, seen and owned.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::sqlite {

// SQLite's own codes.
enum class StorageClass : uint8_t { kInteger = 1, kReal = 2, kText = 3, kBlob = 4, kNull = 5 };

// One value that lives elsewhere: in a row that a statement stands on (valid until its next step),
// or in a request. Text may be any bytes: SQLite does not check that it is UTF-8.
struct ValueView {
  StorageClass type = StorageClass::kNull;
  int64_t integer = 0;
  double real = 0;
  absl::string_view bytes;

  static ValueView Null() { return {}; }
  static ValueView Integer(int64_t value) { return {StorageClass::kInteger, value, 0, {}}; }
  static ValueView Real(double value) { return {StorageClass::kReal, 0, value, {}}; }
  static ValueView Text(absl::string_view value) { return {StorageClass::kText, 0, 0, value}; }
  static ValueView Blob(absl::string_view value) { return {StorageClass::kBlob, 0, 0, value}; }

  bool is_null() const { return type == StorageClass::kNull; }
};

// One value that owns its bytes.
class Value {
 public:
  Value() = default;
  explicit Value(const ValueView& view) : view_(view), bytes_(view.bytes) {}

  // Valid as long as this object is neither moved nor destroyed.
  ValueView view() const {
    ValueView copy = view_;
    copy.bytes = bytes_;
    return copy;
  }

 private:
  ValueView view_;
  std::string bytes_;
};

}  // namespace sluice::sqlite
