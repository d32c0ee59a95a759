// Counts how often each value comes, as GROUP BY would.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "server/sqlite/value.h"

namespace sluice::engine {

// Values are equal as SQLite compares them without affinity under the collation; of equal ones the
// first is kept. NULLs are not counted. Not thread-safe.
class FacetCounter {
 public:
  struct Entry {
    sqlite::Value value;
    int64_t count = 0;
  };

  // BINARY, NOCASE or RTRIM; what else is called BINARY.
  FacetCounter(const std::string& collation, size_t bytes_max);

  // False once there are more values than it keeps: kFacetValuesMax, or `bytes_max` of them.
  bool Add(const sqlite::ValueView& value);
  size_t distinct() const { return entries_.size(); }

  // The `count` values that come most often; among equally frequent ones the lower first.
  std::vector<Entry> Top(size_t count) const;

 private:
  // Its entry, which may be new.
  size_t PlaceOf(const sqlite::ValueView& value);
  size_t NewEntry(const sqlite::ValueView& value);

  enum class Collation { kBinary, kNoCase, kRightTrim };
  Collation collation_;
  size_t bytes_max_;
  std::vector<Entry> entries_;
  absl::flat_hash_map<int64_t, size_t> integers_;
  // Texts, blobs and other reals, with a letter for their kind before them.
  absl::flat_hash_map<std::string, size_t> others_;
  std::string key_;
  size_t bytes_ = 0;
};

}  // namespace sluice::engine
