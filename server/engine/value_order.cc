#include "server/engine/value_order.h"

#include <cmath>

namespace sluice::engine {
namespace {

using sqlite::StorageClass;
using sqlite::ValueView;

int RankOf(StorageClass type) {
  switch (type) {
    case StorageClass::kNull:
      return 0;
    case StorageClass::kInteger:
    case StorageClass::kReal:
      return 1;
    case StorageClass::kText:
      return 2;
    case StorageClass::kBlob:
      return 3;
  }
  return 0;
}

template <typename T>
int Sign(T a, T b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

// Exact: a double cannot hold every integer.
int CompareIntegerWithReal(int64_t integer, double real) {
  if (real < -9223372036854775808.0) return 1;
  if (real >= 9223372036854775808.0) return -1;
  const auto whole = static_cast<int64_t>(real);
  if (integer != whole) return Sign(integer, whole);
  return Sign(0.0, real - std::trunc(real));
}

int CompareNumbers(const ValueView& a, const ValueView& b) {
  if (a.type == StorageClass::kInteger && b.type == StorageClass::kInteger) {
    return Sign(a.integer, b.integer);
  }
  if (a.type == StorageClass::kInteger) return CompareIntegerWithReal(a.integer, b.real);
  if (b.type == StorageClass::kInteger) return -CompareIntegerWithReal(b.integer, a.real);
  return Sign(a.real, b.real);
}

}  // namespace

int CompareValues(const ValueView& a, const ValueView& b) {
  const int rank = RankOf(a.type);
  if (rank != RankOf(b.type)) return Sign(rank, RankOf(b.type));
  if (rank == 0) return 0;
  return rank == 1 ? CompareNumbers(a, b) : Sign(a.bytes.compare(b.bytes), 0);
}

}  // namespace sluice::engine
