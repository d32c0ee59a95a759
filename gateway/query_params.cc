#include "gateway/query_params.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "gateway/percent.h"
#include "gateway/text_value.h"
#include "gateway/utf8.h"
#include "gateway/wire.h"
#include "server/base/error.h"
#include "server/base/status.h"

namespace sluice::gateway {
namespace {

// What a URL can hold anyway; bounds the work on hostile ones.
constexpr size_t kParametersMax = 1'000;
constexpr size_t kPathDepthMax = 32;

absl::Status Bad(absl::string_view key, absl::string_view what) {
  return WithField(Error(absl::StatusCode::kInvalidArgument, reason::kBadRequest,
                         absl::StrCat("query parameter \"", ReplaceInvalidUtf8(key), "\": ", what)),
                   ReplaceInvalidUtf8(key), what);
}

absl::Status BadQuery(absl::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kBadRequest, what);
}

// What browsers and links add to any address, for others to read.
bool IsDecoration(absl::string_view key) { return key == "_" || absl::StartsWith(key, "utm_"); }

class QueryReader {
 public:
  QueryReader(FieldTables* tables, const Route& route, const QueryOptions& options,
              std::string* out)
      : tables_(tables), route_(route), options_(options), out_(out) {}

  absl::Status Add(absl::string_view key, absl::string_view value) {
    if (key.empty()) return absl::OkStatus();
    absl::string_view dotted = key;
    absl::string_view map_key;
    bool keyed = false;
    if (const size_t bracket = key.find('[');
        bracket != absl::string_view::npos && absl::EndsWith(key, "]")) {
      dotted = key.substr(0, bracket);
      map_key = key.substr(bracket + 1, key.size() - bracket - 2);
      keyed = true;
    }
    // An element beyond the limit would be no field of any message we serve.
    const std::vector<absl::string_view> names =
        absl::StrSplit(dotted, absl::MaxSplits('.', kPathDepthMax));
    if (names.size() > kPathDepthMax) return Bad(key, "too deep");
    const FieldPath path = ResolveFieldPath(*route_.input, dotted);
    if (path.empty()) return Unknown(key, names);
    if (IsBound(path)) return absl::OkStatus();
    RETURN_IF_ERROR(MarkOneofs(key, path));
    if (path.back()->shape == FieldEntry::Shape::kMap) {
      return keyed ? AddMapEntry(key, path, map_key, value) : Bad(key, "a map takes key[...]");
    }
    if (keyed) return Bad(key, "not a map");
    return AddValue(key, path, value);
  }

 private:
  // Something on the way that is there but is no singular message is an error of its own.
  absl::Status Unknown(absl::string_view key, const std::vector<absl::string_view>& names) {
    const FieldEntry* first = route_.input->ByName(names.front());
    if (first != nullptr && names.size() > 1 &&
        (first->message == nullptr || first->shape != FieldEntry::Shape::kSingular)) {
      return Bad(key, absl::StrCat("\"", ReplaceInvalidUtf8(names.front()), "\" is not a message"));
    }
    return options_.strict && !IsDecoration(key) ? Bad(key, "no such field") : absl::OkStatus();
  }

  bool IsBound(const FieldPath& path) const {
    std::string dotted;
    for (const FieldEntry* field : path) {
      absl::StrAppend(&dotted, dotted.empty() ? "" : ".", field->descriptor->name());
      if (route_.bound.contains(dotted)) return true;
    }
    return false;
  }

  absl::Status MarkOneofs(absl::string_view key, const FieldPath& path) {
    std::string prefix;
    for (const FieldEntry* field : path) {
      if (field->oneof >= 0) {
        const std::string oneof = absl::StrCat(prefix, "#", field->oneof);
        const auto [place, added] = oneofs_.emplace(oneof, field);
        if (!added && place->second != field) {
          return Bad(key,
                     absl::StrCat("another member of the oneof ",
                                  field->descriptor->containing_oneof()->name(), " is given too"));
        }
      }
      absl::StrAppend(&prefix, field->number, ".");
    }
    return absl::OkStatus();
  }

  absl::Status AddMapEntry(absl::string_view key, const FieldPath& path, absl::string_view map_key,
                           absl::string_view value) {
    const FieldEntry& field = *path.back();
    std::string entry;
    if (!AppendTextMapKey(field.message->fields[0], map_key, &entry)) {
      return Bad(key, "malformed key");
    }
    if (const absl::Status status =
            AppendTextField(tables_, field.message->fields[1], value, options_.json, &entry);
        !status.ok()) {
      return Bad(key, status.message());
    }
    std::string bytes;
    AppendBytesField(field.number, entry, &bytes);
    AppendNested(path, std::move(bytes), out_);
    return absl::OkStatus();
  }

  absl::Status AddValue(absl::string_view key, const FieldPath& path, absl::string_view value) {
    std::string place;
    for (const FieldEntry* field : path) absl::StrAppend(&place, field->number, ".");
    if (path.back()->shape == FieldEntry::Shape::kSingular && !seen_.insert(place).second) {
      return Bad(key, "more than one value");
    }
    std::string field;
    if (const absl::Status status =
            AppendTextField(tables_, *path.back(), value, options_.json, &field);
        !status.ok()) {
      return Bad(key, status.message());
    }
    AppendNested(path, std::move(field), out_);
    return absl::OkStatus();
  }

  FieldTables* const tables_;
  const Route& route_;
  const QueryOptions options_;
  std::string* const out_;
  absl::flat_hash_set<std::string> seen_;
  absl::flat_hash_map<std::string, const FieldEntry*> oneofs_;
};

}  // namespace

absl::Status QueryToWire(FieldTables* tables, const Route& route, absl::string_view query,
                         const QueryOptions& options, std::string* out) {
  const bool whole = route.body == Route::Body::kWhole;
  if (query.empty() || (whole && !options.strict)) return absl::OkStatus();
  QueryReader reader(tables, route, options, out);
  size_t count = 0;
  std::string key;
  std::string value;
  for (const absl::string_view pair : absl::StrSplit(query, '&')) {
    if (++count > kParametersMax) return BadQuery("too many query parameters");
    const size_t equals = std::min(pair.find('='), pair.size());
    key.clear();
    value.clear();
    if (!QueryDecode(pair.substr(0, equals), &key) ||
        !QueryDecode(pair.substr(std::min(equals + 1, pair.size())), &value)) {
      return BadQuery("malformed percent-escape in the query");
    }
    if (!whole) {
      RETURN_IF_ERROR(reader.Add(key, value));
    } else if (!key.empty() && !IsDecoration(key)) {
      return Bad(key, "this request takes everything from its body");
    }
  }
  return absl::OkStatus();
}

}  // namespace sluice::gateway
