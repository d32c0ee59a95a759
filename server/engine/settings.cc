#include "server/engine/settings.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace sluice::engine {
namespace {

// A reference to what is there, or to an empty one.
template <typename Map>
const typename Map::mapped_type& FindOrEmpty(const Map& map, const std::string& key) {
  static const auto* const empty = new typename Map::mapped_type();
  const auto found = map.find(key);
  return found == map.end() ? *empty : found->second;
}

}  // namespace

const StoredParameter* StoredQuery::FindParameter(absl::string_view parameter) const {
  const auto found =
      std::find_if(parameters.begin(), parameters.end(),
                   [&](const StoredParameter& each) { return each.name == parameter; });
  return found == parameters.end() ? nullptr : &*found;
}

Ceilings Ceilings::And(const Ceilings& other) const {
  return {.statement_time = std::min(statement_time, other.statement_time),
          .rows = std::min(rows, other.rows),
          .bytes = std::min(bytes, other.bytes),
          .stream_rows = std::min(stream_rows, other.stream_rows),
          .stream_bytes = std::min(stream_bytes, other.stream_bytes),
          .streams = std::min(streams, other.streams)};
}

Ceilings Settings::CeilingsFor(absl::string_view database, absl::string_view caller) const {
  return ceilings.And(Database(database).ceilings).And(FindOrEmpty(callers, std::string(caller)));
}

const DatabaseSettings& Settings::Database(absl::string_view name) const {
  return FindOrEmpty(databases, std::string(name));
}

const TableSettings& Settings::Table(absl::string_view database, absl::string_view table) const {
  return FindOrEmpty(Database(database).tables, absl::AsciiStrToLower(table));
}

}  // namespace sluice::engine
