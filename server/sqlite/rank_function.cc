#include "server/sqlite/rank_function.h"

#include <sqlite3.h>

#include <cstdint>
#include <cstring>
#include <vector>

namespace sluice::sqlite {
namespace {

void Rank(sqlite3_context* context, int /*count*/, sqlite3_value** arguments) {
  const void* const blob = sqlite3_value_blob(arguments[0]);
  const auto bytes = static_cast<size_t>(sqlite3_value_bytes(arguments[0]));
  std::vector<uint32_t> words(bytes / sizeof(uint32_t));
  if (blob == nullptr || words.size() < 2) return sqlite3_result_null(context);
  std::memcpy(words.data(), blob, words.size() * sizeof(uint32_t));
  // Phrases, columns, and for each pair the hits in this row, in all rows, and the rows with hits.
  const uint64_t pairs = uint64_t{words[0]} * words[1];
  if (words.size() - 2 < pairs * 3) return sqlite3_result_null(context);
  double score = 0;
  for (size_t i = 0; i < pairs; ++i) {
    const uint32_t here = words[2 + 3 * i];
    const uint32_t everywhere = words[3 + 3 * i];
    if (everywhere > 0) score += static_cast<double>(here) / everywhere;
  }
  sqlite3_result_double(context, -score);
}

}  // namespace

int AddRankFunction(sqlite3* db) {
  return sqlite3_create_function_v2(db, "sluice_rank", 1,
                                    SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, nullptr,
                                    &Rank, nullptr, nullptr, nullptr);
}

}  // namespace sluice::sqlite
