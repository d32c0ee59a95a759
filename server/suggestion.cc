#include "server/suggestion.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace sluice {
namespace {

// Letters to change, at most.
constexpr size_t kDistanceMax = 3;

// Letters to change to turn one word into the other.
size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row.back();
}

}  // namespace

std::string Suggestion(absl::string_view name, const std::vector<absl::string_view>& known) {
  absl::string_view closest;
  size_t distance = kDistanceMax + 1;
  for (const absl::string_view candidate : known) {
    const size_t its = EditDistance(name, candidate);
    if (its >= distance) continue;
    closest = candidate;
    distance = its;
  }
  return closest.empty() ? "" : absl::StrCat("; did you mean ", closest, "?");
}

}  // namespace sluice
