#include "server/engine/facet_counter.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "server/base/limits.h"
#include "server/engine/value_order.h"

namespace sluice::engine {

using sqlite::StorageClass;
using sqlite::Value;
using sqlite::ValueView;

FacetCounter::FacetCounter(const std::string& collation, size_t bytes_max)
    : collation_(absl::EqualsIgnoreCase(collation, "NOCASE")  ? Collation::kNoCase
                 : absl::EqualsIgnoreCase(collation, "RTRIM") ? Collation::kRightTrim
                                                              : Collation::kBinary),
      bytes_max_(bytes_max) {}

bool FacetCounter::Add(const ValueView& value) {
  if (value.is_null()) return true;
  ++entries_[PlaceOf(value)].count;
  return entries_.size() <= limits::kFacetValuesMax && bytes_ <= bytes_max_;
}

size_t FacetCounter::NewEntry(const ValueView& value) {
  entries_.push_back({.value = Value(value), .count = 0});
  // Here and as its key.
  bytes_ += 2 * value.bytes.size() + sizeof(Entry);
  return entries_.size() - 1;
}

size_t FacetCounter::PlaceOf(const ValueView& value) {
  int64_t integer = value.integer;
  bool whole = value.type == StorageClass::kInteger;
  if (value.type == StorageClass::kReal && value.real >= -9223372036854775808.0 &&
      value.real < 9223372036854775808.0) {
    integer = static_cast<int64_t>(value.real);
    whole = static_cast<double>(integer) == value.real;
  }
  if (whole) {
    const auto [entry, fresh] = integers_.try_emplace(integer, entries_.size());
    return fresh ? NewEntry(value) : entry->second;
  }
  if (value.type == StorageClass::kReal) {
    key_.assign(1 + sizeof(double), 'r');
    std::memcpy(key_.data() + 1, &value.real, sizeof(double));
  } else {
    key_.assign(1, value.type == StorageClass::kText ? 't' : 'b');
    key_.append(value.bytes.data(), value.bytes.size());
    if (value.type == StorageClass::kText && collation_ == Collation::kNoCase) {
      absl::AsciiStrToLower(&key_);
    } else if (value.type == StorageClass::kText && collation_ == Collation::kRightTrim) {
      key_.erase(key_.find_last_not_of(' ') + 1);
    }
  }
  const auto found = others_.find(key_);
  if (found != others_.end()) return found->second;
  others_.emplace(key_, entries_.size());
  return NewEntry(value);
}

std::vector<FacetCounter::Entry> FacetCounter::Top(size_t count) const {
  std::vector<const Entry*> order;
  for (const Entry& entry : entries_) order.push_back(&entry);
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(count, order.size()));
  std::partial_sort(order.begin(), end, order.end(), [](const Entry* a, const Entry* b) {
    return a->count != b->count ? a->count > b->count
                                : CompareValues(a->value.view(), b->value.view()) < 0;
  });
  std::vector<Entry> top;
  for (auto it = order.begin(); it != end; ++it) top.push_back(**it);
  return top;
}

}  // namespace sluice::engine
